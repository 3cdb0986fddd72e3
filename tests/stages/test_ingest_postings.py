import datetime
import json

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from pipelines.embedding.identity import gender_free_title, occupations_for_all
from pipelines.embedding.text import posting_text
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.stage import Ingested, ingest_postings
from schemas import columns as c
from schemas.postings import POSTINGS, SOURCE
from schemas.rejected import POSTINGS_REJECTED
from tests.rows import NIGHT, frame

CONFIG = IngestConfig(
    max_title_chars=50,
    max_description_chars=500,
    max_age_days=30,
    interest_days=180,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=128,
)
LONG = " ".join(f"word{n}" for n in range(60))
NEARLY = LONG.replace("word30 ", "")  # 58 shingles without 3, and 2 new ones: 55 / 60 = 0.92


def as_texts(spark: SparkSession, *rows: dict[str, str | None]) -> DataFrame:
    """A source whose columns are all strings, as a CSV gives them."""
    types = ", ".join(f"{name} string" for name in SOURCE.names)
    return spark.createDataFrame([tuple(row.get(name) for name in SOURCE.names) for row in rows], types)


def ingest(source: DataFrame) -> Ingested:
    return ingest_postings(source, night=NIGHT, config=CONFIG)


def reasons(rejected: DataFrame) -> dict[str, list[str]]:
    return {row[c.SOURCE_ROW]: row[c.REASONS] for row in rejected.collect()}


def accepted_ids(ingested: Ingested) -> list[str]:
    return sorted(row[c.POSTING_ID] for row in ingested.accepted.select(c.POSTING_ID).collect())


def test_a_source_of_strings_becomes_a_typed_clean_posting(spark):
    row = {
        "posting_id": "7",
        "title": "<b>Sr.</b> Engineer",
        "company": "Acme, Inc.",
        "description": "<p>Build &amp; run</p>",
        "skills": "Java|SQL",
        "country": "USA",
        "region": "texas",
        "city": "AUSTIN",
        "work_mode": "On-site",
        "employment_type": "FT",
        "min_years": "3+",
        "languages": "English",
        "salary_min": "$90,000",
        "salary_max": "120k",
        "salary_currency": "$",
        "posted_on": "2026-11-01 10:00:00 UTC",
    }
    ingested = ingest(as_texts(spark, row))
    POSTINGS.check(ingested.accepted.schema)
    POSTINGS_REJECTED.check(ingested.rejected.schema)
    assert ingested.accepted.collect() == [
        Row(
            run_date=NIGHT.run_date,
            run_id=NIGHT.run_id,
            posting_id="7",
            title="Sr. Engineer",
            company="Acme, Inc.",
            description="Build & run",
            skills=["Java", "SQL"],
            country="US",
            region="TX",
            city="Austin",
            work_mode="onsite",
            employment_type="full_time",
            seniority="senior",
            min_years=3.0,
            languages=["en"],
            salary_min=90000.0,
            salary_max=120000.0,
            salary_currency="USD",
            posted_on=datetime.date(2026, 11, 1),
            expires_on=None,
            status="open",
            company_key="acme",
            cluster_id="7",
            text="Sr. Engineer\nJava, SQL\nBuild & run",
            named_skills=["Java", "SQL"],
            content_hash="89df0fc9dcbfa0cc1c49816cc46d37ef89316db4393d188504907854294c0ee2",
        )
    ]


def test_an_occupation_is_embedded_by_one_name_whoever_holds_it(spark):
    titles = [f"{form(word)}, evenings" for word in occupations_for_all() for form in (str.lower, str.title, str.upper)]
    titles += ["Head Waitress / Waiter", "Hostessing", "Hostess's aide", "Baker"]
    rows = frame(spark, POSTINGS.schema, *({"title": title} for title in titles))
    assert [row.text for row in rows.select(posting_text().alias("text")).collect()] == [
        gender_free_title(title) for title in titles
    ]


def test_a_typed_source_keeps_its_values(spark):
    typed = {
        "posting_id": "7",
        "title": "Cook",
        "skills": ["knives, sharp"],
        "min_years": 2.0,
        "posted_on": NIGHT.run_date,
        "expires_on": NIGHT.run_date,
    }
    (row,) = ingest(frame(spark, SOURCE, typed).withColumn("posting_id", F.lit(7))).accepted.collect()
    assert (row[c.POSTING_ID], row[c.SKILLS], row[c.MIN_YEARS]) == ("7", ["knives, sharp"], 2.0)
    assert (row[c.POSTED_ON], row[c.EXPIRES_ON]) == (NIGHT.run_date, NIGHT.run_date)


