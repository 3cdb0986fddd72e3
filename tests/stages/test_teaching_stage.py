"""Which pairs a teacher sees, and what becomes of them on Spark."""

import hashlib
from collections import Counter

import pytest

from pipelines.publishing.ledger import Ledger
from pipelines.teaching.config import JudgeConfig, TeachingConfig
from pipelines.teaching.plan import TeacherPlan
from pipelines.teaching.policy import Policy
from pipelines.teaching.stage import (
    choose_pairs,
    latest_figures,
    score_pairs,
    score_rows,
    scores_of,
    shared_pairs,
    with_texts,
    without_scored,
)
from pipelines.teaching.teacher import Pair, pair_hash
from schemas import columns as c
from schemas import interactions
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.operations import EVALUATION
from schemas.postings import POSTINGS
from schemas.teacher_scores import TEACHER_SCORES
from tests.chat_server import chat_server, completion
from tests.rows import NIGHT, frame

CONFIG = TeachingConfig(
    near_misses=6, hard_negatives=4, hard_negative_ranks=[4, 6], random=5, interactions=3,
    scoring_tasks=3, grade_bounds=[0.2, 0.4, 0.6, 0.8], min_kappa=0.4,
)  # fmt: skip
MEMBER_IDS = [f"m{number}" for number in range(8)]


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def matches(spark):
    """Every member's posting p<rank>, the nearest first, of ten."""
    rows = [
        {"member_id": member, "posting_id": f"p{rank}", "similarity": 1 - rank / 10}
        for member in MEMBER_IDS
        for rank in range(1, 11)
    ]
    return frame(spark, MATCHES.schema, *rows)


def entities(spark, schema, key, texts):
    rows = [{key: one, "text": text, "content_hash": text and sha(text)} for one, text in texts.items()]
    return frame(spark, schema, *rows)


def chosen(pairs):
    return [(row[c.ORIGIN], row[c.MEMBER_ID], row[c.POSTING_ID]) for row in pairs.collect()]


def test_near_misses_are_the_first_ranks_hard_negatives_a_band_below_and_random_pairs_of_anybody(spark, matches):
    done = spark.createDataFrame(
        [("m1", "p9", "viewed", None), ("m1", "p9", "applied", None), ("stranger", "p1", "viewed", None)],
        interactions.SOURCE,
    )
    pairs = chosen(choose_pairs(matches, done, near_ranks=2, config=CONFIG))
    assert Counter(origin for origin, _, _ in pairs) == {
        "near_miss": 6, "hard_negative": 4, "random": 5, "interaction": 1
    }  # fmt: skip
    ranks = {origin: {int(posting[1:]) for one, _, posting in pairs if one == origin} for origin, _, _ in pairs}
    assert ranks["near_miss"] <= {1, 2}
    assert ranks["hard_negative"] <= {4, 5, 6}
    assert ("interaction", "m1", "p9") in pairs
    assert len({member for origin, member, _ in pairs if origin == "random"}) == 5
    assert len({posting for origin, _, posting in pairs if origin == "random"}) == 5


def test_hashes_choose_the_same_pairs_whatever_the_layout_and_without_interactions_too(matches):
    layouts = [matches.repartition(5, c.POSTING_ID), matches.coalesce(1)]
    first, again = (sorted(chosen(choose_pairs(rows, None, near_ranks=2, config=CONFIG))) for rows in layouts)
    assert first == again
    assert len(first) == 15


def test_texts_are_joined_equal_texts_count_once_under_their_first_origin_and_those_without_text_are_left_out(spark):
    members = entities(spark, MEMBERS.schema, "member_id", {"m1": "baker", "m2": "baker", "m3": None})
    postings = entities(spark, POSTINGS.schema, "posting_id", {"p1": "bread"})
    pairs = spark.createDataFrame(
        [("m1", "p1", "random"), ("m2", "p1", "near_miss"), ("m3", "p1", "random"), ("m1", "gone", "random")],
        "member_id string, posting_id string, origin string",
    )
    [row] = with_texts(pairs, members, postings).collect()
    assert row.asDict() == {
        "pair_hash": pair_hash(Pair("baker", "bread")), "left_hash": sha("baker"), "right_hash": sha("bread"),
        "left_text": "baker", "right_text": "bread", "origin": "near_miss",
    }  # fmt: skip


