"""Stage: a workload's arrays as the night's tables of postings and members, and its table of matches as rows."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.peers.quality import Rows
from benchmarks.peers.tables import as_rows
from benchmarks.truth import read_rules
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.table import Table

_FILE_ROWS = 20_000
_KEYS = {POSTINGS.name: (c.POSTING_ID, "p"), MEMBERS.name: (c.MEMBER_ID, "m")}
_PLACE = "asked"


def table_id(table: Table, row: int) -> str:
    """The id of a row of postings or members.

    >>> table_id(MEMBERS, 7)
    'm000000007'
    """
    return f"{_KEYS[table.name][1]}{row:09d}"


def write_tables(spark: SparkSession, folder: Path) -> None:
    """Postings and members with vectors, under `folder/unfiltered` and `folder/rules`; made once."""
    rules = read_rules(folder)
    for table in (POSTINGS, MEMBERS):
        vectors = np.load(folder / f"{table.name}.npy", mmap_mode="r")
        for workload in ("unfiltered", "rules"):
            written = folder / workload / table.name
            if (written / "_SUCCESS").exists() and spark.read.parquet(str(written)).columns == [
                *table.columns,
                c.VECTOR,
            ]:
                continue
            rows = folder / "rows"
            shutil.rmtree(rows, ignore_errors=True)
            rows.mkdir()
            for start in range(0, len(vectors), _FILE_ROWS):
                part = np.ascontiguousarray(vectors[start : start + _FILE_ROWS])
                numbers = range(start, start + len(part))
                places = [rules.place(table.name, row) if workload == "rules" else None for row in numbers]
                lists = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1])
                columns: dict[str, Any] = {
                    _KEYS[table.name][0]: [table_id(table, row) for row in numbers],
                    c.VECTOR: lists.cast(pa.list_(pa.float32())),
                    _PLACE: pa.array(places, pa.string()),
                }
                pq.write_table(pa.table(columns), rows / f"{start:09d}.parquet")
            _completed(spark.read.parquet(str(rows)), table).write.mode("overwrite").parquet(str(written))
            shutil.rmtree(rows)


def _completed(rows: DataFrame, table: Table) -> DataFrame:
    """The table's columns, null but for id, place and vector."""
    placed = F.col(_PLACE).isNotNull()
    place = F.struct(
        F.lit("US").alias("country"), F.col(_PLACE).alias("region"), F.lit(None).cast("string").alias("city")
    )
    given = {
        _KEYS[table.name][0]: F.col(_KEYS[table.name][0]),
        c.COUNTRY: F.when(placed, F.lit("US")),
        c.REGION: F.col(_PLACE),
        c.PLACES: F.when(placed, F.array(place)),
    }
    columns = [
        given.get(field.name, F.lit(None)).cast(field.dataType).alias(field.name) for field in table.schema.fields
    ]
    return rows.select(*columns, c.VECTOR)


def found_rows(matches: Path, members: Rows, k: int) -> Rows:
    """Posting rows that the table of matches gives to some members, best first, padded with -1; [n_members, k].

    Args:
        matches: folder of Parquet files.
        members: row numbers, ascending.
    """
    wanted = [table_id(MEMBERS, row) for row in members.tolist()]
    found = pq.read_table(
        matches, columns=[c.MEMBER_ID, c.POSTING_ID, c.SIMILARITY], filters=[(c.MEMBER_ID, "in", wanted)]
    ).sort_by([(c.SIMILARITY, "descending")])
    member, posting = (
        pc.utf8_slice_codeunits(found.column(name), 1).cast(pa.int64()).to_numpy()
        for name in (c.MEMBER_ID, c.POSTING_ID)
    )
    return as_rows(np.searchsorted(members, member), posting, members=len(members), k=k)