@pytest.fixture(scope="module")
def refused(spark):
    """One source row per rule, with the reasons expected of it; the night is 2026-11-02."""
    expected = {
        "title": ({"title": "<br>"}, ["missing_title"]),
        "closed": ({"status": "Filled"}, ["not_open"]),
        "ended": ({"expires_on": "2026-11-01"}, ["expired"]),
        "old": ({"posted_on": "2026-10-02"}, ["expired"]),  # 31 days ago
        "early": ({"posted_on": "2026-11-03"}, ["not_yet_posted"]),
        "order": ({"posted_on": "2026-11-01", "expires_on": "2026-10-31"}, ["dates_contradict", "expired"]),
        "pay": ({"salary_min": "2", "salary_max": "1"}, ["salary_contradicts"]),
        "date": ({"posted_on": "someday"}, ["unreadable_posted_on"]),
        "all": (
            {"title": None, "status": "closed", "posted_on": "2026-12-01", "min_years": "x"},
            ["missing_title", "not_open", "not_yet_posted", "unreadable_min_years"],
        ),
    }
    open_ones = {
        "last day": {"expires_on": "2026-11-02"},
        "oldest": {"posted_on": "2026-10-03"},
        "old and open": {"posted_on": "2020-01-01", "expires_on": "2026-12-01"},
        "today": {"posted_on": "2026-11-02"},
    }
    rows = {**{name: fields for name, (fields, _) in expected.items()}, **open_ones}
    source = as_texts(spark, *({"posting_id": name, "title": name, **fields} for name, fields in rows.items()))
    return expected, open_ones, ingest(source)


def test_a_refused_posting_keeps_all_its_reasons(refused):
    expected, _, ingested = refused
    assert reasons(ingested.rejected) == {name: found for name, (_, found) in expected.items()}


def test_a_posting_is_open_up_to_and_with_its_last_day(refused):
    _, open_ones, ingested = refused
    assert accepted_ids(ingested) == sorted(open_ones)


def test_a_refused_row_is_kept_as_it_was_read(spark):
    (row,) = ingest(as_texts(spark, {"title": "<b>Cook</b>", "posted_on": "NA"})).rejected.collect()
    assert row[c.REASONS] == ["missing_id"]
    assert json.loads(row[c.ROW]) == {"title": "<b>Cook</b>", "posted_on": "NA"}
    assert len(row[c.SOURCE_ROW]) == 64  # sha256, hex


def test_an_id_counts_once_and_the_best_row_of_it_is_kept(spark):
    rows = [
        {"posting_id": "1", "title": "b", "posted_on": "2026-11-01"},
        {"posting_id": "1", "title": "a", "posted_on": "2026-10-31"},
        {"posting_id": "1", "posted_on": "2026-11-02"},  # the latest, but refused by itself
        {"title": "no id"},
        {"title": "no id"},
    ]
    for source in (as_texts(spark, *rows), as_texts(spark, *rows[::-1])):
        ingested = ingest(source)
        assert [row[c.TITLE] for row in ingested.accepted.collect()] == ["b"]
        found = reasons(ingested.rejected)
        assert found["1\x1f2"] == ["duplicate_id"]
        assert found["1\x1f3"] == ["duplicate_id", "missing_title"]
        assert sorted(map(tuple, found.values()))[2:] == [("missing_id",)] * 2
        assert len(found) == 4  # every refused row has a name of its own


POSTED_TWICE = [
    {"posting_id": "old", "city": "Austin, TX", "description": LONG, "posted_on": "2026-10-20"},
    {"posting_id": "new", "city": "austin, Texas", "description": NEARLY, "posted_on": "2026-10-30"},
    {"posting_id": "elsewhere", "city": "Dallas, TX", "description": LONG, "posted_on": "2026-10-31"},
    {"posting_id": "closed", "city": "Austin, TX", "description": LONG, "posted_on": "2026-11-01", "status": "closed"},
]


def test_a_posting_seen_twice_is_served_once_and_every_city_keeps_its_own(spark):
    source = as_texts(spark, *({"title": "Cook", "company": "Acme", **row} for row in POSTED_TWICE))
    ingested = ingest(source)
    assert accepted_ids(ingested) == ["elsewhere", "new"]
    assert {row[c.POSTING_ID]: row[c.CLUSTER_ID] for row in ingested.accepted.collect()} == {
        "new": "new",
        "elsewhere": "elsewhere",
    }
    assert {row[c.SOURCE_ROW]: (row[c.REASONS], row[c.DUPLICATE_OF]) for row in ingested.rejected.collect()} == {
        "old": (["duplicate"], "new"),
        "closed": (["not_open"], None),
    }


def test_rows_in_any_order_and_partitions_give_the_same_result(spark):
    rows = [
        {
            "posting_id": str(n % 50),
            "title": f"Cook {n % 4}",
            "company": "Acme",
            "city": "Bonn",
            "posted_on": "2026-10-20",
        }
        for n in range(60)
    ]
    results = []
    for source in (as_texts(spark, *rows).coalesce(1), as_texts(spark, *rows[::-1]).repartition(7)):
        ingested = ingest(source)
        results.append([sorted(map(str, part.collect())) for part in (ingested.accepted, ingested.rejected)])
        assert sum(map(len, results[-1])) == 60
    assert results[0] == results[1]
    assert len(results[0][0]) == 4


def test_an_empty_source_gives_no_rows(spark):
    ingested = ingest(as_texts(spark))
    assert (ingested.accepted.count(), ingested.rejected.count()) == (0, 0)
