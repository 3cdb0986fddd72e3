"""Members per second of the search and of its peers, on the same arrays, in one run.

    python -m benchmarks.bench_retrieval --members 200000 --postings 200000

Ours runs as the night runs it: from a Parquet table of members with vectors to a Parquet table of matches. Results go
to var/bench/retrieval.json, one object per engine and workload.
"""

import argparse
import datetime
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.truth import Rules, draw_rules, write_truth
from benchmarks.workload import make_workload
from jobs.start import start_spark
from pipelines.config import load_config
from pipelines.night import Night
from pipelines.publishing.writing import WRITTEN, writing
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.index import new_index, seal_index
from pipelines.retrieval.stage import by_cohort, searching, write_shards
from schemas import columns as c
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.table import Table

NIGHT = Night(datetime.date(2026, 11, 2), "bench")
STUDENT = "bench"
_ROWS = 20_000  # of a Parquet file
_PEER = Path(__file__).parent / "peers" / "faiss_bare.py"

console = Console(width=160)


@dataclass(frozen=True)
class Result:
    """What one engine did with one workload."""

    engine: str
    workload: Literal["unfiltered", "rules"]
    members: int
    postings: int
    k: int
    threads: int
    members_per_s: float | None
    build_s: float | None
    recall: float | None
    short_share: float | None
    violations: int | None
    private_mib_per_worker: float | None
    share_of_peak: float | None
    note: str


@dataclass(frozen=True)
class Bench:
    """What every run of ours needs."""

    spark: SparkSession
    folder: Path
    config: RetrievalConfig
    threads: int

    def index(self, workload: str) -> tuple[Path, float]:
        """A fresh index of the workload's postings and the seconds that it took."""
        started = time.perf_counter()
        postings = self.read(POSTINGS, workload)
        shards = self.config.shards_for(len(np.load(self.folder / "postings.npy", mmap_mode="r")))
        folder = new_index(self.folder / "indexes", f"bench-{workload}")
        written = write_shards(postings, folder=folder, shards=shards).collect()
        seal_index(folder, {row["shard"] for row in written}, student_id=STUDENT, run_id=NIGHT.run_id)
        return folder, time.perf_counter() - started

    def match(self, workload: str, index: Path, precision: str) -> float:
        """Seconds from the table of members to the table of matches."""
        started = time.perf_counter()
        config = self.config.model_copy(update={"first_pass": precision})
        self.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", config.block_members)
        search = searching(index=index, index_id="bench", student_id=STUDENT, night=NIGHT, config=config)
        expected = len(np.load(self.folder / "members.npy", mmap_mode="r"))
        queries = by_cohort(self.read(MEMBERS, workload), expected=expected, config=config)
        shutil.rmtree(self.matches(workload), ignore_errors=True)
        self.matches(workload).mkdir(parents=True)
        queries.mapInArrow(writing(search, self.matches(workload), MATCHES), WRITTEN).collect()
        return time.perf_counter() - started

    def matches(self, workload: str) -> Path:
        """Where the matches of a workload lie."""
        return self.folder / "matches" / workload

    def read(self, table: Table, workload: str) -> DataFrame:
        """The workload's postings or members, with vectors."""
        return self.spark.read.parquet(str(self.folder / workload / table.name))


def write_tables(bench: Bench, rules: Rules) -> None:
    """Postings and members of both workloads as Parquet, ids by row number."""
    for table, key, prefix in ((POSTINGS, c.POSTING_ID, "p"), (MEMBERS, c.MEMBER_ID, "m")):
        vectors = np.load(bench.folder / f"{table.name}.npy", mmap_mode="r")
        for workload in ("unfiltered", "rules"):
            folder = bench.folder / workload / table.name
            if folder.exists():
                continue
            rows = bench.folder / "rows" / workload / table.name
            rows.mkdir(parents=True, exist_ok=True)
            for start in range(0, len(vectors), _ROWS):
                part = np.ascontiguousarray(vectors[start : start + _ROWS])
                numbers = range(start, start + len(part))
                columns: dict[str, Any] = {
                    key: [f"{prefix}{row:09d}" for row in numbers],
                    c.VECTOR: pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1]).cast(
                        pa.list_(pa.float32())
                    ),
                    "asked": pa.array(
                        [rules.place(table.name, row) if workload == "rules" else None for row in numbers], pa.string()
                    ),
                }
                pq.write_table(pa.table(columns), rows / f"{start:09d}.parquet")
            _completed(bench.spark.read.parquet(str(rows)), table).write.parquet(str(folder))
            shutil.rmtree(rows)


def _completed(rows: DataFrame, table: Table) -> DataFrame:
    """The table's columns, null but for id, place and vector."""
    place = F.struct(
        F.lit("US").alias("country"), F.col("asked").alias("region"), F.lit(None).cast("string").alias("city")
    )
    given = {
        c.COUNTRY: F.when(F.col("asked").isNotNull(), F.lit("US")),
        c.REGION: F.col("asked"),
        c.PLACES: F.when(F.col("asked").isNotNull(), F.array(place)),
    }
    columns = [
        F.col(field.name)
        if field.name in rows.columns
        else given.get(field.name, F.lit(None)).cast(field.dataType).alias(field.name)
        for field in table.schema.fields
    ]
    return rows.select(*columns, c.VECTOR)


