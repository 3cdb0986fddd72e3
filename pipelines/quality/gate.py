"""Kernel: rows of measures are held against their suites by Great Expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from pipelines.night import Night
from pipelines.quality.comparing import NotJudged, Profiled
from pipelines.section import Section
from schemas import columns as c
from schemas.errors import QualityGateError, listed
from schemas.suite import Bound, Rule, Suite

Limit = float | None
_WEIGHT = {"block": "critical", "warn": "warning"}  # what Great Expectations calls them


@dataclass(frozen=True)
class QualityResult:
    """What one rule found; `observed` is None where the measure is missing or no finite number.

    `passed` is None where there was nothing to judge it by, and `expected` says why.
    """

    gate: str
    name: str
    severity: str
    passed: bool | None
    observed: float | None
    expected: str


@dataclass(frozen=True)
class GateReport:
    """What one check of a gate has said and how long it took, as it is kept below the run."""

    seconds: float
    results: list[QualityResult]
    profiles: dict[str, Profiled]


@dataclass(frozen=True)
class Judgement:
    """A result per rule, in order, and what Great Expectations says of them."""

    results: list[QualityResult]
    validation: ExpectationSuiteValidationResult


def judge(measured: Sequence[tuple[Suite, pd.DataFrame]], config: Section, *, name: str = "rules") -> Judgement:
    """One result per rule of the suites; a measure that is missing, null or not finite fails.

    Args:
        measured: suites, each with one row that has a column per rule under the rule's name; the frame of
            `pipelines.quality.stage.measure`.
        config: the section with the thresholds that rules name.
        name: what pages call the whole.

    Raises:
        ValueError: not exactly one row of measures.
    """
    rules: list[tuple[str, Suite, Rule]] = []
    values: dict[str, object] = {}
    for suite, measures in measured:
        if len(measures) != 1:
            raise ValueError(f"{len(measures)} rows of measures, not one")
        for rule in suite.rules:
            rules.append((f"{suite.gate}.{rule.name}", suite, rule))
            values[rules[-1][0]] = measures[rule.name].iloc[0] if rule.name in measures else None
    row = pd.DataFrame([values]).astype("float64").replace([np.inf, -np.inf], np.nan)
    bounds = {key: (_resolved(rule.minimum, config), _resolved(rule.maximum, config)) for key, _, rule in rules}
    outside = {key: np.inf if maximum is not None else -np.inf for key, (_, maximum) in bounds.items()}
    validated = row.fillna(outside)  # a null is no failure to Great Expectations
    validation = _validated(validated, name, [(key, rule, *bounds[key]) for key, _, rule in rules])
    passed = {result.expectation_config.kwargs["column"] for result in validation.results if result.success}
    results = [
        QualityResult(
            gate=suite.gate,
            name=rule.name,
            severity=rule.severity,
            passed=key in passed,
            observed=None if row[key].hasnans else row[key].item(),
            expected=_in_words(rule, *bounds[key]),
        )
        for key, suite, rule in rules
    ]
    return Judgement(results, validation)


def not_judged(suite: Suite, why: Mapping[str, NotJudged]) -> list[QualityResult]:
    """Results of the rules named: there was nothing to judge them by."""
    return [
        QualityResult(suite.gate, rule.name, rule.severity, None, None, f"not judged: {why[rule.name].why}")
        for rule in suite.rules
        if rule.name in why
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
    failed = [result for result in results if result.severity == "block" and result.passed is False]
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


def _validated(
    row: pd.DataFrame, name: str, rules: Sequence[tuple[str, Rule, Limit, Limit]]
) -> ExpectationSuiteValidationResult:
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
        gx.expectations.ExpectColumnValuesToBeBetween(
            column=key, min_value=minimum, max_value=maximum, severity=_WEIGHT[rule.severity]
        )
        for key, rule, minimum, maximum in rules
    ]
    return batch.validate(gx.ExpectationSuite(name=name, expectations=expectations))


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
