"""Kernel: one row of measures is held against its suite by Great Expectations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from pipelines.night import Night
from pipelines.section import Section
from schemas import columns as c
from schemas.errors import QualityGateError, listed
from schemas.suite import Bound, Rule, Suite

Limit = float | None


@dataclass(frozen=True)
class QualityResult:
    """What one rule found; `observed` is None where the measure is missing or no finite number."""

    gate: str
    name: str
    severity: str
    passed: bool
    observed: float | None
    expected: str


def judge(measures: pd.DataFrame, suite: Suite, config: Section) -> list[QualityResult]:
    """One result per rule of `suite`, in its order; a measure that is missing, null or not finite fails.

    Args:
        measures: one row, a column per rule under the rule's name; the frame of `pipelines.quality.stage.measure`.
        suite: the rules.
        config: the section with the thresholds that rules name.

    Raises:
        ValueError: `measures` has not exactly one row.
    """
    if len(measures) != 1:
        raise ValueError(f"{len(measures)} rows of measures, not one")
    bounds = {rule.name: (_resolved(rule.minimum, config), _resolved(rule.maximum, config)) for rule in suite.rules}
    row = measures.reindex(columns=list(bounds)).astype("float64").replace([np.inf, -np.inf], np.nan)
    passed = _within(row, bounds)
    return [
        QualityResult(
            gate=suite.gate,
            name=rule.name,
            severity=rule.severity,
            passed=rule.name in passed,
            observed=None if row[rule.name].hasnans else row[rule.name].item(),
            expected=_in_words(rule, *bounds[rule.name]),
        )
        for rule in suite.rules
    ]


def quality_rows(results: Sequence[QualityResult], night: Night) -> list[dict[str, object]]:
    """The results as rows of the table `quality_results`."""
    stamp = {c.RUN_DATE: night.run_date, c.RUN_ID: night.run_id}
    return [stamp | asdict(result) for result in results]


def raise_if_blocked(results: Sequence[QualityResult]) -> None:
    """Pass when no blocking rule failed.

    Raises:
        QualityGateError: at least one did; all are listed with what was observed.
    """
    failed = [result for result in results if result.severity == "block" and not result.passed]
    if failed:
        raise QualityGateError(
            listed(
                f"{len(failed)} blocking quality rule(s) failed; what was published before keeps serving:",
                [f"{result.gate}.{result.name}: {_said(result.observed)}, {result.expected}" for result in failed],
            )
        )


def account_for(kind: str, *, read: int, accepted: int, rejected: int) -> None:
    """Pass when every row read was either accepted or rejected.

    >>> account_for("postings", read=3, accepted=2, rejected=1)

    Raises:
        QualityGateError: rows were lost or doubled on the way.
    """
    if accepted + rejected != read:
        raise QualityGateError(
            f"{read:,} {kind} were read, but {accepted:,} accepted and {rejected:,} rejected; "
            "if the source was written to meanwhile, run again with a new --attempt"
        )


def raise_if_too_many(kind: str, *, read: int, most: int) -> None:
    """Pass when a source gave no more rows than it can have; nothing of a larger one is kept.

    >>> raise_if_too_many("postings", read=3, most=3)

    Raises:
        QualityGateError: it gave more.
    """
    if read > most:
        raise QualityGateError(
            f"{read:,} {kind} were read, more than quality.max_rows ({most:,}); nothing of them was kept. "
            "Look at the source, or raise the bound"
        )


def _within(row: pd.DataFrame, bounds: dict[str, tuple[Limit, Limit]]) -> set[str]:
    """Names of the measures that Great Expectations finds present and between their bounds."""
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    asset = context.data_sources.add_pandas("measures").add_dataframe_asset("row")
    batch = asset.add_batch_definition_whole_dataframe("row").get_batch({"dataframe": row})
    expectations = [
        gx.expectations.ExpectColumnValuesToBeBetween(column=name, min_value=minimum, max_value=maximum)
        for name, (minimum, maximum) in bounds.items()
    ]
    validation = batch.validate(gx.ExpectationSuite(name="rules", expectations=expectations))
    return {
        result.expectation_config.kwargs["column"]
        for result in validation.results
        if result.success and result.result["missing_count"] == 0  # a null is no failure to Great Expectations
    }


def _resolved(bound: Bound, config: Section) -> Limit:
    return float(getattr(config, bound)) if isinstance(bound, str) else bound


def _in_words(rule: Rule, minimum: Limit, maximum: Limit) -> str:
    limits = (("at least", minimum, rule.minimum), ("at most", maximum, rule.maximum))
    return " and ".join(
        f"{side} {limit:g}" + (f" ({bound})" if isinstance(bound, str) else "")
        for side, limit, bound in limits
        if limit is not None
    )


def _said(observed: float | None) -> str:
    return "no number" if observed is None else f"{observed:g}"
