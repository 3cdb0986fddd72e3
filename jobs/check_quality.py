"""Check this run's staged tables once more against every gate, and show each rule with what was observed."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd
from rich.table import Table as Grid

from jobs.read_frames import GATES, frames
from jobs.read_history import earlier_profiles
from jobs.record_results import keep_report
from jobs.start import Context, context, log, parser, run
from pipelines.publishing.artifacts import pointed
from pipelines.quality.comparing import NotJudged, Profiled, compare, worth_keeping
from pipelines.quality.gate import GateReport, QualityResult, judge, not_judged, raise_if_blocked
from pipelines.quality.stage import (
    measure,
)
from pipelines.reporting.terminal import Terminal
from schemas import comparisons, suites
from schemas.matches import POSTING_LISTS, POSTING_MATCHES
from schemas.recommendations import POSTING_RECOMMENDATIONS
from schemas.searches import SAVED_SEARCHES, SEARCH_RECOMMENDATIONS
from schemas.suite import Severity, Suite, weighed

Measured = list[tuple[Suite, pd.DataFrame]]
SEARCH_GATES = (SAVED_SEARCHES.name, SEARCH_RECOMMENDATIONS.name)


def gates_of(given: Context) -> list[str]:
    """The gates that this night passes."""
    asked = {
        POSTING_MATCHES.name: given.config.retrieval.members_per_posting > 0,
        POSTING_LISTS.name: given.config.fairness.reordering.enabled,
        POSTING_RECOMMENDATIONS.name: given.config.retrieval.members_per_posting > 0,
        suites.AUDITED.gate: bool(given.config.audited_sides),
        **dict.fromkeys(SEARCH_GATES, given.config.sources.saved_searches is not None),
    }
    return [gate for gate in GATES if asked.get(gate, True)]


def check(given: Context, gate: str) -> list[QualityResult]:
    """The gate's results, kept under the run.

    Raises:
        QualityGateError: a blocking rule failed; all are listed.
    """
    started = time.monotonic()
    measured: Measured = []
    tonight: dict[str, Profiled] = {}
    unjudged: list[QualityResult] = []
    for plain, frame in frames(given, gate):
        suite = weighed(plain, severities(given))
        if isinstance(frame, NotJudged):
            unjudged += not_judged(suite, {rule.name: frame for rule in suite.rules})
            continue
        row = measure(frame, suite).toPandas()
        measured.append((suite, row))
        tonight |= profiles_of(given, suite, row)
    if tonight:
        compared, new = beside_earlier(given, tonight)
        measured, unjudged = measured + compared, unjudged + new
    thresholds = given.config.fairness if gate == suites.AUDITED.gate else given.config.quality
    judgement = judge(measured, thresholds, name=gate)
    results = [*judgement.results, *unjudged]
    kept = {name: worth_keeping(one, given.config.quality.history) for name, one in tonight.items()}
    keep_report(given, gate, GateReport(round(time.monotonic() - started, 3), results, kept), judgement)
    tell(gate, results)
    raise_if_blocked(results)
    return results


def beside_earlier(given: Context, tonight: Mapping[str, Profiled]) -> tuple[Measured, list[QualityResult]]:
    """The suites that compare tonight's profiles with those of earlier nights, and results of rules that cannot yet."""
    earlier, measured, unjudged = earlier_profiles(given), Measured(), list[QualityResult]()
    for plain in comparisons.COMPARED:
        if not comparisons.profiles_compared(plain) <= tonight.keys():
            continue
        suite = weighed(plain, severities(given))
        found = compare(suite, tonight, earlier, given.config.quality.history)
        why = {name: value for name, value in found.items() if isinstance(value, NotJudged)}
        unjudged += not_judged(suite, why)
        rules = tuple(rule for rule in suite.rules if rule.name not in why)
        measured.append((replace(suite, rules=rules), pd.DataFrame([found])))
    return measured, unjudged


def severities(given: Context) -> dict[str, Severity]:
    """Severities that the configuration gives instead of the suites' own."""
    audit = suites.AUDITED.gate
    return given.config.quality.severities | {f"{audit}.{name}": "block" for name in given.config.fairness.blocking}


def profiles_of(given: Context, suite: Suite, row: pd.DataFrame) -> dict[str, Profiled]:
    """The profiles that the suite's row of measures holds."""
    student_id = pointed(given.store.student(given.night.run_id))
    return {
        one.name: Profiled(
            int(row[f"rows_of_{one.name}"].iloc[0]),
            tuple(float(value) for value in row[f"values_of_{one.name}"].iloc[0]),
            student_id,
        )
        for one in suite.profiles
    }


def tell(gate: str, results: Iterable[QualityResult]) -> None:
    """The log says which rules do not hold, and how many there was nothing to judge by."""
    unjudged = [result for result in results if result.passed is None]
    for result in results:
        if result.severity == "warn" and result.passed is False:
            log.warning("gate %s: %s is %s, %s", gate, result.name, result.observed, result.expected)
    if unjudged:
        log.info("gate %s: %s", gate, "; ".join(f"{one.name} {one.expected}" for one in unjudged))


def show(results: Iterable[QualityResult]) -> None:
    """A row per rule."""
    grid = Grid("gate", "rule", "observed", "expected", "passed")
    for result in results:
        observed = "" if result.observed is None else f"{result.observed:g}"
        passed = {True: "yes", None: ""}.get(result.passed, f"[bold red]no, {result.severity}[/]")
        grid.add_row(result.gate, result.name, observed, result.expected, passed)
    Terminal().print(grid)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--gate", choices=GATES, action="append", help="only this gate; may be given several times")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        show(result for gate in asked.gate or gates_of(given) for result in check(given, gate))
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
