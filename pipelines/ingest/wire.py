"""Stage: source rows as JSON, read by a kernel into typed columns."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.ingest.reasons import DUPLICATE_ID
from schemas import columns as c
from schemas.rejected import REPEAT

_COPY = "copy"


def read_rows(source: DataFrame, reader: Callable[[str], dict[str, object]], columns: T.StructType) -> DataFrame:
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


def with_source_row(rows: DataFrame, id_column: str) -> DataFrame:
    """Rows named by their id, else by their sha256."""
    return rows.withColumn(c.SOURCE_ROW, F.coalesce(id_column, F.sha2(c.ROW, 256)))


def with_repeats_refused(rows: DataFrame, id_column: str, best_first: Sequence[str]) -> DataFrame:
    """Each source row's name is its own, and an id counts once: it is a reason against all rows of it but the best.

    Args:
        rows: with `source_row` and `reasons`; a row without reasons goes before one with some.
        id_column: the column that must not repeat.
        best_first: columns whose largest value goes first; the row's JSON breaks ties.
    """
    order = [F.size(c.REASONS) > 0, *(F.col(name).desc_nulls_last() for name in best_first), F.col(c.ROW)]
    copy = F.row_number().over(Window.partitionBy(c.SOURCE_ROW).orderBy(*order))
    repeated = (F.col(_COPY) > 1) & F.col(id_column).isNotNull()
    reasons = F.when(repeated, F.array_append(c.REASONS, F.lit(DUPLICATE_ID))).otherwise(F.col(c.REASONS))
    name = F.when(F.col(_COPY) > 1, F.concat_ws(REPEAT, c.SOURCE_ROW, _COPY)).otherwise(F.col(c.SOURCE_ROW))
    return rows.withColumn(_COPY, copy).withColumns({c.SOURCE_ROW: name, c.REASONS: F.array_sort(reasons)}).drop(_COPY)