def measured(bench: Bench, workload: Literal["unfiltered", "rules"], repetitions: int, peak: float) -> list[Result]:
    """Ours in both precisions, by turns, after one round to warm up."""
    index, build_s = bench.index(workload)
    bench.match(workload, index, "auto")
    seconds: dict[str, list[float]] = {"auto": [], "float32": []} if workload == "unfiltered" else {"auto": []}
    results = []
    for _ in range(repetitions):
        for precision, taken in seconds.items():
            taken.append(bench.match(workload, index, precision))
    members = len(np.load(bench.folder / "members.npy", mmap_mode="r"))
    postings, dimension = np.load(bench.folder / "postings.npy", mmap_mode="r").shape
    for precision, taken in seconds.items():
        bench.match(workload, index, precision)
        rate = members / statistics.median(taken)
        quality = quality_of(bench, workload)
        results.append(
            Result(
                engine=f"nightmatch exact ({precision})", workload=workload, members=members, postings=postings,
                k=bench.config.matches_per_member, threads=bench.threads, members_per_s=rate, build_s=build_s,
                private_mib_per_worker=None, note="table to table",
                share_of_peak=rate * postings * dimension * 2 / peak if workload == "unfiltered" else None, **quality,
            )
        )  # fmt: skip
    return results


def quality_of(bench: Bench, workload: str) -> dict[str, Any]:
    """Recall, share short and violations over the members whose truth is known."""
    rows = np.load(bench.folder / "truth_members.npy")
    truth = np.load(bench.folder / ("truth_filtered.npy" if workload == "rules" else "truth.npy"))
    wanted = [f"m{row:09d}" for row in rows.tolist()]
    table = pq.read_table(
        bench.matches(workload), columns=[c.MEMBER_ID, c.POSTING_ID], filters=[(c.MEMBER_ID, "in", wanted)]
    )
    found: dict[str, set[int]] = {}
    for member, posting in zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True):
        found.setdefault(member, set()).add(int(posting[1:]))
    best = [set(row[row >= 0].tolist()) for row in truth]
    hits = sum(len(one & found.get(member, set())) for one, member in zip(best, wanted, strict=True))
    short = sum(len(found.get(member, set())) < len(one) for one, member in zip(best, wanted, strict=True))
    cohort, eligible = (
        np.load(bench.folder / "member_cohort.npy"),
        np.load(bench.folder / "eligible.npy", mmap_mode="r"),
    )
    broken = 0
    if workload == "rules":
        for row, member in zip(rows.tolist(), wanted, strict=True):
            may = np.unpackbits(eligible[cohort[row]], bitorder="little")
            broken += sum(not may[posting] for posting in found.get(member, set()))
    return {"recall": hits / sum(map(len, best)), "short_share": short / len(wanted), "violations": broken}


def peak_of(threads: int) -> float:
    """Most float32 multiplications and additions a second that numpy reaches here with so many threads."""
    code = (
        "import numpy as n,time;a=n.ones((4096,1024),n.float32);b=n.ones((1024,4096),n.float32);a@b;t=[]\n"
        "for _ in range(5):\n s=time.perf_counter();a@b;t.append(time.perf_counter()-s)\n"
        "print(2*4096*4096*1024/min(t))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env={"OMP_NUM_THREADS": str(threads)}, capture_output=True, text=True, check=True
    )
    return float(said.stdout)


def peers(folder: Path, k: int, threads: int, limit: int, recall: float, engines: Sequence[str]) -> list[Result]:
    """Bare FAISS in a process of its own."""
    command = [sys.executable, str(_PEER), "--folder", str(folder), "--k", str(k), "--threads", str(threads)]
    command += ["--limit-members", str(limit), "--recall", str(recall), "--engine", *engines]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = json.loads(said.strip().splitlines()[-1])
    return [Result(**{"share_of_peak": None, **row}) for row in rows]


def show(results: Sequence[Result]) -> Grid:
    """The results as a table."""
    grid = Grid(
        "engine", "workload", "members/s", "recall", "short", "violations", "build s", "of peak", title="retrieval"
    )
    for one in results:
        numbers: list[tuple[float | None, str]] = [
            (one.members_per_s, ",.0f"), (one.recall, ".4f"), (one.short_share, ".1%"), (one.violations, ",.0f"),
            (one.build_s, ".1f"), (one.share_of_peak, ".0%"),
        ]  # fmt: skip
        grid.add_row(
            one.engine, one.workload, *("" if value is None else format(value, form) for value, form in numbers)
        )
    return grid


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("members", 200_000), ("postings", 200_000), ("threads", 2), ("k", 100), ("repetitions", 3)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--peer-members", type=int, default=10_000, help="members that bare FAISS searches for")
    arguments.add_argument("--peers", nargs="*", default=["knn", "flat_selector"])
    arguments.add_argument("--recall", type=float, default=0.99)
    asked = arguments.parse_args(argv)
    folder = Path("var/bench") / f"{asked.members}x{asked.postings}"
    make_workload(folder, members=asked.members, postings=asked.postings, processes=asked.threads)
    rules = draw_rules(asked.members, asked.postings, seed=7)
    write_truth(folder, rules, k=asked.k)
    config = load_config(Path("conf").absolute(), "sample", {})
    properties = {**config.spark, "spark.master": f"local[{asked.threads}]", "spark.ui.showConsoleProgress": "false"}
    retrieval = config.retrieval.model_copy(update={"matches_per_member": asked.k})
    bench = Bench(start_spark("retrieval benchmark", properties), folder, retrieval, asked.threads)
    write_tables(bench, rules)
    peak = peak_of(asked.threads)
    before = peers(folder, asked.k, asked.threads, asked.peer_members, asked.recall, asked.peers) if asked.peers else []
    results = [
        *measured(bench, "unfiltered", asked.repetitions, peak),
        *measured(bench, "rules", asked.repetitions, peak),
        *before,
    ]
    target = Path("var/bench/retrieval.json")
    target.write_text(json.dumps([asdict(one) for one in results], indent=2))
    console.print(show(results))
    console.print(f"float32 peak {peak / 1e9:,.0f} GFLOP/s with {asked.threads} threads; results in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
