"""Stage: a workload as Parquet for engines on Spark, and what they wrote read back."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from benchmarks.peers.arrays import Floats, Workload
from benchmarks.peers.quality import Rows

MEMBER = "member"  # number in the order asked
POSTING = "posting"  # row
VECTOR = "vector"
_PARTS = 8  # Parquet files of a table

# Columns member and posting, from columns member, vector and posting, vector.
Recommend = Callable[[DataFrame, DataFrame], DataFrame]


@dataclass(frozen=True)
class Tables:
    """A workload on disk with the session that reads it."""

    spark: SparkSession
    folder: Path
    workload: Workload

    def read(self, name: str) -> DataFrame:
        """`members`, `postings`, or `warm`, the first few members."""
        return self.spark.read.parquet(str(self.folder / name))

    def timed(self, recommend: Recommend) -> tuple[Rows, float]:
        """Posting rows of all members, and the seconds from Parquet to Parquet, after a smaller round to warm up."""
        seconds = 0.0
        for name in ("warm", "members"):
            started = time.perf_counter()
            recommend(self.read(name), self.read("postings")).select(MEMBER, POSTING).write.mode("overwrite").parquet(
                str(self.folder / "found")
            )
            seconds = time.perf_counter() - started
        found = pq.read_table(self.folder / "found", columns=[MEMBER, POSTING])
        pairs = found.column(0).to_numpy(), found.column(1).to_numpy()
        return as_rows(*pairs, members=len(self.workload.asked.vectors), k=self.workload.k), seconds


@contextmanager
def tables(workload: Workload, *, warm: int) -> Iterator[Tables]:
    """The workload's tables for as long as they are needed."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["OMP_NUM_THREADS"] = "1"
    builder = SparkSession.builder.master(f"local[{workload.threads}]").appName("peer")
    settings: dict[str, bool | float | int | str | None] = {
        "spark.driver.memory": "6g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(4 * workload.threads),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    folder = Path(tempfile.mkdtemp(prefix="peer-"))
    for name, key, vectors in (
        ("postings", POSTING, workload.postings),
        ("members", MEMBER, workload.asked.vectors),
        ("warm", MEMBER, workload.asked.vectors[:warm]),
    ):
        write_vectors(folder / name, key, vectors)
    spark = builder.config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield Tables(spark, folder, workload)
    finally:
        spark.stop()
        shutil.rmtree(folder)


def write_vectors(folder: Path, key: str, vectors: Floats) -> None:
    """`folder` with the vectors as Parquet, keyed by row number."""
    folder.mkdir()
    starts = range(0, len(vectors), max(1, -(-len(vectors) // _PARTS)))
    for start in starts:
        part = vectors[start : start + starts.step]
        numbers = pa.array(np.arange(start, start + len(part), dtype=np.int32))
        flat = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1])
        table = pa.table({key: numbers, VECTOR: flat.cast(pa.list_(pa.float32()))})
        pq.write_table(table, folder / f"{start:09d}.parquet")


def as_rows(member: Rows, posting: Rows, *, members: int, k: int) -> Rows:
    """Pairs as a row per member, padded with -1; beyond k a pair is dropped.

    >>> as_rows(np.array([1, 0, 1]), np.array([7, 8, 9]), members=3, k=2).tolist()
    [[8, -1], [7, 9], [-1, -1]]
    """
    order = np.argsort(member, kind="stable")
    counts = np.bincount(member, minlength=members)
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = np.full((members, k), -1, dtype=np.int64)
    kept = place < k
    found[member[order][kept], place[kept]] = posting[order][kept]
    return found
