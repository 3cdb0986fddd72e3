"""Readers see a night wholly or not at all."""

import datetime
import uuid

import pyarrow as pa
import pytest

from pipelines.publishing.catalog import open_catalog, open_table
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from pipelines.publishing.writing import writing
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.errors import ArtifactError, ContractError
from schemas.operations import EVALUATION
from tests.rows import frame

MONDAY, TUESDAY = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)


@pytest.fixture
def tables(spark, tmp_path):
    config = StorageConfig(root="var", namespace="recs", lease_minutes=1)
    store = Store.at(config, tmp_path)
    return lambda run_id: Tables(spark, open_catalog(config, store), store, run_id)


def rows(spark, date, run_id, *values):
    made = ({"run_date": date, "run_id": run_id, "name": f"figure {value}", "value": float(value)} for value in values)
    return frame(spark, EVALUATION.schema, *made)


def values(figures):
    return sorted(row[c.VALUE] for row in figures.collect())


def publish(spark, tables, date, run_id, *values):
    one = tables(run_id)
    one.stage(EVALUATION, rows(spark, date, run_id, *values))
    return one.replace(EVALUATION, **{c.RUN_DATE: date})


def test_staged_rows_are_unseen_until_they_are_committed(spark, tables):
    one = tables("a")
    assert one.stage(EVALUATION, rows(spark, MONDAY, "a", 1, 2)) == 2
    assert values(one.staged(EVALUATION)) == [1, 2]
    assert values(one.read(EVALUATION)) == []
    assert one.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    assert values(one.read(EVALUATION)) == [1, 2]


def test_a_commit_replaces_its_night_and_no_other(spark, tables):
    publish(spark, tables, MONDAY, "a", 1)
    publish(spark, tables, TUESDAY, "b", 2)
    publish(spark, tables, MONDAY, "c", 3, 4)
    assert values(tables("d").read(EVALUATION)) == [2, 3, 4]
    assert values(tables("d").read(EVALUATION, **{c.RUN_DATE: MONDAY})) == [3, 4]


def test_committing_the_same_files_again_changes_nothing(spark, tables):
    publish(spark, tables, MONDAY, "a", 1)
    one = tables("a")
    before = open_table(one.catalog, "recs", EVALUATION).metadata_location
    assert not one.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    assert open_table(one.catalog, "recs", EVALUATION).metadata_location == before


def test_a_night_without_rows_empties_its_date(spark, tables):
    publish(spark, tables, MONDAY, "a", 1)
    publish(spark, tables, MONDAY, "b")
    assert values(tables("c").read(EVALUATION)) == []


def test_staging_again_leaves_published_files_alone(spark, tables):
    publish(spark, tables, MONDAY, "a", 1)
    one = tables("a")
    one.stage(EVALUATION, rows(spark, MONDAY, "a", 5))
    one.tidy(EVALUATION)
    assert values(one.read(EVALUATION)) == [1]
    one.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    one.tidy(EVALUATION)
    assert values(one.read(EVALUATION)) == [5]
    assert len(list(one.store.staged(EVALUATION.name, "a").iterdir())) == 1


def test_embeddings_of_two_runs_stand_beside_each_other(spark, tables):
    for run_id, text in (("a", "h1"), ("b", "h2")):
        one = tables(run_id)
        row = ("student", text, [0.6, 0.8], MONDAY, run_id)
        one.stage(POSTING_EMBEDDINGS, spark.createDataFrame([row], POSTING_EMBEDDINGS.schema))
        assert (one.append(POSTING_EMBEDDINGS), one.append(POSTING_EMBEDDINGS)) == (1, 0)
    known = tables("c").read(POSTING_EMBEDDINGS, **{c.STUDENT_ID: "student"})
    assert sorted(row[c.CONTENT_HASH] for row in known.collect()) == ["h1", "h2"]


def test_a_frame_that_breaks_the_contract_is_refused_with_every_difference(spark, tables):
    wrong = rows(spark, MONDAY, "a", 1).drop(c.METHOD).withColumnRenamed(c.VALUE, "figure")
    with pytest.raises(ContractError) as failure:
        tables("a").stage(EVALUATION, wrong)
    assert "method: missing" in str(failure.value)
    assert "value: missing" in str(failure.value)
    assert "figure: unexpected" in str(failure.value)


