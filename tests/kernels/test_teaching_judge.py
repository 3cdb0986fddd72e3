"""The judge against a real HTTP server that misbehaves as endpoints do."""

import math
import time
from pathlib import Path

import pytest

from pipelines.teaching.config import JudgeConfig
from pipelines.teaching.judge import Judge
from pipelines.teaching.policy import Policy, read_policy
from pipelines.teaching.teacher import NOTHING_PAID, BudgetSpent, Cost, Pair
from schemas.errors import ArtifactError, ConfigError
from tests.chat_server import chat_server, completion
from tests.conftest import PROJECT

POLICY = Policy("1-00000000", "Grade what the work is.")
PAIRS = [Pair(f"baker {number}", f"bread {number}") for number in range(20)]


def judge(server, spent=NOTHING_PAID, **more):
    settings = {"max_requests": 100, "first_wait_seconds": 0.01, "requests_per_minute": 60_000, "model": "m"} | more
    return Judge(JudgeConfig(kind="judge", endpoint=server.url, **settings), POLICY, spent)


def verdicts(teacher, pairs):
    return sorted((one for group in teacher.score(pairs) for one in group), key=lambda one: one.place)


def asked_number(body):
    """The number that the pair of a request carries."""
    return int(body["messages"][-1]["content"].split("baker ")[1].split("\n")[0])


def test_every_pair_gets_the_grade_of_its_own_answer_though_answers_come_in_any_order():
    def answer(_, body):
        number = asked_number(body)
        time.sleep(0.002 * (20 - number))
        return completion(str(number % 5))

    with chat_server(answer) as server:
        found = verdicts(judge(server, concurrency=3), PAIRS)
    assert [(one.place, one.grade, one.score) for one in found] == [(n, n % 5, n % 5 / 4) for n in range(20)]
    assert {one.cost for one in found} == {Cost(1, 100, 1)}
    assert server.most_together == 3


def test_the_prompt_holds_policy_and_both_texts_between_markers_that_their_authors_cannot_know():
    with chat_server(lambda *_: completion("3")) as server:
        verdicts(
            judge(server, api_key="secret", max_text_chars=8), [Pair("baker of pies", "bread"), Pair("x", "bread")]
        )
    bodies = sorted(server.asked, key=lambda body: -len(body["messages"][-1]["content"]))
    system, *_, question = (message["content"] for message in bodies[0]["messages"])
    marker = question.split("[member ")[1].split("]")[0]
    assert system.endswith(POLICY.text)
    assert f"[member {marker}]\nbaker of\n[end of member {marker}]\n[posting {marker}]\nbread\n[end of" in question
    assert marker not in bodies[1]["messages"][-1]["content"]
    assert (bodies[0]["path"], bodies[0]["temperature"]) == ("/v1/chat/completions", 0)
    assert server.headers[0]["Authorization"] == "Bearer secret"


def test_with_logprobs_the_score_is_the_expected_grade():
    tops = [("2", 0.2), (" 3", 0.5), ("4", 0.1), ("banana", 0.2)]
    step = {"token": "3", "logprob": 0, "top_logprobs": [{"token": t, "logprob": math.log(p)} for t, p in tops]}
    with chat_server(lambda *_: completion("3", {"content": [step]})) as server:
        [one] = verdicts(judge(server), PAIRS[:1])
    assert one.grade == 3
    assert one.score == pytest.approx((2 * 0.2 + 3 * 0.5 + 4 * 0.1) / 0.8 / 4)


@pytest.mark.parametrize("content", ["5", "", "3 or 4", "I would say 3", "-1", "33", "three", None])
def test_an_answer_that_is_no_grade_is_asked_for_once_more_and_then_refused(content):
    with chat_server(lambda *_: completion(content)) as server:
        [one] = verdicts(judge(server), PAIRS[:1])
    assert (one.score, one.grade, one.refusal) == (None, None, "malformed answer")
    assert one.cost == Cost(2, 200, 2)


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"{}", b'{"choices": []}', b'{"choices": [{"message": {}}]}', b"[1]"]
)
def test_a_reply_without_its_fields_is_refused(body):
    with chat_server(lambda *_: (200, {}, body)) as server:
        [one] = verdicts(judge(server, malformed_retries=0), PAIRS[:1])
    assert (one.score, one.refusal) == (None, "malformed answer")


@pytest.mark.parametrize("content", ["3", " 3\n", "3.", "Grade: 3", "grade 3"])
def test_a_grade_is_read_however_it_is_dressed(content):
    with chat_server(lambda *_: completion(content)) as server:
        assert verdicts(judge(server), PAIRS[:1])[0].grade == 3


@pytest.mark.parametrize(
    "broken", [(429, {}, b""), (503, {}, b""), (500, {}, b"x"), (0, {}, b"")], ids=["429", "503", "500", "hang up"]
)
def test_a_busy_or_broken_endpoint_is_asked_again(broken):
    with chat_server(lambda number, _: broken if number < 3 else completion("2")) as server:
        [one] = verdicts(judge(server), PAIRS[:1])
    assert (one.grade, len(server.asked)) == (2, 3)


