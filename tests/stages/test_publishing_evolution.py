"""A contract that only adds to a published table is met in place; any other difference is refused."""

import dataclasses

import pytest
from pyspark.sql import types as T

from pipelines.publishing.catalog import open_catalog, open_table
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from schemas import columns as c
from schemas.errors import ContractError
from schemas.table import Table, columns_of
from tests.rows import NIGHT

TUESDAY = NIGHT.run_date.replace(day=3)


def contract(**kinds):
    return Table(
        "shown", ("member_id",), c.RUN_DATE, columns_of(run_date=T.DateType(), member_id=T.StringType(), **kinds)
    )


REASON = columns_of(code=T.StringType())
OLD = contract(places=T.IntegerType(), score=T.FloatType(), reason=REASON, many=T.ArrayType(REASON))
WIDER = columns_of(code=T.StringType(), weight=T.DoubleType())
NEW = contract(places=T.LongType(), note=T.StringType(), score=T.DoubleType(), reason=WIDER, many=T.ArrayType(WIDER))


@pytest.fixture
def tables(spark, tmp_path):
    config = StorageConfig(root="var", namespace="recs", lease_minutes=1)
    store = Store.at(config, tmp_path)
    return lambda run_id: Tables(spark, open_catalog(config, store), store, run_id)


def publish(spark, tables, table, date, run_id, *rows):
    one = tables(run_id)
    one.stage(table, spark.createDataFrame([(date, *row) for row in rows], table.schema))
    assert one.replace(table, **{c.RUN_DATE: date})


@pytest.fixture
def evolved(spark, tables):
    """A night of the old contract and one of the new."""
    publish(spark, tables, OLD, NIGHT.run_date, "old", ("m1", 7, 0.5, ("a",), [("b",)]))
    before = tables("reader").catalog.load_table("recs.shown")
    publish(spark, tables, NEW, TUESDAY, "new", ("m2", 2**40, "said", 0.1, ("c", 1.0), [("d", 2.0)]))
    return before


def test_old_nights_read_null_in_new_columns_and_their_numbers_wider(tables, evolved):
    rows = {row["member_id"]: row.asDict(recursive=True) for row in tables("r").read(NEW).collect()}
    assert rows["m1"]["places"] == 7 and rows["m1"]["score"] == 0.5 and rows["m1"]["note"] is None
    assert rows["m1"]["reason"] == {"code": "a", "weight": None}
    assert rows["m1"]["many"] == [{"code": "b", "weight": None}]
    assert rows["m2"]["places"] == 2**40 and rows["m2"]["score"] == 0.1 and rows["m2"]["many"][0]["weight"] == 2.0


def test_pandas_and_duckdb_read_both_nights(tables, evolved):
    scan = tables("r").catalog.load_table("recs.shown").scan()
    frame = scan.to_pandas().set_index("member_id")
    assert frame.loc["m1", "places"] == 7 and frame.loc["m2", "places"] == 2**40
    assert frame["note"].isna().to_dict() == {"m1": True, "m2": False}
    assert scan.to_duckdb("shown").sql("SELECT sum(places), count(note) FROM shown").fetchall() == [(2**40 + 7, 1)]


def test_readers_of_the_old_columns_go_on_reading_them(tables, evolved):
    opened_before = evolved.scan().to_pandas()
    assert opened_before[["member_id", "places"]].to_dict("records") == [{"member_id": "m1", "places": 7}]
    by_name = tables("r").catalog.load_table("recs.shown").scan(selected_fields=("member_id", "places", "score"))
    assert sorted(by_name.to_pandas()["member_id"]) == ["m1", "m2"]


def test_an_evolution_is_one_logged_commit_and_no_file_is_written_again(spark, tables, caplog):
    publish(spark, tables, OLD, NIGHT.run_date, "old", ("m1", 7, 0.5, ("a",), None))
    one = tables("r")
    before = one.catalog.load_table("recs.shown")
    files = one.files(OLD)
    with caplog.at_level("INFO", logger="nightmatch"):
        after = open_table(one.catalog, "recs", NEW)
    assert "recs.shown is evolved" in caplog.text and "note: expected string, found nothing" in caplog.text
    assert len(after.metadata.metadata_log) == len(before.metadata.metadata_log) + 1
    assert after.metadata.current_snapshot_id == before.metadata.current_snapshot_id
    assert one.files(NEW) == files
    assert open_table(one.catalog, "recs", NEW).metadata_location == after.metadata_location


def test_of_two_jobs_that_evolve_at_once_both_go_on(spark, tables, monkeypatch):
    publish(spark, tables, OLD, NIGHT.run_date, "old", ("m1", 7, 0.5, ("a",), None))
    one = tables("r")
    stale = one.catalog.load_table("recs.shown")
    first = open_table(tables("other").catalog, "recs", NEW)
    loaded = iter([stale])
    load = one.catalog.load_table
    monkeypatch.setattr(one.catalog, "load_table", lambda name: next(loaded, None) or load(name))
    assert open_table(one.catalog, "recs", NEW).metadata_location == first.metadata_location


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"places": T.StringType()}, "places: expected string, found int32"),
        ({"score": T.IntegerType()}, "score: expected int32, found float"),
        ({"reason": columns_of(kind=T.StringType())}, "reason.code: unexpected string"),
        ({"many": T.ArrayType(T.StringType())}, "many.element: expected string, found struct<code:string>"),
    ],
)
def test_any_other_difference_is_refused_with_all_of_them_and_changes_nothing(spark, tables, change, message):
    publish(spark, tables, OLD, NIGHT.run_date, "old", ("m1", 7, 0.5, ("a",), None))
    one = tables("r")
    kinds = {field.name: field.dataType for field in OLD.schema if field.name not in ("run_date", "member_id")}
    location = one.catalog.load_table("recs.shown").metadata_location
    with pytest.raises(ContractError) as failure:
        open_table(one.catalog, "recs", contract(**{**kinds, **change, "note": T.StringType()}))
    assert message in str(failure.value) and "note: expected string" in str(failure.value)
    assert "drop the table" in str(failure.value)
    assert one.catalog.load_table("recs.shown").metadata_location == location


def test_a_column_less_or_a_narrower_number_is_refused(tables, evolved):
    with pytest.raises(ContractError, match="note: unexpected string") as failure:
        open_table(tables("r").catalog, "recs", dataclasses.replace(OLD))
    assert "places: expected int32, found int64" in str(failure.value)
