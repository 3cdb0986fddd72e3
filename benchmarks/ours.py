"""Stage: Nightmatch's search as an engine beside the others, as the night runs it, from table to table.

    python -m benchmarks.ours --folder var/bench/50000x100000 --engine exact

The index is built anew each time. A variant is what it changes in the section `[retrieval]` of the configuration.
"""

import argparse
import datetime
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.blas import blas_of
from benchmarks.night_tables import found_rows, table_id, write_tables
from benchmarks.peers.contract import Kind, Result, as_text, report
from benchmarks.peers.memory import worker_memory
from benchmarks.peers.quality import recall_of, short_share_of, violations_of
from jobs.choose_efforts import Sampling
from jobs.start import start_spark
from pipelines.config import NightConfig, load_config
from pipelines.night import Night
from pipelines.publishing.writing import WRITTEN, writing
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.index import new_index, seal_index
from pipelines.retrieval.indexing import searchable, train_quantiser, with_places, write_shards
from pipelines.retrieval.precision import chosen
from pipelines.retrieval.quantiser import from_bytes
from pipelines.retrieval.stage import by_cohort, searching
from schemas import columns as c
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS

_NEVER = 1 << 40
_MIN_RECALL = 0.99

# What `make bench` compares, by name. A line more here is an engine more there, with rules and without.
VARIANTS: dict[str, dict[str, object]] = {
    "exact": {"fast_min_postings": _NEVER},
    "exact float32": {"first_pass": "float32", "fast_min_postings": _NEVER},
    "fast": {"fast_min_postings": 50_000},
}

_CONF = Path(__file__).parents[1] / "conf"
_NIGHT = Night(datetime.date(2026, 11, 2), "bench")
_STUDENT = "bench"
_WARM = 16_384  # members searched before the clock starts


def night_config() -> NightConfig:
    """The configuration that variants start from."""
    return load_config(_CONF, "sample", {})


def retrieval_config(variant: str, k: int) -> RetrievalConfig:
    """The section of the configuration that the variant of this name runs under."""
    section = night_config().retrieval.model_dump()
    return RetrievalConfig.model_validate({**section, "matches_per_member": k, **VARIANTS[variant]})


@dataclass(frozen=True)
class Run:
    """One workload searched under one configuration."""

    spark: SparkSession
    folder: Path
    workload: Kind
    config: RetrievalConfig

    @property
    def matches(self) -> Path:
        """Where the table of matches lies."""
        return self.folder / "matches" / self.workload

    def rows(self, name: str) -> int:
        """How many postings or members there are."""
        return len(np.load(self.folder / f"{name}.npy", mmap_mode="r"))

    def table(self, name: str) -> Path:
        """Where the table of postings or members lies."""
        return self.folder / self.workload / name

    def built(self) -> tuple[Path, float]:
        """A fresh index and the seconds that it took."""
        shutil.rmtree(self.folder / "indexes", ignore_errors=True)
        started = time.perf_counter()
        folder = new_index(self.folder / "indexes", f"bench-{self.workload}")
        shards = self.config.shards_for(self.rows(POSTINGS.name))
        rows = searchable(self.spark.read.parquet(str(self.table(POSTINGS.name))))
        expected = self.rows(POSTINGS.name)
        clusters = self.config.clusters_for(expected)
        trained = train_quantiser(rows, expected=expected, clusters=clusters).collect() if clusters else []
        placed = with_places(rows, from_bytes(trained[0]["quantiser"]) if trained else None)
        written = write_shards(placed, folder=folder, shards=shards).collect()
        seal_index(folder, {row["shard"] for row in written}, student_id=_STUDENT, run_id=_NIGHT.run_id)
        return folder, time.perf_counter() - started

    def matched(self, members: DataFrame, expected: int, index: Path) -> float:
        """Seconds from the table of members to the table of matches."""
        started = time.perf_counter()
        self.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", self.config.block_members)
        sampling = Sampling(members, lambda frame: frame, index, _STUDENT, self.config, _MIN_RECALL)
        efforts = {name: effort for name, effort in sampling.efforts(sampling.shares()).items() if effort is not None}
        search = searching(
            index=index, index_id="bench", student_id=_STUDENT, night=_NIGHT, config=self.config, efforts=efforts
        )
        shutil.rmtree(self.matches, ignore_errors=True)
        self.matches.mkdir(parents=True)
        queries = by_cohort(members, expected=expected, config=self.config)
        queries.mapInArrow(writing(search, {MATCHES: self.matches}), WRITTEN).collect()
        return time.perf_counter() - started


def measured(variant: str, workload: Kind, asked: argparse.Namespace) -> Result:
    """The result of one variant; its matches stay where they are."""
    config = retrieval_config(variant, asked.k)
    with session(asked.threads) as spark, worker_memory() as building:
        write_tables(spark, asked.folder)
        index, build_s = Run(spark, asked.folder, workload, config).built()
    with session(asked.threads) as spark, worker_memory() as matching:  # workers that have built nothing
        run = Run(spark, asked.folder, workload, config)
        members, count = spark.read.parquet(str(run.table(MEMBERS.name))), run.rows(MEMBERS.name)
        run.matched(members.where(F.col(c.MEMBER_ID) < table_id(MEMBERS, _WARM)), min(_WARM, count), index)
        seconds = run.matched(members, count, index)
        told = {
            "first_pass": chosen(config.first_pass).name,
            "OpenBLAS": blas_of_workers(spark),
            "MiB per worker building": round(max(building, default=0)),
        }
    return Result(
        engine=variant,
        workload=workload,
        members=count,
        postings=run.rows(POSTINGS.name),
        k=asked.k,
        threads=asked.threads,
        members_per_s=count / seconds,
        private_mib_per_worker=max(matching, default=None),
        build_s=build_s,
        bytes_read=bytes_of(index) + bytes_of(run.table(MEMBERS.name)),
        note=f"table to table, {as_text(**told)}",
        **quality(run),
    )


@contextmanager
def session(threads: int) -> Iterator[SparkSession]:
    """A session with Python workers of its own, for as long as the context lasts."""
    properties = {"spark.master": f"local[{threads}]", "spark.ui.showConsoleProgress": "false"}
    spark = start_spark("retrieval benchmark", {**night_config().spark, **properties})
    try:
        yield spark
    finally:
        spark.stop()


def quality(run: Run) -> Mapping[str, Any]:
    """Recall, share short and violations over the members whose truth is known."""
    known = np.load(run.folder / "truth_members.npy")
    k, rules = run.config.matches_per_member, run.workload == "rules"
    truth = np.load(run.folder / ("truth_filtered.npy" if rules else "truth.npy"))[:, :k]
    found = found_rows(run.matches, known, k)
    cohorts, eligible = np.load(run.folder / "member_cohort.npy")[known], np.load(run.folder / "eligible.npy")
    return {
        "recall": recall_of(found, truth),
        "short_share": short_share_of(found, truth),
        "violations": violations_of(found, cohorts, eligible) if rules else 0,
    }


def blas_of_workers(spark: SparkSession) -> str:
    """Which OpenBLAS numpy has in Spark's workers."""
    told: str = spark.sparkContext.parallelize(["numpy"], 1).map(blas_of).first()
    return told


def bytes_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def engines() -> dict[str, Callable[[argparse.Namespace], Result]]:
    """Every variant without rules, and as `<variant>, rules` with them."""
    kinds: dict[str, Kind] = {"": "unfiltered", ", rules": "rules"}
    return {f"{name}{end}": partial(measured, name, kind) for name in VARIANTS for end, kind in kinds.items()}


if __name__ == "__main__":
    sys.exit(report(__doc__, engines()))
