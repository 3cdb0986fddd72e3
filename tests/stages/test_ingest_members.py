import datetime

from pyspark.sql import DataFrame, SparkSession

from pipelines.embedding.config import EmbeddingConfig
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.interest import decisions, interest, popularity
from pipelines.ingest.stage import Ingested, ingest_members
from schemas import columns as c
from schemas import interactions, members
from schemas.interactions import POSTING_POPULARITY
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from tests.rows import NIGHT, frame

CONFIG = IngestConfig(
    max_title_chars=50,
    max_description_chars=500,
    max_age_days=30,
    interest_days=30,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=128,
)
EMBEDDING = EmbeddingConfig(batch_texts=8, recent_experiences=2, experience_chars=400, max_text_chars=400)


def ingest(source: DataFrame, done: DataFrame | None = None) -> Ingested:
    decided, interested = None, None
    if done is not None:
        refused = frame(source.sparkSession, POSTINGS_REJECTED.schema, {"source_row": "copy", "duplicate_of": "kept"})
        decided, interested = decisions(done, refused, night=NIGHT), interest(done, refused, night=NIGHT, days=30)
    return ingest_members(
        source, decided=decided, interested=interested, night=NIGHT, config=CONFIG, embedding=EMBEDDING
    )


def as_texts(spark: SparkSession, names: list[str], *rows: dict[str, str | None]) -> DataFrame:
    types = ", ".join(f"{name} string" for name in names)
    return spark.createDataFrame([tuple(row.get(name) for name in names) for row in rows], types)


def test_a_source_of_strings_becomes_a_typed_clean_member(spark):
    position = '{"title": "Cook", "company": "Diner Inc", "description": "<p>Soups</p>", "started_on": "2024-11-02"}'
    row = {"member_id": "m", "experiences": f"[{position}]", "wanted_titles": "Chef; Baker", "places": "Texas;Germany"}
    ingested = ingest(as_texts(spark, members.SOURCE.names, row))
    MEMBERS.check(ingested.accepted.schema)
    MEMBERS_REJECTED.check(ingested.rejected.schema)
    (member,) = ingested.accepted.collect()
    assert member[c.TEXT] == "Chef, Baker\nCook: Soups"
    assert (member[c.YEARS_OF_EXPERIENCE], member[c.EXCLUDED_COMPANY_KEYS]) == (2.0, ["diner"])
    assert member[c.EXPERIENCES][0]["started_on"] == datetime.date(2024, 11, 2)
    assert [tuple(place) for place in member[c.PLACES]] == [("US", "TX", None), ("DE", None, None)]


def test_who_is_open_to_recruiters_has_said_so_in_every_row(spark):
    rows = [
        {"member_id": "yes", "open_to_recruiters": "yes"},
        {"member_id": "no", "open_to_recruiters": "no"},
        {"member_id": "silent"},
        {"member_id": "unreadable", "open_to_recruiters": "perhaps"},
        {"member_id": "both", "open_to_recruiters": "true", "headline": "Cook"},
        {"member_id": "both", "open_to_recruiters": None, "headline": "Chef"},
    ]
    accepted = ingest(as_texts(spark, ["member_id", "open_to_recruiters", "headline"], *rows)).accepted
    said = {row.member_id: row.open_to_recruiters for row in accepted.collect()}
    assert said == {"yes": True, "no": False, "silent": False, "unreadable": False, "both": False}


def test_who_opted_out_in_any_row_is_refused_in_all_and_no_row_is_kept(spark):
    rows = [
        {"member_id": "out", "headline": "Cook"},
        {"member_id": "out", "headline": "Cook", "opted_out": "yes"},
        {"member_id": "in", "headline": "Cook", "opted_out": "no"},
        {"headline": "Cook"},
    ]
    ingested = ingest(as_texts(spark, members.SOURCE.names, *rows))
    assert [row[c.MEMBER_ID] for row in ingested.accepted.collect()] == ["in"]
    refused = {row[c.SOURCE_ROW][:5]: row for row in ingested.rejected.collect()}
    assert {name: row[c.REASONS] for name, row in refused.items() if name.startswith("out")} == {
        "out": ["opted_out"],
        "out\x1f2": ["duplicate_id", "opted_out"],
    }
    assert [row[c.ROW] for name, row in refused.items() if name.startswith("out")] == [None, None]
    (without_id,) = (row for name, row in refused.items() if not name.startswith("out"))
    assert (without_id[c.REASONS], without_id[c.ROW]) == (["missing_id"], '{"headline":"Cook"}')


