"""Kernel: arrays that every engine of the retrieval benchmark searches.

Vectors are the shipped student's, of the sample's generated texts and of real ones where they are there. Rules are
drawn so that the median member may take one posting in twenty, some members one in ten thousand, some all.
"""

import datetime
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.embedding.student import load_student
from pipelines.retrieval.precision import Floats
from pipelines.sample.members import member_feed
from pipelines.sample.postings import posting_feed
from pipelines.sample.world import World

_STUDENT = Path(__file__).parent.parent / "pipelines" / "embedding" / "default_student"
_CHUNK = 4096
_DAY = datetime.date(2026, 11, 2)


def make_workload(folder: Path, *, members: int, postings: int, processes: int, seed: int = 7) -> Path:
    """`folder` with members.npy and postings.npy, float32 unit vectors; made once."""
    recipe = json.dumps({"members": members, "postings": postings, "seed": seed})
    done = folder / "recipe.json"
    if not (done.exists() and done.read_text() == recipe):
        folder.mkdir(parents=True, exist_ok=True)
        world = World(seed, _DAY, postings, members)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for kind, count in (("postings", postings), ("members", members)):
                starts = range(0, count, _CHUNK)
                jobs = [(kind, world, start, min(start + _CHUNK, count)) for start in starts]
                np.save(folder / f"{kind}.npy", np.concatenate(list(pool.map(_vectors, jobs))))
        done.write_text(recipe)
    return folder


def _vectors(job: tuple[str, World, int, int]) -> Floats:
    kind, world, start, stop = job
    text = _posting_text if kind == "postings" else _member_text
    return load_student(_STUDENT, _CHUNK).encode([text(world, row) for row in range(start, stop)])


def _posting_text(world: World, row: int) -> str:
    feed = posting_feed(world, row)
    return _lines([feed["jobTitle"], feed["tags"], feed["body"]])


def _member_text(world: World, row: int) -> str:
    feed = member_feed(world, row)
    positions = feed["positions"] or []
    told = [f"{one['role']}: {(one['what'] or '')[:200]}" for one in positions[:4]]
    return _lines([", ".join(feed["lookingFor"] or []), feed["tagline"], *told, ", ".join(feed["skills"] or [])])


def _lines(parts: Sequence[object]) -> str:
    return "\n".join(str(part) for part in parts if part) or "-"


def draw_rules(
    rng: np.random.Generator, members: int, postings: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Region of each posting, and of each member the region searched in; -1 searches all.

    Regions follow a power law: the greatest holds a fifth of the postings, the least one in ten thousand.
    """
    sizes = 1 / np.arange(1, 400) ** 0.95
    region = rng.choice(len(sizes), size=postings, p=sizes / sizes.sum()).astype(np.int32)
    wanted = rng.choice(len(sizes), size=members, p=sizes / sizes.sum()).astype(np.int32)
    wanted[rng.random(members) < 0.05] = -1
    return region, wanted
