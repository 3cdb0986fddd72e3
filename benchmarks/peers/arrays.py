"""Kernel: the arrays that every engine searches, and what brute force finds in them.

Only numpy besides the standard library: it runs in the environments of other engines.
"""

import argparse
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmarks.peers.quality import Rows

Floats = npt.NDArray[np.float32]

_HELD = 1000  # members that an engine is tuned on, none of whom it is judged on where there are enough
_BLOCK = 100  # members that brute force scores at once


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
