"""What a night could know, what came after it, and the groups that members are in."""

import datetime

import numpy as np

from pipelines.evaluation.history import (
    EXPOSURES,
    POSTINGS_SHOWN,
    after,
    exposure_counts,
    history_slices,
    like_counts,
    logged_places,
    posting_vectors,
    up_to,
)
from pipelines.evaluation.stage import SLICES, liked_pairs
from pipelines.ingest.interactions import read_interactions
from schemas import columns as c
from schemas import interactions
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED
from tests.rows import frame

NIGHT = datetime.date(2026, 11, 2)


def at(day, hour=12):
    return datetime.datetime(2026, 11, day, hour)


def done(spark, *rows):
    return spark.createDataFrame(rows, interactions.SOURCE)


def ids(rows):
    return sorted(tuple(row) for row in rows.select(c.MEMBER_ID, c.POSTING_ID).collect())


def test_interactions_are_read_from_texts_as_the_night_reads_them(spark):
    raw = spark.createDataFrame(
        [
            (" m ", 7.0, " Viewed", "2026-11-02 23:59:59 UTC"),
            ("n", 8.0, "APPLIED", "some day"),
            (None, 9.0, None, "02/11/2026 junk"),
        ],
        "member_id string, posting_id double, kind string, occurred_at string",
    )
    assert [tuple(row) for row in read_interactions(raw).collect()] == [
        ("m", "7", "viewed", NIGHT),
        ("n", "8", "applied", None),
        (None, "9", None, None),
    ]


def test_the_day_of_the_night_is_known_and_the_days_after_it_are_later(spark):
    pairs = done(
        spark,
        ("m", "before", "viewed", at(1)),
        ("m", "late that day", "viewed", at(2, 23)),
        ("m", "next day", "viewed", at(3, 0)),
        ("m", "last day", "viewed", at(5, 23)),
        ("m", "too late", "viewed", at(6, 0)),
        ("m", "no day", "viewed", None),
    )
    assert ids(up_to(pairs, NIGHT)) == [("m", "before"), ("m", "late that day")]
    assert ids(after(pairs, NIGHT, days=3)) == [("m", "last day"), ("m", "next day")]


def test_viewing_and_applying_are_liking_and_a_duplicate_stands_for_its_posting(spark):
    rejected = frame(spark, POSTINGS_REJECTED.schema, {"source_row": "p2-copy", "duplicate_of": "p2"})
    open_now = frame(spark, POSTINGS.schema, {"posting_id": "p1"}, {"posting_id": "p2"})
    pairs = done(
        spark,
        ("m", "p1", "viewed", at(1)),
        ("m", "p1", "applied", at(1)),
        ("n", "p1", "dismissed", at(1)),
        ("n", "p2-copy", "applied", at(1)),
        (None, "p2", "viewed", at(1)),
        ("n", "closed", "viewed", at(1)),
    )
    liked = liked_pairs(pairs, open_now, rejected)
    assert ids(liked) == [("m", "p1"), ("m", "p1"), ("n", "p2")]
    assert {tuple(row) for row in like_counts(liked).collect()} == {("p1", 1), ("p2", 1)}


def test_members_are_grouped_by_experiences_by_what_they_liked_and_by_place(spark):
    position = {"title": "baker", "company": None, "description": None, "started_on": None, "ended_on": None}

    def place(region, city=None):
        return {"country": "US", "region": region, "city": city}

    members = frame(
        spark,
        MEMBERS.schema,
        {"member_id": "new", "experiences": None, "places": []},
        {
            "member_id": "some",
            "experiences": [position] * 2,
            "places": [place("CA", "x"), place("CA", "y"), place("NY")],
        },
        {"member_id": "long", "experiences": [position] * 3, "places": [place(None)]},
    )
    liked = done(
        spark,
        *[("some", f"p{i}", "viewed", at(1)) for i in (1, 1, 2, 3, 4)],
        *[("long", f"p{i}", "viewed", at(1)) for i in range(5)],
    )
    found = {row[c.MEMBER_ID]: row[SLICES] for row in history_slices(members, liked).collect()}
    assert found == {
        "new": ["no experience", "no place", "no posting liked"],
        "some": ["1-2 experiences", "place US/CA", "place US/NY", "1-4 postings liked"],
        "long": ["3 or more experiences", "place US", "5 or more postings liked"],
    }
    unknown = {row[c.MEMBER_ID]: row[SLICES] for row in history_slices(members, None).collect()}
    assert unknown["new"] == ["no experience", "no place"]


def test_only_places_with_a_propensity_among_the_first_k_of_the_members_are_logged(spark):
    rows = frame(
        spark,
        RECOMMENDATIONS.schema,
        {"member_id": "m", "rank": 1, "posting_id": "a", "propensity": 0.25},
        {"member_id": "m", "rank": 2, "posting_id": "b"},
        {"member_id": "m", "rank": 3, "posting_id": "c", "propensity": 0.5},
        {"member_id": "unasked", "rank": 1, "posting_id": "a", "propensity": 0.5},
    )
    members = frame(spark, MEMBERS.schema, {"member_id": "m"})
    assert [tuple(row) for row in logged_places(rows, members, k=2).collect()] == [("m", 1, "a", 0.25)]


def test_exposures_count_every_posting_that_could_be_shown_once(spark):
    shown = [("m", 1, "a"), ("n", 1, "a"), ("m", 2, "b"), ("m", 3, "c"), ("n", 2, "gone")]
    rows = frame(
        spark, RECOMMENDATIONS.schema, *({"member_id": m, "rank": rank, "posting_id": p} for m, rank, p in shown)
    )
    could = frame(spark, POSTINGS.schema, *({"posting_id": posting} for posting in ("a", "a", "b", "c", "d")))
    counts = {row[EXPOSURES]: row[POSTINGS_SHOWN] for row in exposure_counts(rows, could, k=2).collect()}
    assert counts == {0: 2, 1: 1, 2: 1}


def test_postings_of_one_text_have_one_vector(spark):
    postings = frame(
        spark, POSTINGS.schema, {"posting_id": "a", "content_hash": "x"}, {"posting_id": "b", "content_hash": "x"}
    )
    vectors = frame(spark, POSTING_EMBEDDINGS.schema, {"content_hash": "x", "vector": [0.6, 0.8]})
    found = {row[c.POSTING_ID]: row[c.VECTOR] for row in posting_vectors(postings, vectors).collect()}
    assert sorted(found) == ["a", "b"]
    assert np.allclose(found["a"], [0.6, 0.8])