def texts(spark, count):
    pairs = [Pair(f"baker {number}", "bread") for number in range(count)]
    rows = [(pair_hash(pair), sha(pair.left), sha(pair.right), *pair, "random") for pair in pairs]
    return spark.createDataFrame(rows, list(TEACHER_SCORES.columns[2:8]))


def test_scored_pairs_are_rows_of_the_table_and_refused_ones_are_not_and_nothing_is_asked_twice(spark, tmp_path):
    def answer(_, body):
        number = int(body["messages"][-1]["content"].split("baker ")[1].split("\n")[0])
        return completion("nonsense" if number == 0 else str(number % 5))

    with chat_server(answer) as server:
        judge = JudgeConfig(
            kind="judge", endpoint=server.url, model="m", max_requests=99, malformed_retries=0,
            requests_per_minute=60_000,
        )  # fmt: skip
        plan = TeacherPlan(judge, Policy("1-0", "Policy."))
        for tried in range(2):
            outcomes = score_pairs(texts(spark, 12), plan=plan, ledger=tmp_path, night=NIGHT, config=CONFIG)
            rows = score_rows(outcomes, teacher_id="t", policy_version="1-0", night=NIGHT)
            TEACHER_SCORES.check(rows.schema)
            found = {row[c.LEFT_TEXT]: (row[c.GRADE], row[c.SCORE], row[c.RUN_ID]) for row in rows.collect()}
            assert found == {f"baker {n}": (n % 5, n % 5 / 4, "run") for n in range(1, 12)}
            assert len(server.asked) == 12 + tried
    assert len(list(Ledger(tmp_path).lines())) == 13


def test_only_pairs_of_the_same_teacher_and_policy_count_as_scored(spark):
    known = [("t", "1-0", 0), ("t", "0-0", 1), ("other", "1-0", 2)]
    rows = [
        {"teacher_id": who, "policy_version": policy, "pair_hash": pair_hash(Pair(f"baker {number}", "bread"))}
        for who, policy, number in known
    ]
    scores = scores_of(frame(spark, TEACHER_SCORES.schema, *rows), teacher_id="t", policy_version="1-0")
    left = without_scored(texts(spark, 4), scores).collect()
    assert sorted(row[c.LEFT_TEXT] for row in left) == ["baker 1", "baker 2", "baker 3"]


def test_two_teachers_are_compared_on_the_pairs_of_both(spark):
    ours = frame(spark, TEACHER_SCORES.schema, {"pair_hash": "a", "score": 0.9}, {"pair_hash": "b", "score": 0.1})
    theirs = frame(spark, TEACHER_SCORES.schema, {"pair_hash": "a", "grade": 3, "score": 0.7})
    [row] = shared_pairs(ours, theirs).collect()
    assert (row[c.SCORE], row["other_grade"], row["other_score"]) == (0.9, 3, 0.7)


def test_the_last_run_that_measured_a_figure_counts(spark):
    rows = [
        {"method": "t", "name": "kappa", "value": 0.1, "run_id": "a"},
        {"method": "t", "name": "kappa", "value": 0.3, "run_id": "b"},
        {"method": "t", "name": "pairs", "value": 7.0, "run_id": "a"},
        {"method": "u", "name": "kappa", "value": 0.9, "run_id": "c"},
    ]
    found = latest_figures(frame(spark, EVALUATION.schema, *rows), method="t").collect()
    assert {row[c.NAME]: row[c.VALUE] for row in found} == {"kappa": 0.3, "pairs": 7.0}
