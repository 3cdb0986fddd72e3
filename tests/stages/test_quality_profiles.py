"""What is kept of a night's frames for later nights."""

import datetime

import pytest
from pyspark.sql import types as T

from pipelines.quality.stage import embedded_rows, ingested_rows, interaction_days, kept_lists, measure
from schemas import comparisons, suites
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.ingest_suites import INGESTED_MEMBERS, INGESTED_POSTINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from tests.rows import NIGHT, frame


def profile(rows, suite):
    [measured] = measure(rows, suite).collect()
    [one] = suite.profiles
    return measured[f"rows_of_{one.name}"], list(measured[f"values_of_{one.name}"])


def ago(days):
    return NIGHT.run_date - datetime.timedelta(days=days)


def test_of_postings_the_accepted_are_counted_and_the_newest_is_dated(spark):
    accepted = frame(
        spark, POSTINGS.schema, *({"posting_id": f"p{days}", "posted_on": ago(days)} for days in (9, 4, 30, -1))
    )
    refused = frame(spark, POSTINGS_REJECTED.schema, {"source_row": "p0", "reasons": ["expired"]})
    assert profile(ingested_rows(accepted, refused, night=NIGHT), INGESTED_POSTINGS) == (4, [4.0])


def test_postings_without_dates_have_no_newest(spark):
    accepted = frame(spark, POSTINGS.schema, {"posting_id": "p1"})
    refused = frame(spark, POSTINGS_REJECTED.schema)
    assert profile(ingested_rows(accepted, refused, night=NIGHT), INGESTED_POSTINGS) == (1, [])


def test_of_members_the_accepted_are_counted(spark):
    accepted = frame(spark, MEMBERS.schema, {"member_id": "m1"}, {"member_id": "m2"})
    refused = frame(spark, MEMBERS_REJECTED.schema, {"source_row": "m3", "reasons": ["opted_out"]})
    assert profile(ingested_rows(accepted, refused, night=NIGHT), INGESTED_MEMBERS) == (2, [])


@pytest.mark.parametrize("kind", [T.StringType(), T.TimestampType(), T.DateType()])
def test_interactions_are_as_fresh_as_the_newest_that_is_not_yet_to_come(spark, kind):
    days = ["2026-10-28 09:00:00", "2026-10-20 10:00:00", "2027-01-01 00:00:00"]
    rows = spark.createDataFrame([(day,) for day in days], "occurred_at string")
    rows = rows.select(rows.occurred_at.cast(kind).alias("occurred_at"))
    assert profile(interaction_days(rows, night=NIGHT), comparisons.INTERACTED) == (3, [5.0])


def test_interactions_whose_times_nobody_can_read_have_no_newest(spark):
    rows = spark.createDataFrame([("soon",), (None,)], "occurred_at string")
    assert profile(interaction_days(rows, night=NIGHT), comparisons.INTERACTED) == (2, [])


def vectors(spark, *rows):
    texts = frame(spark, POSTINGS.schema, *({"posting_id": one, "content_hash": one} for one, _ in rows))
    given = ({"student_id": "s", "content_hash": one, "vector": vector} for one, vector in rows)
    return texts, frame(spark, POSTING_EMBEDDINGS.schema, *given)


def test_of_vectors_the_mean_is_kept_of_those_that_are_as_they_must_be(spark):
    texts, embeddings = vectors(
        spark, ("a", [1.0, 0.0]), ("b", [0.0, 1.0]), ("c", [float("nan"), 1.0]), ("d", [1.0]), ("e", [None, 1.0])
    )
    rows = embedded_rows(texts.where("posting_id <> 'x'"), embeddings, student_id="s", dimension=2, one_in=1)
    assert profile(rows, suites.EMBEDDED_POSTINGS) == (2, [0.5, 0.5])


def test_vectors_of_texts_that_the_night_has_not_count_for_nothing(spark):
    texts, embeddings = vectors(spark, ("a", [1.0, 0.0]), ("b", [0.0, 1.0]))
    rows = embedded_rows(texts.where("posting_id = 'a'"), embeddings, student_id="s", dimension=2, one_in=1)
    assert profile(rows, suites.EMBEDDED_POSTINGS) == (1, [1.0, 0.0])


def test_of_many_texts_some_are_drawn_and_all_are_judged(spark):
    texts, embeddings = vectors(spark, *((f"t{one}", [1.0, 0.0]) for one in range(300)))
    rows = embedded_rows(texts, embeddings, student_id="s", dimension=2, one_in=3)
    drawn, mean = profile(rows, suites.EMBEDDED_POSTINGS)
    assert 70 < drawn < 130 and mean == [1.0, 0.0]
    assert rows.where("length = 1").count() == 300


def test_scores_are_counted_in_twentieths_and_the_last_one_holds_1(spark):
    scores = (0.0, 0.049, 0.05, 0.999, 1.0)
    rows = frame(spark, RECOMMENDATIONS.schema, *({"member_id": "m", "score": one} for one in scores))
    assert profile(rows, comparisons.SCORED) == (5, [2.0, 1.0, *[0.0] * 17, 2.0])


def test_lists_are_compared_of_members_who_have_one_in_both_nights(spark):
    def lists(**members):
        rows = ({"member_id": who, "posting_id": one} for who, listed in members.items() for one in listed)
        return frame(spark, RECOMMENDATIONS.schema, *rows)

    kept = kept_lists(lists(a="123", b="45", c="6"), lists(a="1289", b="67", d="6"), one_in=1)
    assert {tuple(row) for row in kept.collect()} == {("a", 4, 2), ("b", 2, 0)}


def test_one_member_in_so_many_is_drawn_and_the_same_in_both_nights(spark):
    rows = frame(spark, RECOMMENDATIONS.schema, *({"member_id": f"m{one}", "posting_id": "p"} for one in range(300)))
    assert 70 < kept_lists(rows, rows, one_in=3).count() < 130