def test_a_catalog_table_of_other_columns_is_a_contract_error(spark, tables):
    one = tables("a")
    with open_table(one.catalog, "recs", EVALUATION).update_schema() as change:
        change.rename_column(c.VALUE, "figure")
    with pytest.raises(ContractError, match="value: expected double, found nothing"):
        one.read(EVALUATION)


def test_a_table_that_was_never_staged_is_an_artifact_error(tables):
    with pytest.raises(ArtifactError, match="no staged table evaluation"):
        tables("a").staged(EVALUATION)


def test_a_catalog_file_that_is_no_database_is_an_artifact_error(tmp_path):
    config = StorageConfig(root="var", namespace="recs", lease_minutes=1)
    store = Store.at(config, tmp_path)
    store.root.mkdir()
    store.catalog.write_bytes(b"not a database" * 100)
    with pytest.raises(ArtifactError, match="cannot be opened"):
        open_catalog(config, store)


def test_what_workers_write_is_staged_and_what_a_lost_try_left_is_not(spark, tables):
    def doubled(batches):
        for batch in batches:
            yield pa.RecordBatch.from_pylist(
                [row | {c.VALUE: row[c.VALUE] * 2} for row in batch.to_pylist()], schema=batch.schema
            )

    one = tables("a")
    staged = one.store.staged(EVALUATION.name, "a")

    def lost_try(batches):  # a file of a task that was started twice
        (next(staged.glob("*/*")) / f"lost-{uuid.uuid4().hex}.parquet").write_bytes(b"torn")
        yield from doubled(batches)

    assert one.stage_written([EVALUATION], rows(spark, MONDAY, "a", 1, 2, 3), lost_try) == [3]
    assert values(one.staged(EVALUATION)) == [2, 4, 6]
    assert one.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    assert values(one.read(EVALUATION)) == [2, 4, 6]


def test_who_asks_for_the_date_finds_rows_of_workers_that_found_nothing_in_between(spark, tables):
    def with_nothing_between(batches):
        for batch in batches:
            yield batch.slice(0, 0)
            yield batch
            yield batch.slice(0, 0)

    one = tables("a")
    assert one.stage_written([EVALUATION], rows(spark, MONDAY, "a", 1, 2), with_nothing_between) == [2]
    assert one.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    assert values(one.read(EVALUATION, **{c.RUN_DATE: MONDAY})) == [1, 2]
    again = tables("b")
    again.stage_written([EVALUATION], rows(spark, MONDAY, "b", 3), with_nothing_between)
    assert again.replace(EVALUATION, **{c.RUN_DATE: MONDAY})
    assert values(again.read(EVALUATION)) == [3]


def test_rows_that_nobody_would_find_by_their_date_are_told_of(spark, tables):
    one = tables("a")
    one.stage(EVALUATION, rows(spark, MONDAY, "a", 1))
    with pytest.raises(ArtifactError, match="would not find what was added"):
        one.replace(EVALUATION, **{c.RUN_DATE: MONDAY + datetime.timedelta(days=1)})


def test_workers_that_find_nothing_stage_an_empty_table(spark, tables):
    one = tables("a")
    nothing = rows(spark, MONDAY, "a", 1).where("value > 5")
    assert one.stage_written([EVALUATION], nothing, lambda batches: batches) == [0]
    assert values(one.staged(EVALUATION)) == []


def test_a_worker_that_was_given_up_and_writes_on_changes_no_staged_row(spark, tables, monkeypatch):
    """As where an executor is not heard from, or a speculative copy was faster."""
    given_up = []

    def overtaken(work, folders):
        given_up.append(writing(work, folders))
        return writing(work, folders)

    monkeypatch.setattr("pipelines.publishing.tables.writing", overtaken)
    one = tables("a")
    assert one.stage_written([EVALUATION], rows(spark, MONDAY, "a", 1, 2), lambda batches: batches) == [2]
    with pytest.raises(FileNotFoundError):
        list(given_up[0](iter(rows(spark, MONDAY, "a", 1).toArrow().to_batches())))
    assert values(one.staged(EVALUATION)) == [1, 2]
