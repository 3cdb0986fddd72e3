"""Stage: source rows under their canonical column names, as the configuration maps them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.publishing.config import InputConfig, SourceConfig
from schemas.errors import ConfigError, listed

_CONDITION = re.compile(r"\[([A-Z_]+(?:\.[A-Z_]+)*)\].*?SQLSTATE: (\w\w)", re.DOTALL)  # of Spark: a name and a class
_BROKEN = {
    "22": "an expression fails on a row; leave casts to ingest, or use try_cast",
    "KD": "a file cannot be read to its end",
}
_MAX_LINE_BYTES = 64 * 2**20  # of a text file: a longer one is no row, and a few MB of gzip can hold gigabytes


def read_source(
    spark: SparkSession, where: str, source: SourceConfig, canonical: T.StructType, project: Path
) -> DataFrame:
    """All rows of a source; each canonical column holds its expression's value, of whatever type, or null.

    Args:
        where: the source's section of the configuration, for messages.
        canonical: the columns wanted; those that the source does not map are typed nulls.
        project: folder that relative locations start at.

    Raises:
        ConfigError: an input cannot be read, or the query or an expression is not valid over it; all are listed.
    """
    open_inputs(spark, where, source.inputs, project)
    rows = query(spark, f"{where}.query", source.query) if source.query else spark.table(next(iter(source.inputs)))
    check_expressions(f"{where}.columns", rows, source.columns)
    return rows.select(
        *(
            F.expr(source.columns[field.name]).alias(field.name)
            if field.name in source.columns
            else F.lit(None).cast(field.dataType).alias(field.name)
            for field in canonical
        )
    )


def check_expressions(where: str, rows: DataFrame, expressions: Mapping[str, str]) -> None:
    """Pass when every Spark SQL expression is valid over the rows.

    Raises:
        ConfigError: some are not; all are listed.
    """
    wrong = [
        f"{where}.{name}: {problem}"
        for name, expression in expressions.items()
        if (problem := _problem(rows, expression))
    ]
    if wrong:
        known = ", ".join(rows.columns)
        raise ConfigError(listed(f"{len(wrong)} expression(s) do not fit the source; its columns are {known}:", wrong))


def open_inputs(spark: SparkSession, where: str, inputs: Mapping[str, InputConfig], project: Path) -> None:
    """Queries see each input under its name.

    Raises:
        ConfigError: an input cannot be read.
    """
    for alias, given in inputs.items():
        _read_input(spark, f"{where}.inputs.{alias}", given, project).createOrReplaceTempView(alias)


def query(spark: SparkSession, where: str, text: str) -> DataFrame:
    """What a configured query gives.

    Raises:
        ConfigError: it is not valid over the inputs.
    """
    try:
        return spark.sql(text)
    except (AnalysisException, ParseException) as error:
        raise ConfigError(f"{where}: {_first_line(error)}") from None


@contextmanager
def reading(where: str) -> Iterator[None]:
    """A source that breaks off while its rows are read is told of by what broke, never by the row that it broke at.

    Raises:
        ConfigError: a file is damaged, or an expression fails on a row.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found = _CONDITION.search(str(error))
        if found is None or found[2] not in _BROKEN:
            raise
        raise ConfigError(f"{where}: {_BROKEN[found[2]]} ({found[1]})") from None


def _read_input(spark: SparkSession, where: str, given: InputConfig, project: Path) -> DataFrame:
    try:
        if given.table is not None:
            return spark.read.table(given.table)
        reader = spark.read.format(str(given.format))
        if given.location is None:
            return reader.options(**given.options).load()
        reader = reader.option("mapreduce.input.linerecordreader.line.maxlength", _MAX_LINE_BYTES)
        return reader.options(**given.options).load(_absolute(given.location, project))
    except (PySparkException, Py4JJavaError) as error:  # an unknown format is the latter
        raise ConfigError(f"{where}: Spark cannot read it: {_first_line(error)}") from None


def _absolute(location: str, project: Path) -> str:
    return location if urlparse(location).scheme else str((project / location).absolute())


def _problem(rows: DataFrame, expression: str) -> str | None:
    try:
        _ = rows.select(F.expr(expression)).schema
    except (AnalysisException, ParseException) as error:
        return _first_line(error)
    return None


def _first_line(error: PySparkException | Py4JJavaError) -> str:
    text = str(error.java_exception.getMessage()) if isinstance(error, Py4JJavaError) else str(error)
    return text.strip().split("\n", 1)[0]
