"""Kernel: lists in which every first k have enough of each group, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from pipelines.fairness.metrics import Array, discounts, ndkl
from pipelines.fairness.resampling import Indices

UNKNOWN = -1  # the group of whom nothing is known; nothing is owed to it
_ROUNDING = 1e-9


def shares_of(groups: Indices, n_groups: int) -> Array:
    """float64 [n_groups], each group's share of a list.

    >>> shares_of(np.array([0, 1, 0, UNKNOWN]), 2).tolist()
    [0.5, 0.25]
    """
    return np.bincount(groups[groups >= 0], minlength=n_groups) / max(len(groups), 1)


def owed(targets: Array, k: int) -> Indices:
    """int64 [n_groups], the fewest of each group that the first `k` places must hold.

    >>> owed(np.array([0.3, 0.7]), 10).tolist()
    [3, 7]
    """
    return np.floor(targets * k + _ROUNDING).astype(np.int64)


def constrained_order(groups: Indices, targets: Array) -> Indices:
    """int64 [n], positions of the list in the nearest order whose first k hold `owed(targets, k)`, for every k.

    Or all that the list has of a group. These are the constraints of DetConstSort (Geyik, Ambler and Kenthapadi 2019,
    algorithm 3), met at the least loss: places are filled from the last one up, each with the worst that may wait so
    long (Smith 1956). DetConstSort moves everybody up until somebody in the way may not wait, and can lose more.
    Whatever falls along the list (a score) and with the place (attention), no order within the constraints has more of
    their product. A group keeps its own order, and a list that meets the constraints stays as it is.

    Args:
        groups: int64 [n], of the list as it is, best first; UNKNOWN where nothing is known.
        targets: float64 [n_groups], the share of every first k that is owed to each group; they sum to at most 1.

    >>> constrained_order(np.array([0, 0, 0, 1, 1, 0]), np.array([0.5, 0.5])).tolist()
    [0, 3, 1, 4, 2, 5]
    """
    if targets.min(initial=0.0) < 0 or targets.sum() > 1 + _ROUNDING:
        raise ValueError(f"shares of at least 0 that sum to at most 1 are needed, not {targets.tolist()}")
    latest = _latest(groups, targets).tolist()
    waiting = sorted(range(len(latest)), key=latest.__getitem__)
    may_stand_here: list[int] = []
    order: list[int] = []
    for place in range(len(latest), 0, -1):
        while waiting and latest[waiting[-1]] >= place:
            heappush(may_stand_here, -waiting.pop())
        order.append(-heappop(may_stand_here))
    return np.array(order[::-1], dtype=np.int64)


@dataclass(frozen=True)
class Weighed:
    """What lists have as they are, and reordered, in their first places; sums over `lists` of them.

    Args:
        lists: how many.
        moved: how many of them have another order.
        ndcg: float64 [2, n_places], by score, of the list as it is and reordered; at most 1.
        ndkl: float64 [2, n_places], divergence from the targets.
        lacking: float64 [2, n_places], share of the first 1, ..., k in which a group has fewer than is owed.
        got: float64 [2, n_places, n_groups], how many there are of each group.
        target: float64 [n_places, n_groups], how many there should be.
    """

    lists: int
    moved: int
    ndcg: Array
    ndkl: Array
    lacking: Array
    got: Array
    target: Array

    def __add__(self, other: "Weighed") -> "Weighed":
        """The sums of both."""
        return Weighed(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})


def weigh(scores: Array, groups: Indices, targets: Array, places: Sequence[int]) -> Weighed:
    """One list of at least one entry, as it is beside `constrained_order`.

    Args:
        scores: float64 [n], in the order of the list; below 0 counts as 0.
        groups: int64 [n].
        targets: float64 [n_groups].
        places: the k that are looked at; a shorter list counts with all of it.
    """
    order = constrained_order(groups, targets)
    both, n = (np.arange(len(order)), order), len(order)
    at = np.minimum(np.asarray(places), n) - 1
    gains, weights = np.maximum(scores, 0.0), discounts(n)
    ideal = np.cumsum(np.sort(gains)[::-1] * weights)
    gained = np.stack([np.cumsum(gains[one] * weights) for one in both])
    ndcg = np.divide(gained, ideal, out=np.ones_like(gained), where=ideal > 0)
    held = np.stack([_held(groups[one], len(targets)) for one in both])
    least = np.minimum(np.stack([owed(targets, k) for k in range(1, n + 1)]), held[0, -1])
    lacking = np.cumsum((held < least).any(axis=2), axis=1) / np.arange(1, n + 1)
    return Weighed(
        lists=1,
        moved=int((order != both[0]).any()),
        ndcg=ndcg[:, at],
        ndkl=np.stack([_divergence(groups[one], targets)[at] for one in both]),
        lacking=lacking[:, at],
        got=held[:, at].astype(np.float64),
        target=(at + 1)[:, None] * targets,
    )


def _latest(groups: Indices, targets: Array) -> Indices:
    """int64 [n], the last place, from 1, at which each may stand."""
    latest = np.full(len(groups), len(groups))
    for group in np.flatnonzero(targets):
        rows = np.flatnonzero(groups == group)
        due = np.ceil(np.arange(1, len(rows) + 1) / targets[group] - _ROUNDING)
        latest[rows] = np.minimum(due, len(groups)).astype(np.int64)
    return latest


def _held(groups: Indices, n_groups: int) -> Indices:
    """int64 [n, n_groups], how many of each group the first 1, 2, ... hold."""
    return np.asarray(np.cumsum(groups[:, None] == np.arange(n_groups), axis=0))


def _divergence(groups: Indices, targets: Array) -> Array:
    """float64 [n], the NDKL of the first 1, 2, ...; all to whom no share is owed are one group, owed the rest."""
    rest = 1 - targets.sum()
    reference = np.append(targets, rest if rest > _ROUNDING else 0.0)
    placed = np.vstack([groups == group for group in range(len(targets))] + [~np.isin(groups, np.flatnonzero(targets))])
    counts = reference > 0
    return ndkl(placed[counts].astype(np.float64), reference[counts] / reference.sum())
