"""One lazy Spark session for the whole test run, and what all tests of random values share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

os.environ.setdefault("TZ", "UTC")
settings.register_profile("tests", deadline=None)  # a busy machine is no failure
settings.load_profile("tests")
PROJECT = Path(__file__).parent.parent
SMALL = {  # as little compiling as may be: the tables of tests are small
    "spark.master": "local[2]",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    from jobs.start import start_spark

    session = start_spark("tests", SMALL)
    yield session
    session.stop()
