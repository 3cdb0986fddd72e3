"""Kernel: what a peer's script reads, how it is judged, and the line of JSON that it ends with.

Only numpy besides the standard library: it runs in the environments of other engines.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_HELD = 1000  # members that an engine is tuned on, none of whom it is judged on where there are enough
_BLOCK = 100  # members that brute force scores at once
_WARM = 500  # members searched before the clock starts


@dataclass(frozen=True)
class Queries:
    """Members asked about.

    Attributes:
        vectors: float32 [n, dimension], unit vectors.
        cohorts: int32 [n], rows of `Workload.eligible`; None without rules.
        truth: int64 [m, k], posting rows of the first m members, best first, padded with -1.
    """

    vectors: Floats
    cohorts: npt.NDArray[np.int32] | None
    truth: Rows

    def first(self, count: int) -> "Queries":
        """The first of them."""
        cohorts = None if self.cohorts is None else self.cohorts[:count]
        return Queries(self.vectors[:count], cohorts, self.truth[:count])


@dataclass(frozen=True)
class Workload:
    """What every engine searches: `asked` is timed and judged, `held` is for tuning, as are the `unjudged`."""

    rules: bool
    postings: Floats
    eligible: npt.NDArray[np.uint8] | None
    asked: Queries
    unjudged: Queries
    k: int
    threads: int
    recall: float

    @cached_property
    def held(self) -> Queries:
        """Other members with their truth, which takes seconds and which engines without settings do not need."""
        return replace(self.unjudged, truth=brute_force(self.unjudged, self.postings, self.eligible, self.k))


@dataclass(frozen=True)
class Result:
    """What one engine did with one workload; None is unknown."""

    engine: str
    workload: Literal["unfiltered", "rules"]
    members: int | None = None
    postings: int | None = None
    k: int | None = None
    threads: int | None = None
    members_per_s: float | None = None
    build_s: float | None = None
    recall: float | None = None
    short_share: float | None = None
    violations: int | None = None
    private_mib_per_worker: float | None = None
    note: str = ""


Measure = Callable[[Workload], Result]


def run(
    doc: str | None,
    engines: dict[str, tuple[Measure, bool]],
    *,
    prefix: str = "",
    largest: tuple[int, int] | None = None,
) -> int:
    """Exit code of a script; its last line of output is the results of the engines asked for.

    Args:
        engines: by name, what measures it and whether the rules hold.
        prefix: of the names in the results.
        largest: the most members and postings that the engines survive.
    """
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--k", type=int, default=100)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--limit-members", type=int, help="all of them by default")
    arguments.add_argument("--recall", type=float, default=0.99, help="what engines that can be tuned are tuned to")
    arguments.add_argument("--engine", nargs="+", choices=list(engines), default=list(engines))
    asked = arguments.parse_args()
    results = []
    for name in asked.engine:
        measure, rules = engines[name]
        try:
            result = replace(measure(read(asked, rules=rules, largest=largest)), engine=prefix + name)
        except Exception as error:  # a foreign engine fails in ways of its own; the others' figures must survive it
            told = " ".join(str(error).split())[:300]
            result = Result(
                prefix + name, "rules" if rules else "unfiltered", note=f"failed: {type(error).__name__}: {told}"
            )
        results.append(asdict(result))
    sys.stdout.write(f"\n{json.dumps(results)}\n")
    return 0


def read(asked: argparse.Namespace, *, rules: bool, largest: tuple[int, int] | None = None) -> Workload:
    """The arrays of `asked.folder`, members whose truth is known first; truth is made anew where postings are cut."""
    members = np.load(asked.folder / "members.npy", mmap_mode="r")
    most, rows = largest or (len(members), None)
    postings = np.ascontiguousarray(np.load(asked.folder / "postings.npy", mmap_mode="r")[:rows])
    limit = min(asked.limit_members or len(members), most, len(members))
    known = np.load(asked.folder / "truth_members.npy")
    others = np.setdiff1d(np.arange(len(members)), known)
    chosen = np.concatenate([known, others])[:limit]
    held = np.random.default_rng(3).permutation(others)[:_HELD] if len(others) >= _HELD else known
    cohorts = np.load(asked.folder / "member_cohort.npy") if rules else None
    eligible = np.load(asked.folder / "eligible.npy") if rules else None
    every = _queries(members, cohorts, chosen, np.empty((0, asked.k), np.int64))
    if rows is None or rows >= np.load(asked.folder / "postings.npy", mmap_mode="r").shape[0]:
        truth = np.load(asked.folder / ("truth_filtered.npy" if rules else "truth.npy"))[:limit, : asked.k]
    else:
        truth = brute_force(every.first(len(known)), postings, eligible, asked.k)
    unjudged = _queries(members, cohorts, held, truth[:0])
    every = replace(every, truth=truth)
    return Workload(rules, postings, eligible, every, unjudged, asked.k, asked.threads, asked.recall)


def _queries(members: Floats, cohorts: npt.NDArray[np.int32] | None, rows: Rows, truth: Rows) -> Queries:
    return Queries(np.ascontiguousarray(members[rows]), None if cohorts is None else cohorts[rows], truth)


def brute_force(queries: Queries, postings: Floats, eligible: npt.NDArray[np.uint8] | None, k: int) -> Rows:
    """The k best eligible posting rows of each member, best first, -1 where there are fewer."""
    found = np.full((len(queries.vectors), k), -1, dtype=np.int64)
    for start in range(0, len(found), _BLOCK):
        scores = queries.vectors[start : start + _BLOCK] @ postings.T
        if queries.cohorts is not None and eligible is not None:
            bits = eligible[queries.cohorts[start : start + _BLOCK]]
            may = np.unpackbits(bits, axis=1, count=len(postings), bitorder="little")
            scores[may == 0] = -np.inf
        top = min(k, len(postings))
        best = np.argpartition(-scores, top - 1, axis=1)[:, :top]
        reached = np.take_along_axis(scores, best, axis=1)
        order = np.argsort(-reached, axis=1, kind="stable")
        reached = np.take_along_axis(reached, order, axis=1)
        best = np.take_along_axis(best, order, axis=1)
        found[start : start + _BLOCK, :top] = np.where(np.isneginf(reached), -1, best)
    return found


def recall_of(found: Rows, truth: Rows) -> float:
    """Share of the truth that was found.

    >>> recall_of(np.array([[4, 7], [1, -1]]), np.array([[7, 5], [1, -1]]))
    0.6666666666666666
    """
    hits = sum(len(np.intersect1d(best[best >= 0], row)) for best, row in zip(truth, found, strict=False))
    return hits / max(1, int((truth >= 0).sum()))


def short_share_of(found: Rows, truth: Rows) -> float:
    """Share of members that got fewer than the truth has."""
    return float(np.mean((found[: len(truth)] >= 0).sum(axis=1) < (truth >= 0).sum(axis=1)))


def violations_of(found: Rows, workload: Workload) -> int:
    """Pairs that break eligibility."""
    if workload.asked.cohorts is None or workload.eligible is None:
        return 0
    row = np.maximum(found, 0)
    bits = workload.eligible[workload.asked.cohorts[: len(found), None], row >> 3] >> (row & 7).astype(np.uint8)
    return int(((found >= 0) & (bits & 1 == 0)).sum())


def least(reaches: Callable[[int], bool], low: int, high: int) -> int:
    """A number in [low, high] that reaches what is wanted, at most a twentieth above the least; `high` if none does.

    Doubled before it is bisected, as a large number takes an engine long to try.

    >>> least(lambda number: number >= 13, 1, 1000), least(lambda number: number >= 500, 1, 100)
    (13, 100)
    """
    tried = low
    while tried < high and not reaches(tried):
        low, tried = tried + 1, min(high, max(1, 2 * tried))
    high = tried
    while high - low > high // 20:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle + 1, high)
    return high


def timed(search: Callable[[Queries], Rows], workload: Workload, *, warm: int = _WARM) -> tuple[Rows, float]:
    """Posting rows of all members and the seconds that they took, after a smaller search to warm up."""
    search(workload.asked.first(warm))
    started = time.perf_counter()
    found = search(workload.asked)
    return found, time.perf_counter() - started


def judged(
    workload: Workload, found: Rows, seconds: float, *, build_s: float, note: str, private_mib: float | None = None
) -> Result:
    """The result of one engine."""
    return Result(
        engine="", workload="rules" if workload.rules else "unfiltered", members=len(found),
        postings=len(workload.postings), k=workload.k, threads=workload.threads, members_per_s=len(found) / seconds,
        build_s=build_s, recall=recall_of(found, workload.asked.truth),
        short_share=short_share_of(found, workload.asked.truth), violations=violations_of(found, workload),
        private_mib_per_worker=private_mib, note=note,
    )  # fmt: skip


def private_mib(process: str = "self") -> float | None:
    """Memory that the process shares with no other, as Linux tells it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def held_recall(search: Callable[[Queries], Rows], workload: Workload) -> float:
    """Recall on the members held for tuning."""
    return recall_of(search(workload.held), workload.held.truth)


def as_text(**settings: Any) -> str:  # noqa: ANN401
    """Settings in a note, `nprobe 8, k_factor 2`."""
    return ", ".join(f"{name} {value}" for name, value in settings.items())
