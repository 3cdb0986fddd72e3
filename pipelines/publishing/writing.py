"""Kernel: Parquet files written by the workers that make the rows."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from schemas.table import Table

Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
WRITTEN = T.StructType().add("file", T.StringType()).add("rows", T.LongType())


def writing(work: Work, folder: Path, table: Table) -> Work:
    """A function for `mapInArrow` that writes what `work` yields; one row per file: its name and number of rows."""
    schema = to_arrow_schema(table.schema, timezone="UTC")

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        name, rows = f"part-{uuid.uuid4().hex}.parquet", 0
        with pq.ParquetWriter(folder / name, schema, compression="zstd") as file:
            for batch in work(batches):
                file.write_batch(batch)
                rows += batch.num_rows
        yield pa.RecordBatch.from_pylist([{"file": name, "rows": rows}])

    return write
