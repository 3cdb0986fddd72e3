"""Kernel: which queries are searched together, and past which tiles of the index.

Queries of one kind may take the same cells: members of a cohort, or postings of a cell. A kind of few queries would
copy scattered rows for a small product; kinds that may take nearly the same rows are therefore searched as one group,
over all that any of them may take, each pair held against the rules afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.vectors import Run

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# seconds on one core, measured by `make bench`; only their ratios decide anything
_PRODUCT = 1.2e-9  # a pair of 256 dimensions
_COPY = 6e-8  # a scattered row
_GROUP = 1e-3  # what a group costs however small it is

_GROUP_QUERIES = 1024  # a tile of 1024 x 1024 products stays in the cache that a core has to itself
_APART_QUERIES = 8192  # that share the reading of clusters
_TILE_PAIRS = 1 << 20
_TILE_ROWS = (1024, 8192)


@dataclass(frozen=True)
class Group:
    """Queries searched past the same rows."""

    queries: Rows
    kind: npt.NDArray[np.int64]  # of each query, a position in `eligible`
    runs: list[Run]  # of rows that any of the kinds may take
    eligible: Bools | None  # [n_kinds, n_cells]; None where all may take all of `runs`


def plan_groups(kind: npt.NDArray[np.int64], eligible: Bools, stop: Rows, apart: Bools) -> list[Group]:
    """Every query whose kind may take anything, in one group.

    Args:
        kind: of each query, a position in `eligible`; [n_queries].
        eligible: which cells each kind may take, as far as cells say; [n_kinds, n_cells].
        stop: row after the last of each cell, [n_cells].
        apart: kinds that share a group with no other, [n_kinds].
    """
    sizes = np.diff(stop, prepend=0)
    counts = np.bincount(kind, minlength=len(eligible))
    queries = np.argsort(kind, kind="stable")
    ends = np.cumsum(counts)
    groups = list[Group]()
    for together in _merged(counts, eligible, sizes, apart):
        taken = np.concatenate([queries[ends[one] - counts[one] : ends[one]] for one in together])
        runs = ranges(np.logical_or.reduce(eligible[together], axis=0), stop)
        same = bool((eligible[together] == eligible[together[0]]).all())
        group = Group(taken, kind[taken], runs, None if same else eligible)
        groups += split(group, _APART_QUERIES if apart[together[0]] else _GROUP_QUERIES)
    return groups


def split(group: Group, size: int = _GROUP_QUERIES) -> list[Group]:
    """The group as groups of at most `size` queries."""
    starts = range(0, len(group.queries), size)
    return [
        replace(group, queries=group.queries[start : start + size], kind=group.kind[start : start + size])
        for start in starts
    ]


def tile_rows(queries: int) -> int:
    """How many rows are multiplied with so many queries at once.

    >>> tile_rows(1024), tile_rows(768), tile_rows(32)
    (1024, 1024, 8192)
    """
    least, most = _TILE_ROWS
    return min(max(1 << (_TILE_PAIRS // queries).bit_length() - 1, least), most)


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


def ranges(chosen: Bools, stop: Rows) -> list[Run]:
    """Row ranges (start, stop) of the chosen cells, neighbours joined.

    >>> ranges(np.array([True, True, False, True]), np.array([3, 5, 9, 12]))
    [(0, 5), (9, 12)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    bounds = np.concatenate([[0], stop])
    return [(int(bounds[first]), int(bounds[after])) for first, after in edges.reshape(-1, 2)]


def _merged(counts: npt.NDArray[np.int64], eligible: Bools, sizes: Rows, apart: Bools) -> list[list[int]]:
    """Positions of kinds, neighbours together while that costs less than apart."""
    together: list[list[int]] = []
    union, queries, cost = np.zeros(len(sizes), dtype=np.bool_), 0, 0.0
    for one in np.flatnonzero((counts > 0) & eligible.any(axis=1)).tolist():
        alone = _cost(eligible[one], counts[one], sizes)
        both = union | eligible[one]
        joint = _cost(both, queries + counts[one], sizes)
        if together and joint < cost + alone and not (apart[one] or apart[together[-1][0]]):
            together[-1].append(one)
            union, queries, cost = both, queries + counts[one], joint
        else:
            together.append([one])
            union, queries, cost = eligible[one], counts[one], alone
    return together


def _cost(cells: Bools, queries: int, sizes: Rows) -> float:
    rows = float(sizes[cells].sum())
    rounds = -(-queries // _GROUP_QUERIES)
    return rounds * (_GROUP + _COPY * rows) + _PRODUCT * rows * queries
