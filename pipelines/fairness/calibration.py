"""Kernel: how far what scores say is from what happened, by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.fairness.metrics import Array
from pipelines.fairness.resampling import Indices, Totals, observed, shuffled

_BINS = 10


def binned(said: Sequence[Any], happened: Sequence[Any]) -> Array:
    """float64 [n, n_bins + 1]: for each member what was said less what happened, summed by bin, and how many pairs.

    Bins hold about as many pairs each, of all members together, so that groups are asked the same. Not a number: of
    this member nothing is known.

    Args:
        said: n lists of scores, or None.
        happened: the same of 0 and 1.

    >>> binned([[0.25, 0.75], None], [[0.0, 1.0], None])[:, [0, -2, -1]].tolist()
    [[0.25, -0.25, 2.0], [nan, nan, nan]]
    """
    rows = [row for row, one in enumerate(said) if one is not None]
    sums = np.full((len(said), _BINS + 1), np.nan)
    if rows:
        scores = np.concatenate([said[row] for row in rows])
        gaps = scores - np.concatenate([happened[row] for row in rows])
        pairs = np.array([len(said[row]) for row in rows])
        edges = np.quantile(scores, np.arange(1, _BINS) / _BINS)
        cell = np.repeat(np.arange(len(rows)), pairs) * _BINS + np.searchsorted(edges, scores, side="right")
        by_bin = np.bincount(cell, weights=gaps, minlength=len(rows) * _BINS).reshape(-1, _BINS)
        sums[rows] = np.column_stack([by_bin, pairs])
    return sums


@dataclass(frozen=True)
class Calibration:
    """Expected calibration errors, 0 is calibrated.

    Args:
        errors: float64 [n_groups].
        shuffled: float64 [resamples, n_groups], the same of groups by lot: never 0, since a sample is never exact.
        known: float64 [n_groups], of how many members anything is known.
    """

    errors: Array
    shuffled: Array
    known: Array

    @property
    def z(self) -> tuple[Array, Array]:
        """The errors and the shuffled ones, less what they are by chance, in its standard deviations."""
        centre, spread = self.shuffled.mean(axis=0), self.shuffled.std(axis=0)
        unit = np.where(spread > 1e-12, spread, np.inf)
        return (self.errors - centre) / unit, (self.shuffled - centre) / unit


def calibration_of(
    groups: Sequence[Indices], gaps: Array, strata: Indices, *, resamples: int, seed: int
) -> Calibration:
    """The calibration of each group, beside that of groups by lot within the strata.

    Args:
        groups: rows of each group.
        gaps: the array of `binned`.
        strata: int64 [n].
        resamples: how many shuffles, the same ones as those of `shuffled` with this seed.
        seed: of the shuffles.
    """
    totals = observed(groups, gaps)
    by_lot = shuffled(groups, gaps, strata, resamples=resamples, seed=seed)
    return Calibration(calibration_errors(totals), calibration_errors(by_lot), totals.known[:, -1])


def calibration_errors(totals: Totals) -> Array:
    """float64 [..., n_groups], the expected calibration error of each group, 0 is calibrated or unknown.

    Args:
        totals: of `binned`.

    >>> calibration_errors(Totals(np.array([[0.5, -1.5, 10.0]]), np.ones((1, 3)))).tolist()
    [0.2]
    """
    gaps, pairs = np.abs(totals.sums[..., :-1]).sum(axis=-1), totals.sums[..., -1]
    return np.asarray(np.divide(gaps, pairs, out=np.zeros_like(gaps), where=pairs > 0))
