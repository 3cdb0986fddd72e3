"""Whole nights of the generated sample, each in a storage root of its own, and what they took."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.memory import worker_memory
from pipelines.publishing.progress import Finished, Progress

PROJECT = Path(__file__).parents[1]
ENV, FIRST, SECOND = "capacity", "2026-11-02", "2026-11-03"

# joins are those of a large night, where nothing is small enough to be sent to everybody
_CONF = """include = ["sample.toml"]

[sample]
postings = {postings}
members = {members}
{more}

[spark]
"spark.master" = "local[{cores}]"
"spark.sql.autoBroadcastJoinThreshold" = "-1"
"spark.sql.adaptive.autoBroadcastJoinThreshold" = "-1"
"spark.eventLog.enabled" = "true"
"spark.eventLog.compress" = "false"
"spark.eventLog.dir" = "{events}"
"""
_CHANGED_COLUMN = {"postings": "body", "members": "summary"}


@dataclass(frozen=True)
class Shape:
    """What a night is given."""

    postings: int
    members: int
    cores: int = 2

    @property
    def name(self) -> str:
        """Members x postings, and how many cores when not two."""
        return f"{self.members:,} x {self.postings:,}" + ("" if self.cores == 2 else f", {self.cores} core")


@dataclass(frozen=True)
class Took:
    """What a night took."""

    stages: list[Finished]
    seconds: dict[str, float]  # of each stage, and under `start` what the process took beside them
    shuffle_bytes: dict[str, int]  # of each stage
    worker_mib: float  # most that one Python worker held
    java_mib: float  # most that Spark's process held


def make_sample(folder: Path, shape: Shape, more: str = "") -> None:
    """`folder` is a project of one environment, with a sample of the shape and nothing else.

    Args:
        folder: replaced.
        shape: of the sample.
        more: settings of the section `[sample]`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PROJECT / "conf", folder / "conf")
    (folder / "events").mkdir()
    conf = _CONF.format(
        postings=shape.postings,
        members=shape.members,
        more=more,
        cores=shape.cores,
        events=(folder / "events").absolute(),
    )
    (folder / "conf" / f"{ENV}.toml").write_text(conf)
    _run("make_sample", folder, FIRST)


def change_sample(folder: Path, share: float) -> None:
    """This share of the sample's postings and members, spread evenly, has another text."""
    for table, column in _CHANGED_COLUMN.items():
        for path in (folder / "var" / "sample" / table).glob("*.parquet"):
            rows = pq.read_table(path)
            texts = [
                f"{text or ''} Changed." if int((row + 1) * share) > int(row * share) else text
                for row, text in enumerate(rows.column(column).to_pylist())
            ]
            place = rows.schema.get_field_index(column)
            path.with_name(f".{path.name}.crc").unlink()  # Hadoop's checksum of the file before
            pq.write_table(rows.set_column(place, rows.schema.field(place), pa.array(texts, pa.string())), path)


def run_night(folder: Path, run_date: str) -> Took:
    """The night of this date, run in a process of its own."""
    started = time.monotonic()
    with worker_memory() as workers, worker_memory("org.apache.spark.deploy.SparkSubmit") as java:
        _run("run_nightly", folder, run_date)
    took_s = time.monotonic() - started
    (run,) = (folder / "var" / "runs").glob(f"{run_date}-*/stages")
    stages = Progress(run).all()
    seconds = {one.stage: one.seconds for one in stages}
    return Took(
        stages=stages,
        seconds=seconds | {"start": took_s - sum(seconds.values())},
        shuffle_bytes=dict(_shuffled(folder / "events", stages)),
        worker_mib=max(workers, default=0.0),
        java_mib=max(java, default=0.0),
    )


def _run(job: str, folder: Path, run_date: str) -> None:
    command = [sys.executable, "-m", f"jobs.{job}", "--env", ENV, "--run-date", run_date]
    command += ["--conf-dir", str(folder / "conf")]
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"jobs.{job} in {folder} ended with {done.returncode}: {done.stderr[-2000:]}")


def _shuffled(events: Path, stages: list[Finished]) -> Counter[str]:
    """Bytes that tasks wrote for other tasks, by the stage of the night in which they ended."""
    written: Counter[str] = Counter({one.stage: 0 for one in stages})
    for event in _tasks(max(events.iterdir(), key=lambda path: path.stat().st_mtime)):
        ended_s = event["Task Info"]["Finish Time"] / 1000
        for one in stages:
            if 0 <= ended_s - one.started_at.timestamp() <= one.seconds:
                written[one.stage] += event["Task Metrics"]["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return written


def _tasks(log: Path) -> Iterator[dict[str, Any]]:
    """The finished tasks of Spark's log of events."""
    for path in sorted(log.glob("events_*")):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
                yield event
