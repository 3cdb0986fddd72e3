"""Files that are made to break their reader are read, bounded, or refused in words."""

import gzip
import subprocess
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.ingest.stage import ingest_postings
from pipelines.publishing.config import SourceConfig
from pipelines.publishing.sources import read_source, reading
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.postings import SOURCE
from tests.rows import NIGHT
from tests.stages.test_ingest_postings import CONFIG, accepted_ids, reasons


def source(spark: SparkSession, folder: Path, format: str, **options: str) -> DataFrame:
    given = {"feed": {"format": format, "location": str(folder), "options": options}}
    config = SourceConfig(inputs=given, columns={c.POSTING_ID: "id", c.TITLE: "title"})
    return read_source(spark, "sources.postings", config, SOURCE, folder)


def test_a_feed_of_ten_thousand_columns_is_read_by_the_two_that_are_named(spark, tmp_path):
    header, cells = ",".join(["id", "title", *(f"c{n}" for n in range(9_998))]), ",x" * 9_998
    (tmp_path / "feed.csv").write_text(f"{header}\n1,Cook{cells}\n2,Nurse{cells}\n")
    assert accepted_ids(ingest_postings(source(spark, tmp_path, "csv", header="true"), night=NIGHT, config=CONFIG)) == [
        "1",
        "2",
    ]


def test_a_line_of_too_many_cells_refuses_itself_alone(spark, tmp_path):
    (tmp_path / "feed.csv").write_text("id,title\n1,Cook\n2,Nurse" + ",x" * 30_000 + "\n3,Welder\n")
    rows = source(spark, tmp_path, "csv", header="true")
    assert rows.count() == 3
    assert accepted_ids(ingest_postings(rows, night=NIGHT, config=CONFIG)) == ["1", "2", "3"]


@pytest.mark.parametrize("depth", [500, 900, 100_000])
def test_a_deeply_nested_line_refuses_itself_alone(spark, tmp_path, depth):
    lines = ['{"id": "1", "title": "Cook"}', f'{{"id": "2", "title": {"[" * depth}{"]" * depth}}}']
    (tmp_path / "feed.json").write_text("\n".join([*lines, '{"id": "3", "title": "Nurse"}', ""]))
    ingested = ingest_postings(source(spark, tmp_path, "json"), night=NIGHT, config=CONFIG)
    assert {"1", "3"} <= set(accepted_ids(ingested)) <= {"1", "2", "3"}
    assert len(accepted_ids(ingested)) + len(reasons(ingested.rejected)) == 3


def test_lines_that_are_no_json_are_refused_and_counted(spark, tmp_path):
    lines = ['{"id": "1", "title": "Cook"}', '{"id": "2", "tit', "no json", '"text"', '{"id": NaN, "title": Infinity}']
    (tmp_path / "feed.json").write_text("\n".join(lines))
    rows = source(spark, tmp_path, "json")
    ingested = ingest_postings(rows, night=NIGHT, config=CONFIG)
    assert (rows.count(), accepted_ids(ingested), len(reasons(ingested.rejected))) == (5, ["1"], 4)


def test_a_few_megabytes_that_become_one_line_of_gigabytes_are_passed_over(spark, tmp_path):
    bomb = f"(echo id,title; echo 1,Cook; head -c {3 * 2**30} /dev/zero; echo; echo 3,Nurse) | gzip -1 > {tmp_path}/feed.csv.gz"
    subprocess.run(bomb, shell=True, check=True)
    assert (tmp_path / "feed.csv.gz").stat().st_size < 20 * 2**20
    assert accepted_ids(ingest_postings(source(spark, tmp_path, "csv", header="true"), night=NIGHT, config=CONFIG)) == [
        "1",
        "3",
    ]


def test_a_packed_file_that_is_cut_short_is_told_of_without_its_rows(spark, tmp_path):
    packed = gzip.compress("".join(f"{n},Cook {n}\n" for n in range(50_000)).encode())
    (tmp_path / "feed.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ConfigError, match=r"sources\.postings: a file cannot be read to its end") as failure:
        with reading("sources.postings"):
            spark.read.schema("id string, title string").csv(str(tmp_path)).where("id > ''").count()
    assert "Cook" not in str(failure.value)


def test_an_expression_that_fails_is_told_of_without_the_row_that_it_fails_on(spark):
    rows = spark.createDataFrame([("s3cret\x1b[2J",)], "title string")
    with pytest.raises(ConfigError, match="an expression fails on a row") as failure:
        with reading("sources.postings"):
            rows.select(F.expr("CAST(title AS INT)")).collect()
    assert "s3cret" not in str(failure.value)
    assert "CAST_INVALID_INPUT" in str(failure.value)


def test_a_failure_that_is_not_of_the_source_stays_what_it_is(spark):
    def fail(batches):
        raise ZeroDivisionError

    with pytest.raises(Exception, match="ZeroDivisionError"):
        with reading("sources.postings"):
            spark.range(1).mapInArrow(fail, "id long").collect()


def test_rows_of_every_type_that_is_none_of_ours_are_read(spark):
    types = {
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
    }
    for name, value in types.items():
        columns = [F.expr(value).alias(field) for field in SOURCE.names]
        ingested = ingest_postings(spark.range(2).select(*columns), night=NIGHT, config=CONFIG)
        found = ingested.accepted.count(), ingested.rejected.count()
        assert sum(found) == 2, (name, found)
