"""Kernel: how often groups by lot differ as much as these do, in any comparison of a side."""

from typing import NamedTuple

import numpy as np

from pipelines.fairness.calibration import Calibration, calibration_of
from pipelines.fairness.config import FairnessConfig
from pipelines.fairness.groups import Groups
from pipelines.fairness.measures import Audited
from pipelines.fairness.metrics import Array
from pipelines.fairness.resampling import Totals, observed, shuffled, step_down, within_strata


class Tested(NamedTuple):
    """Corrected p-values, not a number where too few are known.

    Args:
        p_values: float64 [n_groups, n_measures].
        deviation: float64 [n_measures].
        calibration: of the groups; None: nothing is known of what members did.
        calibration_p: float64 [n_groups].
    """

    p_values: Array
    deviation: Array
    calibration: Calibration | None
    calibration_p: Array


def tested(audited: Audited, groups: Groups, values: Array, config: FairnessConfig, families: int) -> Tested:
    """All tests of a side, corrected together.

    Args:
        audited: members or postings.
        groups: those that are compared.
        values: float64 [n, n_measures], those of `audited`.
        config: sizes, resamples and seed.
        families: how many sides there are; p-values are corrected for that (Bonferroni).
    """
    resampling = {"resamples": config.resamples, "seed": config.seed}
    within, same = within_strata(values, audited.strata), groups.same
    totals, deviation = observed(groups.rows, within), _deviation(within)
    null = shuffled(groups.rows, within, audited.strata, **resampling)
    z, null_z = (_standardised(one, same, deviation) for one in (totals, null))
    known = totals.known
    calibration = None
    if audited.gaps is not None:
        calibration = calibration_of(groups.rows, audited.gaps, audited.strata, **resampling)
        of_groups, by_lot = calibration.z
        z, null_z = np.column_stack([z, of_groups]), np.dstack([null_z, by_lot])
        known = np.column_stack([known, calibration.known])
    enough = np.minimum(known, same @ known - known) >= config.min_group_size
    p_values = np.full(enough.shape, np.nan)
    p_values[enough] = np.minimum(1.0, families * step_down(z[enough], null_z[:, enough]))
    measures = values.shape[1]
    return Tested(p_values[:, :measures], deviation, calibration, p_values[:, measures:].ravel())


def _deviation(values: Array) -> Array:
    """Standard deviation [n_measures] of what is known, 0 where it is hardly more than rounding."""
    known = (~np.isnan(values)).sum(axis=0)
    centred = values - np.divide(np.nansum(values, axis=0), known, out=np.zeros(len(known)), where=known > 0)
    squares = np.divide(np.nansum(centred**2, axis=0), known, out=np.zeros(len(known)), where=known > 0)
    deviation = np.sqrt(squares)
    return np.asarray(np.where(deviation > 1e-9, deviation, 0.0))


def _standardised(totals: Totals, same: Array, deviation: Array) -> Array:
    """Differences from the others in standard errors; 0 where there are none."""
    others = totals.others(same)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (totals.means - others.means) / (deviation * np.sqrt(1 / totals.known + 1 / others.known))
    return np.asarray(np.where(np.isfinite(z), z, 0.0))
