"""Kernel: the gates of a promotion, each a row of `quality_results`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.evaluation.figures import ALL
from pipelines.promotion.comparison import GATED, Comparison
from pipelines.promotion.config import PromotionConfig
from pipelines.promotion.invariance import Invariance
from pipelines.quality.gate import QualityResult
from schemas.errors import QualityGateError, listed

GATE = "promotion"


@dataclass(frozen=True)
class Fidelity:
    """Share of the ten nearest texts that a student has in common with its teacher.

    Args:
        source: whose figures these are: a teacher's id, or the manifests.
    """

    source: str
    champion: float | None
    challenger: float | None


@dataclass(frozen=True)
class Findings:
    """All that was measured of a challenger beside the champion.

    Args:
        overlaps: of each sampled member, the share of the champion's list that the challenger's holds as well.
        invariance: of the challenger.
        champion_invariance: of the champion, for the report.
    """

    champion: str
    challenger: str
    fidelity: Fidelity
    comparisons: Sequence[Comparison]
    overlaps: Sequence[float]
    invariance: Sequence[Invariance]
    champion_invariance: Sequence[Invariance]

    @property
    def overlap(self) -> float | None:
        """Mean overlap of the lists; None when nobody has one."""
        return sum(self.overlaps) / len(self.overlaps) if self.overlaps else None


def judged(findings: Findings, config: PromotionConfig) -> list[QualityResult]:
    """One row per gate; what is missing or no number fails."""
    loss = _difference(findings.fidelity)
    rows = [_at_least("fidelity", loss, -config.max_fidelity_loss, "max_fidelity_loss")]
    rows += _set_gates(findings.comparisons, config)
    rows.append(_at_least("list_overlap", findings.overlap, config.min_list_overlap, "min_list_overlap"))
    for one in findings.invariance:
        name, floors = f"invariance.{one.kind}", (config.min_invariance_cosine, config.min_invariance_overlap)
        rows.append(_at_least(f"{name}.cosine", one.cosine, floors[0], "min_invariance_cosine"))
        rows.append(_at_least(f"{name}.overlap", one.overlap, floors[1], "min_invariance_overlap"))
    return rows


def raise_if_refused(results: Sequence[QualityResult], champion: str) -> None:
    """Pass when every gate passed.

    Raises:
        QualityGateError: at least one did not; all are listed with what was observed.
    """
    failed = [one for one in results if not one.passed]
    if failed:
        raise QualityGateError(
            listed(
                f"{len(failed)} promotion gate(s) failed; student {champion} keeps serving:",
                [f"{one.name}: {_said(one.observed)}, {one.expected}" for one in failed],
            )
        )


def _set_gates(comparisons: Sequence[Comparison], config: PromotionConfig) -> Iterator[QualityResult]:
    for one in comparisons:
        if one.metric == GATED and one.slice == ALL:
            yield _at_least(f"{one.dataset}.{GATED}", one.low, -config.max_set_loss, "max_set_loss, interval's low end")
        elif one.metric == GATED and one.queries >= config.min_slice_queries:
            surely_worse = one.difference < -config.max_slice_loss and one.high < 0
            yield QualityResult(
                gate=GATE,
                name=f"{one.dataset}.{GATED}.{one.slice}",
                severity="block",
                passed=math.isfinite(one.difference) and not surely_worse,
                observed=one.difference,
                expected=f"at least {-config.max_slice_loss:g} (max_slice_loss), or an interval that reaches zero",
            )


def _at_least(name: str, observed: float | None, floor: float, bound: str) -> QualityResult:
    known = observed if observed is not None and math.isfinite(observed) else None
    return QualityResult(
        gate=GATE,
        name=name,
        severity="block",
        passed=known is not None and known >= floor,
        observed=known,
        expected=f"at least {floor:g} ({bound})",
    )


def _difference(fidelity: Fidelity) -> float | None:
    if fidelity.champion is None or fidelity.challenger is None:
        return None
    return fidelity.challenger - fidelity.champion


def _said(observed: float | None) -> str:
    return "no number" if observed is None else f"{observed:.4g}"
