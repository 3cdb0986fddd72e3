"""Kernel: lists in which every first k have enough of each group, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from pipelines.fairness.metrics import Array, discounts, ndkl, shares, skew
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

    def flat(self) -> Array:
        """All numbers in one array, which may be added to that of other lists."""
        arrays = (self.ndcg, self.ndkl, self.lacking, self.got, self.target)
        return np.concatenate([[self.lists, self.moved], *(one.ravel() for one in arrays)])

    @classmethod
    def of(cls, flat: Array, places: int, groups: int) -> "Weighed":
        """The inverse of `flat`, for so many places and groups."""
        shapes = (*((2, places) for _ in range(3)), (2, places, groups), (places, groups))
        ends = 2 + np.cumsum([np.prod(shape) for shape in shapes])
        parts = np.split(flat, np.append(2, ends)[:-1])[1:]
        ndcg, ndkl_, lacking, got, target = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
        return cls(int(flat[0]), int(flat[1]), ndcg, ndkl_, lacking, got, target)


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


@dataclass(frozen=True)
class Cost:
    """What reordering does in the first `k` places; pairs are as it is, and reordered.

    Args:
        k: places.
        lists: how many were looked at.
        moved: share of them that have another order.
        ndcg: mean, by score.
        ndkl: mean divergence from the targets.
        lacking: mean share of the first 1, ..., k in which a group has fewer than is owed.
        min_skew: of the group with the least of what it should have over all lists, ln(share / target).
        max_skew: of that with the most.
    """

    k: int
    lists: int
    moved: float
    ndcg: tuple[float, float]
    ndkl: tuple[float, float]
    lacking: tuple[float, float]
    min_skew: tuple[float, float]
    max_skew: tuple[float, float]


def cost_of(sums: Weighed, places: Sequence[int]) -> list[Cost]:
    """The means of the lists' costs, by k of `places`; groups to which no share is owed have no skew."""
    costs = []
    for at, k in enumerate(places):
        owing = sums.target[at] > 0
        reference = shares(sums.target[at, owing, None])
        skews = [skew(shares(got[at, owing, None]), reference).ravel() for got in sums.got]
        means = ((one[:, at] / sums.lists).tolist() for one in (sums.ndcg, sums.ndkl, sums.lacking))
        ndcg, ndkl_, lacking = ((before, after) for before, after in means)
        least, most = ((float(pick(skews[0])), float(pick(skews[1]))) for pick in (np.min, np.max))
        costs.append(Cost(k, sums.lists, sums.moved / sums.lists, ndcg, ndkl_, lacking, least, most))
    return costs


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
