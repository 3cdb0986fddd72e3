"""Stage: what the columns of a source are like, without any value that only few rows have."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.night import Night

ROWS = "rows"
_KINDS: Mapping[type[T.DataType], str] = {
    T.StringType: "text",
    T.BooleanType: "flag",
    T.DateType: "date",
    T.TimestampType: "date",
    T.TimestampNTZType: "date",
    T.ArrayType: "list",
}


def kind_of(field: T.StructField) -> str:
    """Whether a column holds text, flag, number, date, list or something else.

    >>> kind_of(T.StructField("pay", T.DecimalType()))
    'number'
    """
    if isinstance(field.dataType, T.NumericType):
        return "number"
    return _KINDS.get(type(field.dataType), "other")


def column_measures(rows: DataFrame, *, night: Night) -> DataFrame:
    """One row: `rows`, and per column a struct of what it is like, from one pass.

    A struct has `nulls`, `distinct` (about), `low` and `high` (of numbers), `shortest` and `longest` (characters of
    texts, elements of lists) and `days` (from the newest date that is not after the run date); what does not apply is
    null.
    """
    measures = [_measures(field, night).alias(field.name) for field in rows.schema]
    return rows.agg(F.count(F.lit(1)).alias(ROWS), *measures)


def value_counts(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Each value of these text columns with how many rows have it: `column`, `value`, `count`."""
    counts = [
        rows.where(F.col(name).isNotNull())
        .groupBy(F.col(name).alias("value"))
        .agg(F.count(F.lit(1)).alias("count"))
        .select(F.lit(name).alias("column"), "value", "count")
        for name in columns
    ]
    return reduce(DataFrame.unionByName, counts)


def _measures(field: T.StructField, night: Night) -> Column:
    kind, column = kind_of(field), F.col(field.name)
    nothing = F.lit(None)
    size = F.length(column) if kind == "text" else F.size(column) if kind == "list" else nothing
    number = column.cast("double") if kind == "number" else nothing.cast("double")
    day = column.cast("date") if kind == "date" else nothing.cast("date")
    newest = F.max(F.when(day <= F.lit(night.run_date), day))
    is_comparable = kind in {"text", "flag", "date", "number"}
    return F.struct(
        F.count_if(column.isNull()).alias("nulls"),
        (F.approx_count_distinct(column) if is_comparable else F.max(nothing.cast("bigint"))).alias("distinct"),
        F.min(number).alias("low"),
        F.max(number).alias("high"),
        F.min(size.cast("int")).alias("shortest"),
        F.max(size.cast("int")).alias("longest"),
        F.datediff(F.lit(night.run_date), newest).alias("days"),
    )
