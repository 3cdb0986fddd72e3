"""What counts as right: views of open postings, and postings of the member's own or a related occupation."""

from pipelines.evaluation.stage import (
    RIGHT,
    SLICES,
    occupation_gains,
    occupation_key,
    published_lists,
    truth_queries,
    views_key,
)
from schemas import columns as c
from schemas import interactions
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED
from tests.rows import frame


def keyed(rows):
    return {row[c.MEMBER_ID]: set(row[RIGHT]) for row in rows.collect()}


def open_postings(spark, *ids):
    return frame(spark, POSTINGS.schema, *({"posting_id": posting} for posting in ids))


def members(spark, *ids):
    return frame(spark, MEMBERS.schema, *({"member_id": member} for member in ids))


def test_a_view_of_a_duplicate_counts_for_the_posting_that_stands_for_it_and_other_kinds_do_not_count(spark):
    done = [
        ("m", "p1", "viewed", None),
        ("m", "p2-copy", "viewed", None),
        ("m", "p3", "applied", None),
        ("m", "closed", "viewed", None),
        ("stranger", "p1", "viewed", None),
    ]
    rejected = frame(spark, POSTINGS_REJECTED.schema, {"source_row": "p2-copy", "duplicate_of": "p2"})
    key = views_key(
        members(spark, "m", "idle"),
        spark.createDataFrame(done, interactions.SOURCE),
        open_postings(spark, "p1", "p2", "p3"),
        rejected,
    )
    assert keyed(key) == {"m": {"p1", "p2"}}


def test_own_and_related_occupations_are_right_and_an_id_that_the_feed_repeats_counts_once(spark):
    member_truth = spark.createDataFrame(
        [("m", "nurse", ["midwife"]), ("m", "nurse", ["midwife"])],
        "member_id string, occupation string, related array<string>",
    )
    posting_truth = spark.createDataFrame(
        [("p1", "nurse"), ("p2", "midwife"), ("p3", "baker"), ("gone", "nurse")], "posting_id string, occupation string"
    )
    key = occupation_key(members(spark, "m"), member_truth, open_postings(spark, "p1", "p2", "p3"), posting_truth)
    assert keyed(key) == {"m": {"p1", "p2"}}


def test_a_list_holds_the_first_k_in_the_order_of_their_ranks(spark):
    ranked = [{"member_id": "m", "posting_id": f"p{rank}", "rank": rank} for rank in (3, 1, 2)]
    lists = published_lists(frame(spark, RECOMMENDATIONS.schema, *ranked), members(spark, "m"), k=2)
    assert [(row[c.MEMBER_ID], row["list"]) for row in lists.collect()] == [("m", ["p1", "p2"])]


def test_the_own_occupation_gains_2_and_a_related_one_1(spark):
    member_truth = spark.createDataFrame(
        [("m", "nurse", ["midwife", "nurse"])], "member_id string, occupation string, related array<string>"
    )
    posting_truth = spark.createDataFrame(
        [("p1", "nurse"), ("p2", "midwife"), ("p3", "baker")], "posting_id string, occupation string"
    )
    gains = occupation_gains(members(spark, "m"), member_truth, open_postings(spark, "p1", "p2", "p3"), posting_truth)
    assert {tuple(row) for row in gains.collect()} == {("m", "p1", 2.0), ("m", "p2", 1.0)}


def test_a_member_is_in_the_slice_of_its_seniority_and_without_positions_among_the_cold(spark):
    position = {"title": "baker", "company": None, "description": None, "started_on": None, "ended_on": None}
    rows = frame(
        spark,
        MEMBERS.schema,
        {"member_id": "warm", "seniority": "senior", "experiences": [position]},
        {"member_id": "cold", "seniority": None, "experiences": []},
        {"member_id": "unknown", "seniority": None, "experiences": None},
    )
    found = {row[c.MEMBER_ID]: row[SLICES] for row in truth_queries(rows).collect()}
    cold = ["seniority unknown", "no experience"]
    assert found == {"warm": ["seniority senior"], "cold": cold, "unknown": cold}
