"""Files that are made to break their reader are read, bounded, or refused in words."""

import gzip
import os
import subprocess
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.ingest.postings import read_posting
from pipelines.ingest.stage import _POSTING, ingest_postings
from pipelines.ingest.wire import read_rows
from pipelines.publishing.config import SourceConfig
from pipelines.publishing.sources import read_source, reading
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.postings import SOURCE
from tests.rows import NIGHT
from tests.stages.test_ingest_postings import CONFIG

full = pytest.mark.skipif("NIGHTMATCH_FUZZ" not in os.environ, reason="takes a minute and gigabytes: make fuzz")
TYPES = {
    "binary": "unhex('ff00c3')",
    "timestamp": "timestamp_micros(1000000000000000000)",
    "date": "DATE'0001-01-01'",
    "map": "map('a', array(1, NULL))",
    "struct": "named_struct('a', 'b')",
    "decimal": "CAST(99999999999999999999999999999999999999 AS DECIMAL(38,0))",
    "nan": "double('NaN')",
    "infinity": "double('-Infinity')",
    "boolean": "true",
    "array": "array(array(array('x')))",
    "null": "NULL",
    "interval": "INTERVAL '1' DAY",
}


def source(spark: SparkSession, folder: Path, format: str, **options: str) -> DataFrame:
    given = {"feed": {"format": format, "location": str(folder), "options": options}}
    config = SourceConfig(inputs=given, columns={c.POSTING_ID: "id", c.TITLE: "title"})
    return read_source(spark, "sources.postings", config, SOURCE, folder)


def titles(rows: DataFrame) -> dict[str | None, str | None]:
    """What ingest reads of each row: its title by its id."""
    read = read_rows(rows, partial(read_posting, config=CONFIG), _POSTING)
    return {row[c.POSTING_ID]: row[c.TITLE] for row in read.select(c.POSTING_ID, c.TITLE).collect()}


@full
def test_a_feed_of_ten_thousand_columns_is_read_by_the_two_that_are_named(spark, tmp_path):
    header, cells = ",".join(["id", "title", *(f"c{n}" for n in range(9_998))]), ",x" * 9_998
    (tmp_path / "feed.csv").write_text(f"{header}\n1,Cook{cells}\n2,Nurse{cells}\n")
    assert titles(source(spark, tmp_path, "csv", header="true")) == {"1": "Cook", "2": "Nurse"}


def test_a_line_of_too_many_cells_is_told_of_without_them(spark, tmp_path):
    (tmp_path / "feed.csv").write_text("id,title\n1,Cook\n2,Nurse" + ",s3cret" * 30_000 + "\n3,Welder\n")
    rows = source(spark, tmp_path, "csv", header="true")
    with pytest.raises(ConfigError, match=r"^sources\.postings: a file cannot be read to its end \([A-Z_.]+\)$"):
        with reading("sources.postings"):
            titles(rows)


def test_a_deeply_nested_line_is_a_row_like_another(spark, tmp_path):
    nested = [f'{{"id": "{depth}", "title": {"[" * depth}{"]" * depth}}}' for depth in (900, 100_000)]
    (tmp_path / "feed.json").write_text("\n".join(['{"id": "1", "title": "Cook"}', *nested, '{"id": "2"}', ""]))
    rows = source(spark, tmp_path, "json")
    found = titles(rows)
    assert (found["1"], rows.count()) == ("Cook", 4)
    assert found.keys() == {"1", "900", None, "2"}  # 100,000 levels are no JSON to the reader


def test_lines_that_are_no_json_are_rows_without_an_id(spark, tmp_path):
    lines = ['{"id": "1", "title": "Cook"}', '{"id": "2", "tit', "no json", '"text"', '{"id": NaN, "title": Infinity}']
    (tmp_path / "feed.json").write_text("\n".join(lines))
    rows = source(spark, tmp_path, "json")
    found = titles(rows)
    assert (rows.count(), found.keys(), found["1"]) == (5, {None, "1"}, "Cook")


def packed(path: Path, line_bytes: int) -> None:
    """A CSV of three rows whose second is one line of so many bytes."""
    script = "(echo id,title; echo 1,Cook; head -c $0 /dev/zero; echo; echo 3,Nurse) | gzip -1"
    with path.open("wb") as file:
        subprocess.run(["sh", "-c", script, str(line_bytes)], stdout=file, check=True)


def test_a_packed_line_that_is_too_long_is_passed_over(spark, tmp_path):
    packed(tmp_path / "feed.csv.gz", 65 * 2**20)
    rows = source(spark, tmp_path, "csv", header="true")
    assert (titles(rows), rows.count()) == ({"1": "Cook", "3": "Nurse"}, 2)


@full
def test_a_packed_file_with_a_line_of_three_gib_is_refused_in_the_memory_of_one_line(spark, tmp_path):
    packed(tmp_path / "feed.csv.gz", 3 * 2**30)
    assert (tmp_path / "feed.csv.gz").stat().st_size < 20 * 2**20
    with pytest.raises(ConfigError, match=r"^sources\.postings: a file cannot be read to its end \([A-Z_.]+\)$"):
        with reading("sources.postings"):
            titles(source(spark, tmp_path, "csv", header="true"))


def test_a_packed_file_that_is_cut_short_is_told_of_without_its_rows(spark, tmp_path):
    rows = gzip.compress(b"id,title\n" + b"".join(b"%d,Cook %d\n" % (n, n) for n in range(50_000)))
    (tmp_path / "feed.csv.gz").write_bytes(rows[: len(rows) // 2])
    with pytest.raises(ConfigError, match=r"^sources\.postings: a file cannot be read to its end \([A-Z_.]+\)$"):
        with reading("sources.postings"):
            titles(source(spark, tmp_path, "csv", header="true"))


def test_an_expression_that_fails_is_told_of_without_the_row_that_it_fails_on(spark):
    rows = spark.createDataFrame([("s3cret\x1b[2J",)], "title string")
    with pytest.raises(ConfigError, match=r"an expression fails on a row; .* \(CAST_INVALID_INPUT\)$") as failure:
        with reading("sources.postings"):
            rows.select(F.expr("CAST(title AS INT)")).collect()
    assert "s3cret" not in str(failure.value)


def test_a_failure_that_is_not_of_the_source_stays_what_it_is(spark):
    def fail(batches):
        raise ZeroDivisionError

    with pytest.raises(Exception, match="ZeroDivisionError") as failure:
        with reading("sources.postings"):
            spark.range(1).mapInArrow(fail, "id long").collect()
    assert not isinstance(failure.value, ConfigError)


@pytest.mark.parametrize("first", [0, 5])
def test_rows_of_every_type_that_is_none_of_ours_are_read(spark, first):
    values = islice(cycle(TYPES.values()), first, None)
    columns = [F.expr(value).alias(field) for field, value in zip(SOURCE.names, values, strict=False)]
    ingested = ingest_postings(spark.range(2).select(*columns), night=NIGHT, config=CONFIG)
    assert ingested.accepted.count() + ingested.rejected.count() == 2
