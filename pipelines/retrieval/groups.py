"""Kernel: which members are searched together, and past which tiles of the index.

A cohort of few members would copy scattered rows for a small product; cohorts that may take nearly the same postings
are therefore searched as one group, over all that any of them may take, each pair held against the rules afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.candidates import STRIP
from pipelines.retrieval.shards import Run, ranges

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# seconds on one core, measured by `make bench`; only their ratios decide anything
_PRODUCT = 1.2e-9  # a pair of 256 dimensions
_COPY = 6e-8  # a scattered row
_GROUP = 1e-3  # what a group costs however small it is

_GROUP_MEMBERS = 1024  # a tile of 1024 x 1024 products stays in the cache that a core has to itself
_APART_MEMBERS = 8192  # who share the reading of clusters
_TILE_PAIRS = 1 << 20
_TILE_ROWS = (1024, 8192)


@dataclass(frozen=True)
class Group:
    """Members searched past the same rows."""

    members: Rows
    cohort: npt.NDArray[np.int64]  # of each member, a position in `eligible`
    runs: list[Run]  # of rows that any of the cohorts may take
    eligible: Bools | None  # [n_cohorts, n_cells]; None where all may take all of `runs`


def plan_groups(cohort: npt.NDArray[np.int64], eligible: Bools, stop: Rows, apart: Bools) -> list[Group]:
    """Every member whose cohort may take anything, in one group.

    Args:
        cohort: of each member, a position in `eligible`; [n_members].
        eligible: which cells each cohort may take, as far as cells say; [n_cohorts, n_cells].
        stop: row after the last of each cell, [n_cells].
        apart: cohorts that share a group with no other, [n_cohorts].
    """
    sizes = np.diff(stop, prepend=0)
    counts = np.bincount(cohort, minlength=len(eligible))
    members = np.argsort(cohort, kind="stable")
    ends = np.cumsum(counts)
    groups = list[Group]()
    for together in _merged(counts, eligible, sizes, apart):
        taken = np.concatenate([members[ends[one] - counts[one] : ends[one]] for one in together])
        runs = ranges(np.logical_or.reduce(eligible[together], axis=0), stop)
        same = bool((eligible[together] == eligible[together[0]]).all())
        group = Group(taken, cohort[taken], runs, None if same else eligible)
        groups += split(group, _APART_MEMBERS if apart[together[0]] else _GROUP_MEMBERS)
    return groups


def split(group: Group, size: int = _GROUP_MEMBERS) -> list[Group]:
    """The group as groups of at most `size` members."""
    starts = range(0, len(group.members), size)
    return [
        replace(group, members=group.members[start : start + size], cohort=group.cohort[start : start + size])
        for start in starts
    ]


def tile_rows(members: int) -> int:
    """How many rows are multiplied with so many members at once, a multiple of `STRIP`.

    >>> tile_rows(1024), tile_rows(953), tile_rows(1)
    (1024, 1088, 8192)
    """
    least, most = _TILE_ROWS
    return min(max(_TILE_PAIRS // members, least), most) // STRIP * STRIP


def tiles(runs: Sequence[Run], size: int) -> Iterator[list[Run]]:
    """The runs cut and joined into tiles of `size` rows, the last one of fewer."""
    tile, room = list[Run](), size
    for start, stop in runs:
        while start < stop:
            cut = min(stop, start + room)
            tile.append((start, cut))
            room -= cut - start
            start = cut
            if not room:
                yield tile
                tile, room = [], size
    if tile:
        yield tile


def _merged(counts: npt.NDArray[np.int64], eligible: Bools, sizes: Rows, apart: Bools) -> list[list[int]]:
    """Positions of cohorts, neighbours together while that costs less than apart."""
    together: list[list[int]] = []
    union, members, cost = np.zeros(len(sizes), dtype=np.bool_), 0, 0.0
    for one in np.flatnonzero((counts > 0) & eligible.any(axis=1)).tolist():
        alone = _cost(eligible[one], counts[one], sizes)
        both = union | eligible[one]
        joint = _cost(both, members + counts[one], sizes)
        if together and joint < cost + alone and not (apart[one] or apart[together[-1][0]]):
            together[-1].append(one)
            union, members, cost = both, members + counts[one], joint
        else:
            together.append([one])
            union, members, cost = eligible[one], counts[one], alone
    return together


def _cost(cells: Bools, members: int, sizes: Rows) -> float:
    rows = float(sizes[cells].sum())
    rounds = -(-members // _GROUP_MEMBERS)
    return rounds * (_GROUP + _COPY * rows) + _PRODUCT * rows * members
