"""Kernel: the audit's figures: groups beside the others of their attribute, with intervals and corrected p-values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.fairness.config import FairnessConfig
from pipelines.fairness.groups import Groups, groups_of
from pipelines.fairness.measures import EXPOSURE, SELECTED, Audited, Measure
from pipelines.fairness.metrics import Array, impact_ratios, ndkl, shares, skew
from pipelines.fairness.resampling import Indices, Totals, less_strata, observed, redrawn
from pipelines.fairness.significance import Tested, tested
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
        values = np.column_stack(list(audited.values.values()))
        tests = tested(audited, groups, values, config, families)
        for attribute in audited.attributes:
            if positions := groups.of(attribute):
                one = _Attribute(audited, attribute, [groups.names[p][1] for p in positions], config)
                rows = [groups.rows[position] for position in positions]
                figures += one.compared(rows, values, tests.p_values[positions], tests.deviation)
                figures += one.calibrated(positions, tests)
                figures += one.shared(rows, values)
                figures += one.diverging(rows)
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


@dataclass(frozen=True)
class _Attribute:
    """The figures of one attribute's groups."""

    audited: Audited
    name: str
    groups: Sequence[str]
    config: FairnessConfig

    def compared(self, rows: Sequence[Indices], values: Array, p_values: Array, deviation: Array) -> Iterator[Figure]:
        """Each group's mean beside that of the others, where `p_values` has one."""
        same, strata = np.ones((len(rows), len(rows))), self.audited.strata
        level = less_strata(rows, values, strata) if strata.any() else values
        raw, totals = observed(rows, values), observed(rows, level)
        difference, enough = totals.means - totals.others(same).means, ~np.isnan(p_values)
        drawn = self._redrawn(rows, level)
        low, high = np.full((2, *enough.shape), np.nan)
        low[enough], high[enough] = self._interval((drawn.means - drawn.others(same).means)[:, enough])
        value, reference, measures = raw.means, raw.others(same).means, list(self.audited.values)
        for g, m in zip(*(axis.tolist() for axis in np.nonzero(enough)), strict=True):
            yield replace(
                self._figure(self.groups[g], measures[m], raw.known[g, m]),
                value=float(value[g, m]),
                reference=float(reference[g, m]),
                difference=float(difference[g, m]),
                low=float(low[g, m]),
                high=float(high[g, m]),
                effect=float(difference[g, m] / deviation[m]) if deviation[m] else 0.0,
                p_value=float(p_values[g, m]),
                finding=self._is_finding(float(p_values[g, m])),
            )

    def calibrated(self, positions: Sequence[int], tests: Tested) -> Iterator[Figure]:
        """How far each group's scores are from what happened, beside groups by lot."""
        if (calibration := tests.calibration) is None:
            return
        for position, group in zip(positions, self.groups, strict=True):
            if not np.isnan(p_value := float(tests.calibration_p[position])):
                value, by_lot = float(calibration.errors[position]), float(calibration.shuffled[:, position].mean())
                yield replace(
                    self._figure(group, Measure("shown", "calibration_error"), calibration.known[position]),
                    value=value,
                    reference=by_lot,
                    difference=value - by_lot,
                    p_value=p_value,
                    finding=self._is_finding(p_value),
                )

    def shared(self, rows: Sequence[Indices], values: Array) -> Iterator[Figure]:
        """Impact ratios, shares and skew of the groups, and the least and largest skew."""
        totals, drawn = observed(rows, values), self._redrawn(rows, values)
        for m, measure in enumerate(self.audited.values):
            once, again = (Totals(one.sums[..., m, None], one.known[..., m, None]) for one in (totals, drawn))
            if measure.metric not in (SELECTED, EXPOSURE) or not once.sums.any():
                continue
            if measure.metric == SELECTED:
                ratio = impact_ratios(once.means)
                yield from self._each(
                    "impact_ratio", measure, once, ratio, np.ones_like(ratio), impact_ratios(again.means)
                )
                continue
            got, size = shares(once.sums), shares(once.known)
            skews = skew(got, size)
            again_got = shares(again.sums)
            yield from self._each("share", measure, once, got, size, again_got)
            yield from self._each(
                "skew", measure, once, skews, np.zeros_like(skews), skew(again_got, shares(again.known))
            )
            for metric, value in (("min_skew", skews.min()), ("max_skew", skews.max())):
                whole = self._figure(ALL_GROUPS, measure, once.known.sum())
                yield replace(whole, metric=metric, value=float(value), reference=0.0)

    def diverging(self, rows: Sequence[Indices]) -> Iterator[Figure]:
        """How far the first places' exposure is from the groups' sizes."""
        sizes = np.array([len(one) for one in rows], dtype=np.float64)
        placed = np.stack([np.nansum(self.audited.placed[one], axis=0) for one in rows])
        divergence = ndkl(placed, sizes / sizes.sum())
        for k in sorted({measure.k for measure in self.audited.values if measure.k}):
            whole = self._figure(ALL_GROUPS, Measure("shown", "ndkl", k), sizes.sum())
            yield replace(whole, value=float(divergence[k - 1]), reference=0.0)

    def _each(
        self, metric: str, measure: Measure, totals: Totals, value: Array, reference: Array, resampled: Array
    ) -> Iterator[Figure]:
        low, high = self._interval(resampled)
        for g, group in enumerate(self.groups):
            yield replace(
                self._figure(group, measure, totals.known[g, 0]),
                metric=metric,
                value=float(value[g, 0]),
                reference=float(reference[g, 0]),
                low=float(low[g, 0]),
                high=float(high[g, 0]),
            )

    def _figure(self, group: str, measure: Measure, size: float) -> Figure:
        where = (measure.stage, measure.metric, measure.k)
        return Figure(self.audited.side, self.name, group, *where, size=int(size), value=0.0)

    def _is_finding(self, p_value: float) -> bool:
        return p_value <= 1 - self.config.confidence + 1e-12

    def _redrawn(self, rows: Sequence[Indices], values: Array) -> Totals:
        return redrawn(rows, values, resamples=self.config.resamples, seed=self.config.seed)

    def _interval(self, resampled: Array) -> tuple[Array, Array]:
        """Percentiles over the first axis; not interpolated, since the skew of a group without a share is -inf."""
        tail = 50 * (1 - self.config.confidence)
        low, high = np.nanpercentile(resampled, [tail, 100 - tail], axis=0, method="nearest")
        return low, high
