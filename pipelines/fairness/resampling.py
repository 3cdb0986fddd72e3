"""Kernel: what groups got in sum, as it is, with labels shuffled, and with members drawn again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from pipelines.fairness.metrics import Array

_ROUNDS = 50  # of backfitting; strata and groups that agree in nine of ten rows settle to three digits

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Totals:
    """Sums of what is known, and of how many it is known; each float64 [..., n_groups, n_measures]."""

    sums: Array
    known: Array

    @property
    def means(self) -> Array:
        """Means of what is known; not a number where nothing is."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums / self.known)

    def others(self, same: Array) -> "Totals":
        """Totals of all other groups of each group's attribute; `same` is 1 where two groups share one."""
        return Totals(same @ self.sums - self.sums, same @ self.known - self.known)


def observed(groups: Sequence[Indices], values: Array) -> Totals:
    """Totals [n_groups, n_measures] as they are.

    Args:
        groups: rows of each group; groups of different attributes overlap.
        values: float64 [n, n_measures]; not a number: unknown.
    """
    once = _totals(groups, values, 1, lambda rows: (rows, np.ones(len(rows))))
    return Totals(once.sums[0], once.known[0])


def shuffled(groups: Sequence[Indices], values: Array, strata: Indices, *, resamples: int, seed: int) -> Totals:
    """Totals [resamples, n_groups, n_measures] where everybody carries the labels of somebody of the same stratum.

    All labels of one travel together, so attributes keep how they depend on each other.

    Args:
        groups: rows of each group.
        values: float64 [n, n_measures]; not a number: unknown.
        strata: int64 [n], non-negative.
        resamples: how many shuffles.
        seed: of the shuffles.
    """
    draws, by_stratum = np.random.default_rng(seed), np.argsort(strata, kind="stable")

    def draw(rows: Indices) -> tuple[Indices, Array]:
        takes = np.empty_like(by_stratum)
        takes[by_stratum] = np.argsort(strata + draws.random(len(strata)), kind="stable")
        return takes[rows], np.ones(len(rows))

    return _totals(groups, values, resamples, draw)


def redrawn(groups: Sequence[Indices], values: Array, *, resamples: int, seed: int) -> Totals:
    """Totals [resamples, n_groups, n_measures] of rows drawn again with replacement (Efron's bootstrap)."""
    draws, n = np.random.default_rng(seed), len(values)

    def draw(rows: Indices) -> tuple[Indices, Array]:
        times = np.bincount(draws.integers(0, n, n), minlength=n)
        return rows, times[rows].astype(np.float64)

    return _totals(groups, values, resamples, draw)


def step_down(z: Array, shuffled_z: Array) -> Array:
    """float64 [n_tests], p-values of which the smallest is below p in at most a share p of unbiased worlds.

    Holm's procedure with the tests' dependence taken from the shuffles instead of assumed to be the worst (Westfall and
    Young 1993, algorithm 4.1, maxT): each is compared with the largest |z| among the tests that look no worse.

    Args:
        z: float64 [n_tests].
        shuffled_z: float64 [resamples, n_tests].

    >>> step_down(np.array([1.0, 3.0]), np.array([[2.0, 0.0], [0.5, 0.0], [0.0, 4.0]])).tolist()
    [0.5, 0.5]
    """
    order = np.argsort(-np.abs(z), kind="stable")
    largest = np.maximum.accumulate(np.abs(shuffled_z)[:, order[::-1]], axis=1)[:, ::-1]
    as_large = (largest >= np.abs(z)[order] - 1e-12).sum(axis=0)
    p_values = np.empty(len(z))
    p_values[order] = np.maximum.accumulate((1 + as_large) / (1 + len(shuffled_z)))
    return p_values


def within_strata(values: Array, strata: Indices) -> Array:
    """The values less the mean of their stratum, measure by measure.

    >>> within_strata(np.array([[1.0], [3.0], [9.0], [np.nan]]), np.array([0, 0, 1, 1])).ravel().tolist()
    [-1.0, 1.0, 0.0, nan]
    """
    means = observed(_rows_of(strata), values).means
    return np.asarray(values - means[np.unique(strata, return_inverse=True)[1]])


def less_strata(groups: Sequence[Indices], values: Array, strata: Indices) -> Array:
    """The values less what their stratum adds, where a value is a group's part and a stratum's part (additive model).

    Unlike the difference from a stratum's mean, this leaves the whole difference of a group that fills a stratum.
    Fitted by turns (backfitting); rows in none of the groups say nothing about strata.

    Args:
        groups: rows of each, disjoint.
        values: float64 [n, n_measures]; not a number: unknown.
        strata: int64 [n], non-negative.

    >>> groups, strata = [np.array([0, 1, 2]), np.array([3])], np.array([0, 1, 1, 1])
    >>> less_strata(groups, np.array([[1.0], [6.0], [6.0], [4.0]]), strata).ravel().round(3).tolist()
    [1.0, 1.0, 1.0, -1.0]
    """
    stratum = np.unique(strata, return_inverse=True)[1]
    group = np.full(len(values), -1)
    for position, rows in enumerate(groups):
        group[rows] = position
    grouped = [rows[group[rows] >= 0] for rows in _rows_of(strata)]
    of_stratum = np.zeros((len(grouped), values.shape[1]))
    for _ in range(_ROUNDS):
        of_group = np.nan_to_num(observed(groups, values - of_stratum[stratum]).means)
        of_stratum = np.nan_to_num(observed(grouped, values - of_group[group]).means)
        of_stratum -= of_stratum[:1]  # what all share is the groups'
    return np.asarray(values - of_stratum[stratum])


def _rows_of(strata: Indices) -> list[Indices]:
    order = np.argsort(strata, kind="stable")
    return [np.asarray(part) for part in np.split(order, np.flatnonzero(np.diff(strata[order])) + 1)]


def _totals(
    groups: Sequence[Indices], values: Array, times: int, draw: Callable[[Indices], tuple[Indices, Array]]
) -> Totals:
    """Sums over `times` draws of a row and a weight for each of the concatenated rows of the groups."""
    known = ~np.isnan(values)
    both = np.hstack([np.where(known, values, 0.0), known])
    rows = np.concatenate(groups)
    starts = np.concatenate([[0], np.cumsum([len(group) for group in groups])])
    shape = (len(groups), len(values))
    sums = np.empty((times, len(groups), both.shape[1]))
    for i in range(times):
        columns, weights = draw(rows)
        sums[i] = csr_matrix((weights, columns, starts), shape=shape) @ both
    return Totals(sums[..., : values.shape[1]], sums[..., values.shape[1] :])
