"""Saved searches: refused with every reason, standing beside their members, and new or not."""

import hashlib

import pytest

from pipelines.ranking.stage import find_shortfalls
from pipelines.searches.config import SearchesConfig
from pipelines.searches.stage import (
    as_matches,
    as_members,
    as_recommendations,
    as_shortfalls,
    by_search,
    ingest_searches,
    searched_by,
)
from pipelines.wishes.config import WishesConfig
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED, REPEAT
from schemas.searches import (
    SAVED_SEARCHES,
    SAVED_SEARCHES_REJECTED,
    SEARCH_MATCHES,
    SEARCH_RECOMMENDATIONS,
    SEARCH_SHORTFALLS,
    SOURCE,
)
from tests.kernels.test_searches_reading import INGEST
from tests.rows import NIGHT, frame
from tests.stages.test_ranking_stage import CONFIG as RANKING

CONFIG = SearchesConfig(wish_encoder="teacher", profile_weight=0.15, max_unseen_days=90)
COLUMNS = ", ".join(f"{name} string" for name in SOURCE.names)
NOTHING = dict.fromkeys(SAVED_SEARCHES.schema[c.CRITERIA].dataType.names)


@pytest.fixture(scope="module")
def people(spark):
    members = frame(spark, MEMBERS.schema, {"member_id": "m1"}, {"member_id": "m2"})
    refused = frame(
        spark,
        MEMBERS_REJECTED.schema,
        {"source_row": "gone", "reasons": ["opted_out"]},
        {"source_row": f"m2{REPEAT}2", "reasons": ["duplicate_id"]},
    )
    return members, refused


@pytest.fixture(scope="module")
def ingested(spark, people):
    rows = [
        ("s1", "m1", "baking, part time", None, "2026-10-01", "true", None),
        ("s2", "m1", "remote", None, None, None, "2026-10-30"),
        ("s3", "m2", "a second one of m2's", None, "2026-11-02", "true", None),
        ("s1", "m1", "the same id, older", None, "2026-09-01", "true", None),
        ("s4", "gone", "welding", None, None, "true", None),
        ("s5", "nobody", "welding", None, None, "true", None),
        ("s6", "m1", "welding", None, None, "false", None),
        ("s7", "m1", "welding", None, None, "true", "2026-08-03"),
        ("s8", "m1", "welding", None, "2026-11-03", "true", None),
        ("s9", "m1", " ", None, None, "true", None),
        (None, None, "welding", None, None, "perhaps", None),
    ]
    source = spark.createDataFrame(rows, COLUMNS)
    found = ingest_searches(source, *people, night=NIGHT, config=CONFIG, ingest=INGEST, wishes=WishesConfig())
    return found.accepted.collect(), found.rejected.collect(), found


def test_searches_are_refused_with_every_reason_and_none_is_lost(ingested):
    accepted, rejected, frames = ingested
    assert sorted(row["search_id"] for row in accepted) == ["s1", "s2", "s3"]
    reasons = {row["source_row"]: row["reasons"] for row in rejected}
    [nameless] = [name for name in reasons if len(name) == 64]
    assert reasons == {
        f"s1{REPEAT}2": ["duplicate_id"],
        "s4": ["opted_out"],
        "s5": ["unknown_member"],
        "s6": ["not_active"],
        "s7": ["unseen"],
        "s8": ["not_yet_created"],
        "s9": ["missing_text"],
        nameless: ["missing_id", "missing_member_id", "unreadable_active"],
    }
    assert frames.accepted.columns == SAVED_SEARCHES.columns
    assert frames.rejected.columns == SAVED_SEARCHES_REJECTED.columns


def test_nothing_is_kept_of_the_search_of_a_member_who_opted_out(ingested):
    rows = {row["source_row"]: row["row"] for row in ingested[1]}
    assert rows.pop("s4") is None
    assert all(rows.values())


def test_a_search_holds_what_was_understood_and_the_hash_of_what_is_embedded(ingested):
    by_id = {row["search_id"]: row for row in ingested[0]}
    assert by_id["s1"]["criteria"]["employment_types"] == ["part_time"]
    assert (by_id["s1"]["wish"], by_id["s2"]["wish"], by_id["s2"]["content_hash"]) == ("baking", None, None)
    assert by_id["s1"]["content_hash"] == hashlib.sha256(b"read by teacher and student: baking").hexdigest()


PLACE = ("DE", "Bayern", None)
PROFILE = {
    "member_id": "m1",
    "places": [("FR", None, None)],
    "work_modes": ["remote"],
    "languages": ["fr"],
    "min_salary": 30_000.0,
    "salary_currency": "EUR",
    "seniority": "senior",
    "wanted_titles": ["Cook"],
    "skills": ["soup"],
    "named_skills": ["soup"],
    "excluded_company_keys": ["bar"],
    "excluded_posting_ids": ["p1"],
    "years_of_experience": 4.0,
}


