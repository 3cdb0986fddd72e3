"""Check this run's staged tables once more against every gate, and show each rule with what was observed."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd
from pyspark.sql import DataFrame
from rich.console import Console
from rich.table import Table as Grid

from jobs.read_history import earlier_profiles, last_night
from jobs.record_results import keep_report
from jobs.start import Context, context, log, parser, run
from pipelines.distillation.students import StudentArtifact, pinned_student
from pipelines.publishing.artifacts import pointed
from pipelines.publishing.sources import read_source
from pipelines.quality.comparing import NotJudged, Profiled, compare, worth_keeping
from pipelines.quality.gate import GateReport, QualityResult, judge, not_judged, raise_if_blocked
from pipelines.quality.stage import (
    embedded_rows,
    expecting,
    hashed_pairs,
    ingested_rows,
    interaction_days,
    kept_lists,
    known_keys,
    listed_members,
    measure,
    paired_rows,
    served_members,
)
from schemas import columns as c
from schemas import comparisons, ingest_suites, interactions, suites
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.suite import Severity, Suite, weighed
from schemas.table import Table

Measured = list[tuple[Suite, pd.DataFrame]]
GATES = (
    *("postings", "members", "embeddings", "matches", "recommendations", "posting_matches", "posting_lists"),
    suites.AUDITED.gate,
)


def gates_of(given: Context) -> list[str]:
    """The gates that this night passes."""
    asked = {
        POSTING_MATCHES.name: given.config.retrieval.members_per_posting > 0,
        POSTING_LISTS.name: given.config.fairness.reordering.enabled,
        suites.AUDITED.gate: bool(given.config.audited_sides),
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


def frames(given: Context, gate: str) -> Iterable[tuple[Suite, DataFrame | NotJudged]]:
    """The suites of a gate, each with the frame that it measures, or why there is none."""
    night, staged = given.night, given.tables.staged
    if gate == "postings":
        yield ingest_suites.INGESTED_POSTINGS, ingested_rows(staged(POSTINGS), staged(POSTINGS_REJECTED), night=night)
    elif gate == "members":
        yield ingest_suites.INGESTED_MEMBERS, ingested_rows(staged(MEMBERS), staged(MEMBERS_REJECTED), night=night)
        yield ingest_suites.POPULAR, staged(POSTING_POPULARITY)
        if source := given.config.sources.interactions:
            done = read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
            yield comparisons.INTERACTED, interaction_days(done, night=night)
    elif gate == "embeddings":
        yield from embedded_frames(given)
    elif gate == "matches":
        yield suites.MATCHED, expecting(staged(MATCHES), night)
        yield suites.MATCHES_UNIQUE, hashed_pairs(staged(MATCHES))
        yield suites.MATCHED_POSTINGS, known_keys(staged(MATCHES), staged(POSTINGS), key=c.POSTING_ID)
        yield suites.MATCHED_MEMBERS, known_keys(staged(MATCHES), staged(MEMBERS), key=c.MEMBER_ID)
        yield suites.RECALLED, expecting(staged(MATCH_RECALL), night)
        yield suites.FUNNELLED, staged(ELIGIBILITY_FUNNEL)
    elif gate == "posting_matches":
        yield suites.POSTING_MATCHED, expecting(staged(POSTING_MATCHES), night)
        yield suites.POSTING_MATCHES_UNIQUE, hashed_pairs(staged(POSTING_MATCHES))
        yield suites.POSTING_MATCHES_ELIGIBLE, judged(given, POSTING_MATCHES)
    elif gate == "posting_lists":
        yield suites.POSTING_LISTED, listed_members(staged(POSTING_LISTS), staged(POSTING_MATCHES), night=night)
    elif gate == suites.AUDITED.gate:
        yield suites.AUDITED, expecting(staged(FAIRNESS_AUDIT), night)
    else:
        yield from recommended_frames(given)


def recommended_frames(given: Context) -> Iterable[tuple[Suite, DataFrame | NotJudged]]:
    """As `frames`, of the gate `recommendations`."""
    recommendations, members = given.tables.staged(RECOMMENDATIONS), given.tables.staged(MEMBERS)
    yield suites.RECOMMENDED, expecting(recommendations, given.night)
    yield suites.RECOMMENDATIONS_ELIGIBLE, judged(given, RECOMMENDATIONS)
    asked = given.config.ranking.recommendations_per_member
    shortfalls = given.tables.staged(SHORTFALLS)
    yield suites.SERVED, served_members(members, recommendations, shortfalls, recommendations_per_member=asked)
    yield comparisons.SCORED, recommendations
    date = last_night(given)
    if date is None:
        yield comparisons.KEPT, NotJudged("no earlier night")
    else:
        one_in = one_in_so_many(given, "ingest_members", given.config.quality.history.sampled_members)
        earlier = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: date})
        yield comparisons.KEPT, kept_lists(recommendations, earlier, one_in=one_in)


def one_in_so_many(given: Context, stage: str, wanted: int) -> int:
    """Of how many rows of the stage one is drawn, for about as many as wanted."""
    return max(1, (given.progress.need(stage).counts.rows_out or 0) // wanted)


def judged(given: Context, pairs: Table) -> DataFrame:
    """The pairs of a staged table with each hard rule judged anew."""
    staged, excludes = given.tables.staged, given.config.retrieval.unknown_excludes
    return paired_rows(staged(pairs), staged(MEMBERS), staged(POSTINGS), night=given.night, unknown_excludes=excludes)


def embedded_frames(given: Context) -> Iterable[tuple[Suite, DataFrame]]:
    """Every text of the night beside its vector by the run's student, published before or staged now."""
    student = pinned_student(given.store.models, given.store.student(given.night.run_id))
    for suite, entities, embeddings in (
        (suites.EMBEDDED_POSTINGS, POSTINGS, POSTING_EMBEDDINGS),
        (suites.EMBEDDED_MEMBERS, MEMBERS, MEMBER_EMBEDDINGS),
    ):
        one_in = one_in_so_many(given, f"ingest_{entities.name}", given.config.quality.history.sampled_texts)
        yield suite, beside_vectors(given, student, given.tables.staged(entities), embeddings, one_in=one_in)


def beside_vectors(
    given: Context, student: StudentArtifact, texts: DataFrame, embeddings: Table, *, one_in: int
) -> DataFrame:
    """Every one of the texts beside what its vector by this student is like, published before or staged now."""
    vectors = given.tables.read_or_staged(embeddings, **{c.STUDENT_ID: student.student_id})
    dimension = student.dimension
    return embedded_rows(texts, vectors, student_id=student.student_id, dimension=dimension, one_in=one_in)


def show(results: Iterable[QualityResult]) -> None:
    """A row per rule."""
    grid = Grid("gate", "rule", "observed", "expected", "passed")
    for result in results:
        observed = "" if result.observed is None else f"{result.observed:g}"
        passed = {True: "yes", None: ""}.get(result.passed, f"[bold red]no, {result.severity}[/]")
        grid.add_row(result.gate, result.name, observed, result.expected, passed)
    Console().print(grid)


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