def test_what_a_member_applied_to_or_dismissed_by_the_nights_end_is_excluded(spark):
    done = as_texts(
        spark,
        interactions.SOURCE.names,
        {"member_id": "m", "posting_id": "b", "kind": "applied", "occurred_at": "2026-11-02T23:59:59Z"},
        {"member_id": "m", "posting_id": "a", "kind": " Dismissed ", "occurred_at": None},
        {"member_id": "m", "posting_id": "a", "kind": "applied", "occurred_at": "some day"},
        {"member_id": "m", "posting_id": "later", "kind": "applied", "occurred_at": "2026-11-03"},
        {"member_id": "m", "posting_id": "seen", "kind": "viewed", "occurred_at": "2026-11-01"},
        {"member_id": "m", "posting_id": None, "kind": "applied"},
        {"member_id": None, "posting_id": "x", "kind": "applied"},
        {"member_id": "other", "posting_id": "y", "kind": None},
    )
    source = frame(spark, members.SOURCE, {"member_id": "m"}, {"member_id": "other"})
    found = {row[c.MEMBER_ID]: row[c.EXCLUDED_POSTING_IDS] for row in ingest(source, done).accepted.collect()}
    assert found == {"m": ["a", "b"], "other": []}
    without = {row[c.MEMBER_ID]: row[c.EXCLUDED_POSTING_IDS] for row in ingest(source).accepted.collect()}
    assert without == {"m": [], "other": []}


def test_ids_of_numbers_and_of_text_meet(spark):
    source = frame(spark, members.SOURCE, {"member_id": "7"})
    done = spark.createDataFrame(
        [(7, 12.0, "applied", None)], "member_id long, posting_id double, kind string, occurred_at date"
    )
    assert ingest(source, done).accepted.first()[c.EXCLUDED_POSTING_IDS] == ["12"]


def test_a_member_about_whose_work_nothing_is_known_is_accepted_without_a_text(spark):
    source = frame(spark, members.SOURCE, {"member_id": "m", "experiences": [{"company": "Acme"}], "languages": ["en"]})
    row = ingest(source).accepted.first()
    assert (row[c.TEXT], row[c.CONTENT_HASH]) == (None, None)


def test_interest_of_late_is_counted_once_for_each_member_and_for_the_posting_that_stands_for_a_duplicate(spark):
    day = datetime.timedelta(days=1)
    rows = [
        ("a", "p", "viewed", NIGHT.run_date),
        ("a", "p", "Applied", NIGHT.run_date - 2 * day),
        ("b", "p", "viewed", NIGHT.run_date - 29 * day),
        ("c", "p", "viewed", NIGHT.run_date - 30 * day),  # too long ago
        ("d", "p", "viewed", NIGHT.run_date + day),  # yet to come
        ("e", "p", "dismissed", NIGHT.run_date),
        ("f", "p", "viewed", None),  # nobody knows when
        ("a", "copy", "viewed", NIGHT.run_date),
        ("a", "kept", "viewed", NIGHT.run_date),
    ]
    texts = [
        {"member_id": m, "posting_id": p, "kind": k, "occurred_at": str(day) if day else None} for m, p, k, day in rows
    ]
    done = as_texts(spark, interactions.SOURCE.names, *texts)
    ingested = ingest(as_texts(spark, members.SOURCE.names, {"member_id": "a"}, {"member_id": "z"}), done)
    assert {row.member_id: row.viewed_posting_ids for row in ingested.accepted.collect()} == {
        "a": ["kept", "p"],
        "z": [],
    }
    refused = frame(spark, POSTINGS_REJECTED.schema, {"source_row": "copy", "duplicate_of": "kept"})
    counted = popularity(interest(done, refused, night=NIGHT, days=30), night=NIGHT)
    POSTING_POPULARITY.check(counted.schema)
    assert {row.posting_id: row.popularity for row in counted.collect()} == {"p": 2, "kept": 1}


def test_what_was_done_to_a_duplicate_was_done_to_the_posting_that_stands_for_it(spark):
    done = as_texts(
        spark,
        interactions.SOURCE.names,
        {"member_id": "m", "posting_id": "copy", "kind": "applied", "occurred_at": "2026-11-01"},
        {"member_id": "m", "posting_id": "closed", "kind": "dismissed", "occurred_at": "2026-11-01"},
        {"member_id": "other", "posting_id": "kept", "kind": "applied", "occurred_at": "2026-11-01"},
    )
    source = frame(spark, members.SOURCE, {"member_id": "m"}, {"member_id": "other"})
    found = {row[c.MEMBER_ID]: row[c.EXCLUDED_POSTING_IDS] for row in ingest(source, done).accepted.collect()}
    assert found == {"m": ["closed", "copy", "kept"], "other": ["kept"]}