def searcher(spark, **criteria):
    search = {"search_id": "s1", "member_id": "m1", "criteria": tuple((NOTHING | criteria).values())}
    searches = frame(spark, SAVED_SEARCHES.schema, search)
    rows = as_members(searches, frame(spark, MEMBERS.schema, PROFILE, {"member_id": "m2"})).collect()
    assert len(rows) == 1
    return rows[0]


def test_the_search_wins_where_it_says_something(spark):
    row = searcher(
        spark,
        places=[PLACE],
        work_modes=["onsite"],
        min_salary=50_000.0,
        salary_currency="GBP",
        seniorities=["lead"],
        titles=["baker"],
    )
    assert [tuple(place) for place in row["places"]] == [PLACE]
    assert (row["work_modes"], row["min_salary"], row["salary_currency"]) == (["onsite"], 50_000.0, "GBP")
    assert (row["seniority"], row["wanted_titles"]) == ("lead", ["baker"])


def test_the_profile_holds_where_the_search_says_nothing_but_its_skills_and_titles_do_not_rank(spark):
    row = searcher(spark, languages=[])
    same = (
        "work_modes",
        "languages",
        "min_salary",
        "salary_currency",
        "seniority",
        "named_skills",
        "years_of_experience",
    )
    assert {name: row[name] for name in same} == {name: PROFILE[name] for name in same}
    assert [tuple(place) for place in row["places"]] == PROFILE["places"]
    assert (row["wanted_titles"], row["skills"]) == ([], [])


def test_whom_the_member_blocked_and_what_was_dismissed_stays_away_from_a_search_that_asks_for_it(spark):
    row = searcher(spark, company_keys=["bar"], excluded_company_keys=["pub"])
    assert sorted(row["excluded_company_keys"]) == ["bar", "pub"]
    assert row["excluded_posting_ids"] == ["p1"]


def test_a_row_is_new_unless_an_earlier_list_of_the_same_search_had_it(spark):
    listed = by_search(
        frame(spark, SEARCH_RECOMMENDATIONS.schema, *[{"search_id": "s1", "posting_id": p} for p in "abc"])
    )
    searches = frame(spark, SAVED_SEARCHES.schema, {"search_id": "s1", "member_id": "m1", "understood_as": "told"})
    shown = spark.createDataFrame([("s1", "a"), ("s1", "a"), ("s2", "b")], "search_id string, posting_id string")
    rows = as_recommendations(listed.drop(c.UNDERSTOOD_AS, c.IS_NEW), searches, shown).collect()
    assert sorted((row["posting_id"], row["is_new"]) for row in rows) == [("a", False), ("b", True), ("c", True)]
    assert {(row["member_id"], row["understood_as"]) for row in rows} == {("m1", "told")}


def test_what_adds_more_to_the_blend_has_brought_a_posting(spark):
    pairs = [
        (0.4, 0.6, "wish"),
        (0.04, 0.6, "profile"),
        (None, -0.2, "profile"),
        (-0.1, None, "wish"),
        (0.2, 0.9, "wish"),
    ]
    found = frame(
        spark,
        SEARCH_MATCHES.schema,
        *({"search_id": f"s{n}", "wish_similarity": w, "profile_similarity": p} for n, (w, p, _) in enumerate(pairs)),
    )
    rows = as_matches(found, profile_weight=0.1).collect()
    assert {row.member_id: row.brought_by for row in rows} == {f"s{n}": by for n, (*_, by) in enumerate(pairs)}


def test_searches_that_find_too_little_are_named_with_the_reason(spark, people):
    members = frame(spark, MEMBERS.schema, {"member_id": "m1", "content_hash": "h"}, {"member_id": "m2"})
    asked = {
        "mute": ("m2", None),
        "none": ("m2", "w"),
        "profile": ("m1", None),
        "full": ("m1", "w"),
        "few": ("m1", "w"),
    }
    searches = frame(
        spark,
        SAVED_SEARCHES.schema,
        *(
            {"search_id": key, "member_id": member, "content_hash": wish, "criteria": tuple(NOTHING.values())}
            for key, (member, wish) in asked.items()
        ),
    )
    pairs = [(key, f"p{n}") for key, count in {"full": 2, "few": 1, "profile": 1}.items() for n in range(count)]
    found = frame(spark, SEARCH_MATCHES.schema, *({"search_id": key, "posting_id": one} for key, one in pairs))
    listed = frame(spark, SEARCH_RECOMMENDATIONS.schema, *({"search_id": k, "posting_id": one} for k, one in pairs))
    short = find_shortfalls(
        searched_by(as_members(searches, members)),
        as_matches(found, profile_weight=0.1),
        by_search(listed),
        good=None,
        night=NIGHT,
        config=RANKING.model_copy(update={"recommendations_per_member": 2}),
        matches_per_member=5,
    )
    rows = as_shortfalls(short, searches)
    SEARCH_SHORTFALLS.check(rows.schema)
    assert sorted(tuple(row)[2:] for row in rows.collect()) == [
        ("few", "m1", 1, 1, "few_eligible_postings"),
        ("mute", "m2", 0, 0, "empty_profile"),
        ("none", "m2", 0, 0, "no_eligible_posting"),
        ("profile", "m1", 1, 1, "few_eligible_postings"),
    ]
