"""Nothing that was scored is asked for again, a writer's death included."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pipelines.publishing.ledger import Ledger
from pipelines.teaching.config import BiEncoderConfig, CrossEncoderConfig, JudgeConfig
from pipelines.teaching.plan import TeacherPlan, named_encoder, plan_teacher
from pipelines.teaching.policy import Policy
from pipelines.teaching.scoring import Scorer, account_for, ledger_folder
from pipelines.teaching.teacher import Pair, pair_hash
from schemas.errors import ArtifactError, ConfigError, QualityGateError
from tests.chat_server import chat_server, completion
from tests.conftest import PROJECT

PAIRS = [Pair(f"baker {number}", "bread") for number in range(30)]
CONCURRENCY = 3
KILLED = """
import sys
from pathlib import Path
from tests.kernels.test_teaching_scoring import PAIRS, plan_of
from pipelines.publishing.ledger import Ledger
from pipelines.teaching.scoring import Scorer
with Ledger(Path(sys.argv[2])) as ledger:
    Scorer(plan_of(sys.argv[1]), ledger, "run").score(PAIRS)
"""


def plan_of(url, **more):
    settings = {"max_requests": 1000, "requests_per_minute": 60_000, "concurrency": CONCURRENCY} | more
    return TeacherPlan(JudgeConfig(kind="judge", endpoint=url, model="m", **settings), Policy("1-0", "Policy."))


def score(url, folder, pairs=PAIRS, run_id="run", **more):
    with Ledger(folder) as ledger:
        return Scorer(plan_of(url, **more), ledger, run_id).score(pairs)


def texts_asked(server):
    return [body["messages"][-1]["content"] for body in server.asked]


def test_a_run_killed_in_the_middle_pays_only_for_the_rest_when_it_starts_again(tmp_path):
    def answer(*_):
        time.sleep(0.05)
        return completion("3")

    with chat_server(answer) as server:
        command = [sys.executable, "-c", KILLED, server.url, str(tmp_path)]
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)})
        while len(server.asked) < 12 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        paid_before = len(server.asked)
        outcomes = score(server.url, tmp_path)
        assert {one.outcome for one in outcomes} == {"scored"}
        assert 12 <= paid_before < 30
        assert len(server.asked) <= len(PAIRS) + CONCURRENCY
        assert set(Counter(texts_asked(server)).values()) <= {1, 2}
        paid = len(server.asked)
        assert score(server.url, tmp_path) == outcomes
        assert len(server.asked) == paid


def test_pairs_of_equal_texts_are_asked_for_once_and_all_get_the_score(tmp_path):
    with chat_server(lambda *_: completion("2")) as server:
        outcomes = score(server.url, tmp_path, [PAIRS[0], PAIRS[1], PAIRS[0]])
    assert [one.grade for one in outcomes] == [2, 2, 2]
    assert len(server.asked) == 2


def test_a_budget_lasts_over_restarts_of_a_run_and_what_is_left_is_counted(tmp_path):
    with chat_server(lambda *_: completion("1")) as server:
        first = score(server.url, tmp_path, max_requests=10)
        again = score(server.url, tmp_path, max_requests=10)
        assert Counter(one.outcome for one in first) == {"scored": 10, "left": 20}
        assert again == first
        assert len(server.asked) == 10
        later = score(server.url, tmp_path, run_id="tomorrow", max_requests=15)
    assert Counter(one.outcome for one in later) == {"scored": 25, "left": 5}
    assert {one.reason for one in later if one.outcome == "left"} == {"max_requests (15) is used up"}


def test_a_failure_keeps_what_is_scored_and_asks_nothing_more(tmp_path):
    with chat_server(lambda number, _: completion("1") if number <= 9 else (401, {}, b"")) as server:
        with Ledger(tmp_path) as ledger:
            scorer = Scorer(plan_of(server.url, concurrency=1), ledger, "run")
            outcomes = [one for start in (0, 15) for one in scorer.score(PAIRS[start : start + 15])]
        assert Counter(one.outcome for one in outcomes) == {"scored": 9, "failed": 21}
        assert len(server.asked) == 10
    counts = Counter((one.outcome, one.reason) for one in outcomes)
    with pytest.raises(ArtifactError, match=r"9 scored; 21 failed: .*says 401; check api_key; what is scored is kept"):
        account_for(counts, max_malformed_share=1.0)


def test_refused_pairs_are_paid_for_asked_again_by_the_next_run_and_too_many_of_them_close_the_gate(tmp_path):
    with chat_server(lambda *_: completion("nonsense")) as server:
        refused = score(server.url, tmp_path, PAIRS[:2], malformed_retries=0)
        score(server.url, tmp_path, PAIRS[:2], malformed_retries=0, max_requests=3)
        assert len(server.asked) == 3
    assert {(one.outcome, one.reason) for one in refused} == {("refused", "malformed answer")}
    counts = Counter({("scored", ""): 95, ("refused", "malformed answer"): 5})
    assert account_for(counts, max_malformed_share=0.05) == "95 scored; 5 refused: malformed answer"
    counts["refused", "malformed answer"] = 6
    with pytest.raises(QualityGateError, match="at most 5% of answers may be refused"):
        account_for(counts, max_malformed_share=0.05)


def test_a_line_that_a_killed_writer_tore_is_none_and_any_other_damage_is_told(tmp_path):
    line = {"pair_hash": pair_hash(PAIRS[0]), "grade": 4, "score": 1.0, "run_id": "r"}
    cost = {"requests": 1, "input_tokens": 0, "output_tokens": 0}
    for _ in range(2):
        with Ledger(tmp_path) as ledger:
            ledger.append([line | cost])
    first, second = sorted(tmp_path.glob("*.jsonl"))
    first.write_text(first.read_text() + json.dumps(line)[:40])
    assert len(list(Ledger(tmp_path).lines())) == 2
    second.write_text("{half\n" + second.read_text())
    with pytest.raises(ArtifactError, match=f"{second.name}, line 1, is damaged"):
        list(Ledger(tmp_path).lines())


def test_teachers_and_policies_do_not_share_a_folder():
    folders = {ledger_folder(Path("var"), *who) for who in [("a", ""), ("a", "1-0"), ("a", "2-0"), ("b", "1-0")]}
    assert len(folders) == 4


def test_a_teacher_is_named_by_its_section_and_a_student_learns_from_a_bi_encoder_only(tmp_path):
    teachers = {
        "cross": CrossEncoderConfig(kind="cross_encoder", model="m"),
        "small": BiEncoderConfig(kind="bi_encoder", model="package:other"),
    }
    with pytest.raises(ConfigError, match=r"no \[teachers.absent\] in the configuration; there are: cross, small"):
        plan_teacher("absent", teachers, tmp_path)
    with pytest.raises(ConfigError, match=r"teachers\.cross is a cross_encoder"):
        named_encoder("cross", teachers)
    for name in ("small", "package:other"):
        with pytest.raises(ArtifactError, match="no teacher package:other"):
            named_encoder(name, teachers)