def test_a_silent_endpoint_is_asked_again():
    def answer(number, _):
        time.sleep(0.5 if number == 1 else 0)
        return completion("2")

    with chat_server(answer) as server:
        [one] = verdicts(judge(server, timeout_seconds=0.1), PAIRS[:1])
    assert (one.grade, len(server.asked)) == (2, 2)


def test_retry_after_is_waited_for():
    with chat_server(lambda number, _: (429, {"Retry-After": "1"}, b"") if number == 1 else completion("2")) as server:
        verdicts(judge(server), PAIRS[:1])
    assert 1 <= server.at[1] - server.at[0] < 3


def test_an_endpoint_that_asks_for_a_longer_wait_than_allowed_ends_the_run():
    with chat_server(lambda *_: (429, {"Retry-After": "3600"}, b"")) as server:
        with pytest.raises(ArtifactError, match="asks to wait 3600 s"):
            verdicts(judge(server), PAIRS[:1])
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "hint"), [(401, "check api_key"), (404, "check endpoint and model")])
def test_a_wrong_key_or_address_ends_the_run_at_once(status, hint):
    with chat_server(lambda *_: (status, {}, b"")) as server:
        with pytest.raises(ArtifactError, match=f"says {status}; {hint}"):
            verdicts(judge(server, concurrency=2), PAIRS)
    assert len(server.asked) <= 2


def test_answers_under_way_when_the_endpoint_fails_are_kept():
    def answer(_, body):
        time.sleep(0.2 if asked_number(body) == 0 else 0)
        return completion("4") if asked_number(body) == 0 else (401, {}, b"")

    kept = []
    with chat_server(answer) as server, pytest.raises(ArtifactError):
        for group in judge(server, concurrency=2).score(PAIRS):
            kept += group
    assert [(one.place, one.grade) for one in kept] == [(0, 4)]


def test_an_endpoint_that_stays_broken_ends_the_run_after_its_attempts():
    with chat_server(lambda *_: (503, {}, b"")) as server:
        with pytest.raises(ArtifactError, match="says 503 after 4 attempts"):
            verdicts(judge(server, attempts=4), PAIRS[:1])
    assert len(server.asked) == 4


def test_a_request_that_the_endpoint_does_not_take_is_one_refusal():
    with chat_server(lambda _, body: (400, {}, b"") if asked_number(body) == 1 else completion("1")) as server:
        found = verdicts(judge(server), PAIRS[:3])
    assert [(one.grade, one.refusal) for one in found] == [(1, ""), (None, "http 400"), (1, "")]


def test_no_request_is_sent_past_max_requests_those_before_a_crash_and_retries_included():
    kept = []
    with chat_server(lambda number, _: (503, {}, b"") if number == 1 else completion("1")) as server:
        with pytest.raises(BudgetSpent, match=r"max_requests \(9\) is used up"):
            for group in judge(server, spent=Cost(3), max_requests=9).score(PAIRS):
                kept += group
    assert len(server.asked) == 6
    assert len(kept) == 5


def test_no_request_is_sent_that_could_pass_max_cost():
    """An answer costs 100 x 20 + 1 x 1000 = 3000 per million; four are 0.012, and a fifth would pass 0.014."""
    settings = {"max_cost": 0.014, "input_price": 20.0, "output_price": 1000.0, "concurrency": 1}
    with chat_server(lambda *_: completion("1")) as server:
        with pytest.raises(BudgetSpent, match=r"max_cost \(0.014\) is used up; 0.0120 was paid"):
            verdicts(judge(server, **settings), PAIRS)
    assert len(server.asked) == 4


def test_money_cannot_be_counted_without_usage():
    with chat_server(lambda *_: completion("1", usage=None)) as server:
        with pytest.raises(ArtifactError, match="reports no usage"):
            verdicts(judge(server, max_cost=1.0, input_price=1.0), PAIRS[:1])


def test_requests_keep_the_configured_pace():
    with chat_server(lambda *_: completion("1")) as server:
        verdicts(judge(server, requests_per_minute=1200, concurrency=8), PAIRS[:7])
    assert server.at[-1] - server.at[0] >= 6 * 0.05 - 0.02


def test_another_model_or_prompt_is_another_teacher_and_another_budget_is_not():
    with chat_server(lambda *_: completion("1")) as server:
        first, other, same = (judge(server, **more) for more in ({}, {"max_text_chars": 9}, {"max_requests": 7}))
    assert first.teacher_id == same.teacher_id != other.teacher_id


def test_a_changed_word_is_another_policy_and_a_policy_without_a_version_is_refused(tmp_path):
    shipped = read_policy(PROJECT / "conf" / "policy" / "relevance.md")
    number, digest = shipped.version.split("-")
    assert number.isdigit() and len(digest) == 8 and shipped.text.startswith("# Relevance policy")
    (tmp_path / "a.md").write_text("version: 1\nA word.")
    (tmp_path / "b.md").write_text("version: 1\nA worm.")
    assert read_policy(tmp_path / "a.md").version != read_policy(tmp_path / "b.md").version
    (tmp_path / "c.md").write_text("A word.")
    for path in (tmp_path / "c.md", Path("nowhere.md")):
        with pytest.raises(ConfigError, match="policy"):
            read_policy(path)
