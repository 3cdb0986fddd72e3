"""Kernel: the audit's figures: groups beside the others of their attribute, with intervals and corrected p-values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.fairness.config import FairnessConfig
from pipelines.fairness.groups import Groups, groups_of
from pipelines.fairness.measures import EXPOSURE, SELECTED, Audited, Measure
from pipelines.fairness.metrics import Array, impact_ratios, ndkl, shares, skew
from pipelines.fairness.resampling import Totals, observed, redrawn, shuffled, step_down, within_strata
from schemas.fairness import ALL_GROUPS, STAGES


@dataclass(frozen=True)
class Figure:
    """A row of `fairness_audit`, without the night."""

    side: str
    attribute: str
    audit_group: str
    stage: str
    metric: str
    k: int
    size: int
    value: float
    reference: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    effect: float | None = None
    p_value: float | None = None
    finding: bool = False


def audit_side(audited: Audited, *, config: FairnessConfig, families: int) -> list[Figure]:
    """Every figure of one side.

    Args:
        audited: members or postings.
        config: sizes, resamples, seed and confidence.
        families: how many sides this run audits; p-values are corrected for that (Bonferroni).
    """
    groups = groups_of(audited, min_size=config.min_group_size, max_groups=config.max_groups)
    figures = list(_counted(audited, groups))
    if groups.names:
        measures = list(audited.values)
        values = np.column_stack([audited.values[measure] for measure in measures])
        drawn = redrawn(groups.rows, values, resamples=config.resamples, seed=config.seed)
        totals = observed(groups.rows, values)
        figures += _compared(audited, groups, values, drawn, config, families)
        for attribute in audited.attributes:
            if positions := groups.of(attribute):
                figures += _shared(audited, groups, positions, totals, drawn, config)
                figures += _diverging(audited, attribute, [groups.rows[position] for position in positions])
    return figures


def first_findings(figures: Sequence[Figure]) -> list[Figure]:
    """For each group and metric the finding at the earliest stage and place, largest effect first."""
    firsts: dict[tuple[str, ...], Figure] = {}
    for figure in sorted(figures, key=lambda one: (STAGES.index(one.stage), one.k)):
        if figure.finding:
            firsts.setdefault((figure.side, figure.attribute, figure.audit_group, figure.metric), figure)
    return sorted(firsts.values(), key=lambda one: -abs(one.effect or 0.0))


def _counted(audited: Audited, groups: Groups) -> Iterator[Figure]:
    for metric, counts in (("suppressed_groups", groups.suppressed), ("unknown", groups.unknown)):
        for attribute, count in counts.items():
            size = len(audited.attributes[attribute])
            yield Figure(audited.side, attribute, ALL_GROUPS, STAGES[0], metric, 0, size, float(count))


def _compared(
    audited: Audited, groups: Groups, values: Array, drawn: Totals, config: FairnessConfig, families: int
) -> Iterator[Figure]:
    """Each group's mean beside that of the others, as far as both are known of enough."""
    stratified = bool(audited.strata.any())
    within = within_strata(values, audited.strata) if stratified else values
    resamples, seed, same = config.resamples, config.seed, groups.same
    raw, totals = observed(groups.rows, values), observed(groups.rows, within)
    if stratified:
        drawn = redrawn(groups.rows, within, resamples=resamples, seed=seed)
    deviation = _deviation(within)
    null = shuffled(groups.rows, within, audited.strata, resamples=resamples, seed=seed + 1)
    enough = np.minimum(totals.known, totals.others(same).known) >= config.min_group_size
    z, null_z = (_standardised(one, same, deviation)[..., enough] for one in (totals, null))
    p_values = np.full(enough.shape, np.nan)
    p_values[enough] = np.minimum(1.0, families * step_down(z, null_z))
    difference = totals.means - totals.others(same).means
    low, high = np.full((2, *enough.shape), np.nan)
    low[enough], high[enough] = _interval((drawn.means - drawn.others(same).means)[:, enough], config.confidence)
    value, reference = raw.means, raw.others(same).means
    measures = list(audited.values)
    for g, m in zip(*np.nonzero(enough), strict=True):
        yield replace(
            _figure(audited.side, groups.names[g], measures[m], int(totals.known[g, m])),
            value=float(value[g, m]),
            reference=float(reference[g, m]),
            difference=float(difference[g, m]),
            low=float(low[g, m]),
            high=float(high[g, m]),
            effect=float(difference[g, m] / deviation[m]) if deviation[m] else 0.0,
            p_value=float(p_values[g, m]),
            finding=bool(p_values[g, m] <= 1 - config.confidence + 1e-12),
        )


def _shared(
    audited: Audited,
    groups: Groups,
    positions: Sequence[int],
    totals: Totals,
    drawn: Totals,
    config: FairnessConfig,
) -> Iterator[Figure]:
    """Impact ratios, shares and skew of one attribute's groups, and the least and largest skew."""
    for m, measure in enumerate(audited.values):
        once, again = (
            Totals(one.sums[..., positions, m, None], one.known[..., positions, m, None]) for one in (totals, drawn)
        )
        if not once.sums.any():
            continue
        if measure.metric == SELECTED:
            ratio = impact_ratios(once.means)[:, 0]
            named = {"impact_ratio": (ratio, np.ones(len(ratio)), impact_ratios(again.means))}
        elif measure.metric == EXPOSURE:
            got, size = shares(once.sums), shares(once.known)
            skews = skew(got, size)[:, 0]
            named = {
                "share": (got[:, 0], size[:, 0], shares(again.sums)),
                "skew": (skews, np.zeros(len(skews)), skew(shares(again.sums), shares(again.known))),
            }
            whole = _figure(audited.side, (groups.names[positions[0]][0], ALL_GROUPS), measure, int(once.known.sum()))
            yield replace(whole, metric="min_skew", value=float(skews.min()), reference=0.0)
            yield replace(whole, metric="max_skew", value=float(skews.max()), reference=0.0)
        else:
            continue
        for metric, (value, reference, resampled) in named.items():
            low, high = _interval(resampled[..., 0], config.confidence)
            for i, position in enumerate(positions):
                yield replace(
                    _figure(audited.side, groups.names[position], measure, int(once.known[i, 0])),
                    metric=metric,
                    value=float(value[i]),
                    reference=float(reference[i]),
                    low=float(low[i]),
                    high=float(high[i]),
                )


def _diverging(audited: Audited, attribute: str, rows: Sequence[np.ndarray]) -> Iterator[Figure]:
    """How far the first places' exposure is from the groups' sizes."""
    sizes = np.array([len(one) for one in rows], dtype=np.float64)
    placed = np.stack([np.nansum(audited.placed[one], axis=0) for one in rows])
    divergence = ndkl(placed, sizes / sizes.sum())
    for k in sorted({measure.k for measure in audited.values if measure.k}):
        yield Figure(
            *(audited.side, attribute, ALL_GROUPS, "shown", "ndkl", k, int(sizes.sum())),
            value=float(divergence[k - 1]),
            reference=0.0,
        )


def _figure(side: str, name: tuple[str, str], measure: Measure, size: int) -> Figure:
    return Figure(side, *name, measure.stage, measure.metric, measure.k, size, value=0.0)


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


def _interval(resampled: Array, confidence: float) -> tuple[Array, Array]:
    """Percentile interval over the first axis; not interpolated, since the skew of a group without a share is -inf."""
    tail = 50 * (1 - confidence)
    low, high = np.nanpercentile(resampled, [tail, 100 - tail], axis=0, method="nearest")
    return low, high
