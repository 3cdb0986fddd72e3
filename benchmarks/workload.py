"""Kernel: arrays that every engine of the retrieval benchmark searches.

Vectors are the shipped student's, of texts that the sample's generator writes.
"""

import datetime
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.embedding.student import load_student
from pipelines.retrieval.precision import Floats
from pipelines.sample.members import member_feed
from pipelines.sample.postings import posting_feed
from pipelines.sample.world import World

_PROJECT = Path(__file__).parents[1]
_STUDENT = _PROJECT / "pipelines" / "embedding" / "default_student"
_CHUNK = 4096
_DAY = datetime.date(2026, 11, 2)


def make_workload(folder: Path, *, members: int, postings: int, processes: int, seed: int = 7) -> Path:
    """`folder` with members.npy and postings.npy, float32 unit vectors; made once.

    A process of its own makes them: its workers import what it has imported, and PySpark ends a worker in which Great
    Expectations imports it.
    """
    recipe = json.dumps({"members": members, "postings": postings, "seed": seed})
    done = folder / "recipe.json"
    if not (done.exists() and done.read_text() == recipe):
        folder.mkdir(parents=True, exist_ok=True)
        asked = [str(folder.absolute()), *map(str, (members, postings, processes, seed))]
        subprocess.run([sys.executable, "-m", "benchmarks.workload", *asked], cwd=_PROJECT, check=True)
        done.write_text(recipe)
    return folder


def main(folder: Path, members: int, postings: int, processes: int, seed: int) -> None:
    """The files of `make_workload`."""
    world = World(seed, _DAY, postings, members)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for kind, count in (("postings", postings), ("members", members)):
            starts = range(0, count, _CHUNK)
            jobs = [(kind, world, start, min(start + _CHUNK, count)) for start in starts]
            np.save(folder / f"{kind}.npy", np.concatenate(list(pool.map(_vectors, jobs))))


def _vectors(job: tuple[str, World, int, int]) -> Floats:
    kind, world, start, stop = job
    text = _posting_text if kind == "postings" else member_text
    return load_student(_STUDENT, _CHUNK).encode([text(world, row) for row in range(start, stop)])


def _posting_text(world: World, row: int) -> str:
    feed = posting_feed(world, row)
    return _lines([feed["jobTitle"], feed["tags"], feed["body"]])


def member_text(world: World, row: int) -> str:
    """About what a member of the sample is embedded as."""
    feed: dict[str, Any] = dict(member_feed(world, row))
    positions = feed["positions"] or []
    told = [f"{one['role']}: {(one['what'] or '')[:200]}" for one in positions[:4]]
    return _lines([", ".join(feed["lookingFor"] or []), feed["tagline"], *told, ", ".join(feed["skills"] or [])])


def _lines(parts: Sequence[object]) -> str:
    return "\n".join(str(part) for part in parts if part) or "-"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
