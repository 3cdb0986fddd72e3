"""Saved searches: refused with every reason, standing beside their members, and new or not."""

import datetime
import hashlib

import pytest
from pyspark.sql import functions as F

from pipelines.retrieval import asking
from pipelines.retrieval.blocks import cohort_of
from pipelines.retrieval.stage import asking_for
from pipelines.retrieval.words import number_of, words_of
from pipelines.searches import trying
from pipelines.searches.config import SearchesConfig
from pipelines.searches.stage import as_members, as_recommendations, by_search, ingest_searches
from pipelines.wishes.config import WishesConfig
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED, REPEAT
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SEARCH_RECOMMENDATIONS, SOURCE
from tests.kernels.test_searches_reading import INGEST
from tests.rows import NIGHT, frame

CONFIG = SearchesConfig(profile_weight=0.15, max_unseen_days=90)
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
    assert by_id["s1"]["content_hash"] == hashlib.sha256(b"baking").hexdigest()


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


TITLES = ["Night Nurses (m/w/d), Köln", "C++ Developer", "ÉCOLE straße", "Boss' class", "", "看護師", "a_b-c"]


def test_words_and_numbers_are_the_same_with_spark_and_without(spark):
    row = (
        spark.createDataFrame([(TITLES,)], "titles array<string>")
        .select(
            F.transform("titles", asking.words_of).alias("words"),
            F.transform("titles", lambda title: F.xxhash64(title)).alias("numbers"),
            asking.city_hash(F.lit("DE"), F.lit("KÖLN")).alias("city"),
        )
        .first()
    )
    assert row["words"] == [words_of(title) for title in TITLES]
    assert row["numbers"] == [number_of(title) for title in TITLES]
    assert row["city"] == number_of("DE", "koln")


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {
            "places": [PLACE, ("DE", None, "Köln")],
            "excluded_places": [("FR", None, None), ("FR", None, "Nice")],
            "work_modes": ["hybrid"],
            "employment_types": ["contract"],
            "seniorities": ["entry", "lead"],
            "languages": ["de"],
            "min_salary": 1.5,
            "salary_currency": "USD",
            "company_keys": ["a", "b"],
            "excluded_company_keys": ["c"],
            "titles": ["night nurse", "...", "lead"],
            "excluded_titles": ["sales"],
            "posted_within_days": 3,
        },
    ],
)
def test_one_wish_asks_the_same_with_spark_and_without(spark, criteria):
    empty = {
        name: []
        for name, kind in zip(NOTHING, SAVED_SEARCHES.schema[c.CRITERIA].dataType, strict=True)
        if "Array" in str(kind.dataType)
    }
    full = NOTHING | empty | criteria
    search = {"search_id": "tried", "member_id": "m1", "criteria": tuple(full.values())}
    searchers = as_members(frame(spark, SAVED_SEARCHES.schema, search), frame(spark, MEMBERS.schema, PROFILE))
    beside = {name: F.lit(None).cast("array<float>") for name in (c.VECTOR, c.WISH_VECTOR)} | {
        c.PROFILE_WEIGHT: F.lit(0.5)
    }
    in_spark = asking_for(searchers.withColumns(beside), night=NIGHT).first().asDict(recursive=True)

    def places(name):
        return [dict(zip(("country", "region", "city"), place, strict=True)) for place in full[name]]

    as_read = full | {name: places(name) for name in ("places", "excluded_places")}
    member = PROFILE | {"places": [{"country": "FR", "region": None, "city": None}]}
    alone = {
        name: value.to_pylist()[0] if hasattr(value, "to_pylist") else value[0]
        for name, value in trying.asking_for(as_read, member, NIGHT.run_date).items()
    }

    def plain(row):
        sets = {name: sorted(row[name] or [], key=str) for name in row if isinstance(row[name], list)}
        return row | sets | {"cohort": cohort_of(row["cohort"])}

    wanted = {name: value for name, value in plain(in_spark).items() if name in alone}
    assert plain(alone) | {"title_phrases": sorted(alone["title_phrases"])} == wanted | {
        "title_phrases": sorted(wanted["title_phrases"] or [])
    }
    assert set(in_spark) - set(alone) == {c.MEMBER_ID, c.VECTOR, c.WISH_VECTOR, c.PROFILE_WEIGHT}
    assert datetime.date(1970, 1, 1) + datetime.timedelta(days=alone["earliest"] or 0) in (
        datetime.date(1970, 1, 1),
        datetime.date(2026, 10, 30),
    )
