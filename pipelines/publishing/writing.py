"""Kernel: Parquet files written by the workers that make the rows."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from schemas.table import Table

Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
WRITTEN = T.StructType().add("table", T.StringType()).add("file", T.StringType()).add("rows", T.LongType())


def writing(work: Work, folders: Mapping[Table, Path]) -> Work:
    """A function for `mapInArrow` that writes what `work` yields; a row per file: its table, name and number of rows.

    Args:
        work: yields batches, each of rows of one of the tables.
        folders: of each table, where its files go.
    """
    kinds = {table.name: to_arrow_schema(table.schema, timezone="UTC") for table in folders}
    where = {table.name: folder for table, folder in folders.items()}
    named = {tuple(schema.names): name for name, schema in kinds.items()}

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        name, rows = f"part-{uuid.uuid4().hex}.parquet", dict.fromkeys(where, 0)
        with ExitStack() as open_files:
            files = {
                table: open_files.enter_context(pq.ParquetWriter(where[table] / name, schema, compression="zstd"))
                for table, schema in kinds.items()
            }
            for batch in work(batches):
                if (
                    not batch.num_rows
                ):  # a group of no rows has no bounds, by which a catalog knows the file's partition
                    continue
                table = named[tuple(batch.schema.names)]
                files[table].write_batch(batch)
                rows[table] += batch.num_rows
        yield pa.RecordBatch.from_pylist([{"table": table, "file": name, "rows": n} for table, n in rows.items()])

    return write
