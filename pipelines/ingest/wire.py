"""Stage: source rows as JSON, read by a kernel into typed columns."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from schemas import columns as c

_COPY = "copy"


def read_rows(
    source: DataFrame, reader: Callable[[str], dict[str, object]], columns: T.StructType
) -> DataFrame:
    """The reader's columns for every source row, and the row itself as JSON under `row`."""
    fields = to_arrow_schema(columns)
    produced = fields.append(pa.field(c.ROW, pa.string()))

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            raw = batch.column(c.ROW)
            values = pa.RecordBatch.from_pylist([reader(row) for row in raw.to_pylist()], schema=fields)
            yield pa.RecordBatch.from_arrays([*values.columns, raw.cast(pa.string())], schema=produced)

    rows = source.select(F.to_json(F.struct(*source.columns)).alias(c.ROW))
    return rows.mapInArrow(read, schema=T.StructType([*columns, T.StructField(c.ROW, T.StringType())]))


def with_source_row(rows: DataFrame, id_column: str, best_first: Sequence[str]) -> DataFrame:
    """Rows named by their id, else by their sha256; a repeated id is a reason against all but the best row.

    Args:
        rows: with `reasons`; a row without any goes before one with some.
        best_first: columns whose largest value goes first; the row's JSON breaks ties.
    """
    same = Window.partitionBy(c.SOURCE_ROW)
    order = [F.size(c.REASONS) > 0, *(F.col(name).desc_nulls_last() for name in best_first), F.col(c.ROW)]
    named = rows.withColumn(c.SOURCE_ROW, F.coalesce(id_column, F.sha2(c.ROW, 256)))
    return named.withColumn(_COPY, F.row_number().over(same.orderBy(*order))).withColumns(
        {
            c.SOURCE_ROW: F.when(F.col(_COPY) == 1, F.col(c.SOURCE_ROW)).otherwise(
                F.concat_ws("#", c.SOURCE_ROW, _COPY)
            ),
            c.REASONS: F.array_sort(
                F.when(
                    (F.col(_COPY) > 1) & F.col(id_column).isNotNull(),
                    F.array_append(c.REASONS, F.lit("duplicate_id")),
                ).otherwise(F.col(c.REASONS))
            ),
        }
    ).drop(_COPY)
