"""Uniqueness over two columns and bounds of four: Great Expectations over the frame itself, and over our one row."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
from pyspark.sql import DataFrame, SparkSession

from pipelines.quality import pairs, stage
from pipelines.quality.gate import judge
from pipelines.section import Section
from schemas import suites
from schemas.suite import Rule, Suite, always

THRESHOLDLESS = Section()


def compound(spark: SparkSession, folder: Path, rows: int) -> dict[str, float]:
    """Seconds and Spark jobs of naive suites of Great Expectations over a frame of four columns, and of ours."""
    if not (folder / "_SUCCESS").exists():
        columns = (
            "concat('M-', id % 200000) AS member_id",
            "concat('P-', id) AS posting_id",
            "id / 3D AS score",
            "id AS place",
        )
        spark.range(rows).selectExpr(*columns).write.mode("overwrite").parquet(str(folder))
    frame = spark.read.parquet(str(folder))
    expect = gx.expectations
    unique = expect.ExpectCompoundColumnsToBeUnique(column_list=["member_id", "posting_id"])
    plain = [
        expect.ExpectColumnValuesToNotBeNull(column="member_id"),
        expect.ExpectColumnValuesToNotBeNull(column="posting_id"),
        expect.ExpectColumnValuesToBeBetween(column="score", min_value=0),
        expect.ExpectColumnValuesToBeBetween(column="place", min_value=0),
    ]
    strings = Rule("unique", "count(*) - count(DISTINCT struct(member_id, posting_id))", maximum=0)
    by_strings = Suite("strings", "bench", (strings,))
    ours = Suite(
        "bench",
        "bench",
        (
            always("members", "member_id IS NOT NULL"),
            always("postings", "posting_id IS NOT NULL"),
            always("scores", "score >= 0"),
            always("places", "place >= 0"),
        ),
    )

    def measured_ours() -> None:
        hashed = stage.measure(pairs.hashed_pairs(frame), suites.MATCHES_UNIQUE).toPandas()
        judge([(suites.MATCHES_UNIQUE, hashed), (ours, stage.measure(frame, ours).toPandas())], THRESHOLDLESS)

    def measured_by_strings() -> None:
        judge([(by_strings, stage.measure(frame, by_strings).toPandas())], THRESHOLDLESS)

    works: dict[str, Callable[[], object]] = {
        "ours: a row of measures": measured_ours,
        "uniqueness of pairs of strings by our pass": measured_by_strings,
        "naive suite": lambda: validated(frame, [unique, *plain]),
        "naive suite without uniqueness": lambda: validated(frame, plain),
        "naive uniqueness alone": lambda: validated(frame, [unique]),
        "naive uniqueness alone, frame not kept": lambda: validated(frame, [unique], persist=False),
    }
    found: dict[str, float] = {}
    for name, work in works.items():
        times = [seconds(work) for _ in range(2)]  # the first pays for compiling
        before = jobs_of(spark)
        found |= {name: min([*times[1:], seconds(work)]), f"{name}, Spark jobs": jobs_of(spark) - before}
    return found


def jobs_of(spark: SparkSession) -> int:
    """How many jobs the session has run."""
    return len(spark.sparkContext.statusTracker().getJobIdsForGroup(None))


def validated(frame: DataFrame, expectations: Sequence[Any], *, persist: bool = True) -> None:
    """The frame, judged by Great Expectations on Spark."""
    source = gx.get_context(mode="ephemeral").data_sources.add_spark("bench", persist=persist)
    batch = (
        source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    )
    passed = batch.validate(gx.ExpectationSuite(name="bench", expectations=list(expectations))).success
    frame.unpersist()  # which Great Expectations does not
    if not passed:
        raise RuntimeError("rows that should pass do not")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started
