"""Rows of the night's tables with only the fields that a test is about; the rest is null."""

import datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from pipelines.night import Night

NIGHT = Night(datetime.date(2026, 11, 2), "run")


def frame(spark: SparkSession, schema: T.StructType, *rows: dict[str, Any]) -> DataFrame:
    """A frame of `schema` with the fields given; run_date and run_id are those of NIGHT."""
    unknown = {name for row in rows for name in row} - set(schema.names)
    assert not unknown, unknown
    full = [{"run_date": NIGHT.run_date, "run_id": NIGHT.run_id, **row} for row in rows]
    return spark.createDataFrame([tuple(row.get(name) for name in schema.names) for row in full], schema)
