"""Check this run's staged tables once more against every gate, and show each rule with what was observed."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame
from rich.console import Console
from rich.table import Table as Grid

from jobs.start import Context, Plan, context, log, parser, run
from pipelines.distillation.students import StudentArtifact, pinned_student
from pipelines.publishing.artifacts import write_json
from pipelines.quality.gate import QualityResult, judge, quality_rows, raise_if_blocked
from pipelines.quality.stage import (
    embedded_rows,
    expecting,
    ingested_rows,
    listed_members,
    matched_rows,
    measure,
    paired_rows,
    served_members,
)
from schemas import columns as c
from schemas import suites
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.matches import MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.operations import QUALITY_RESULTS, RUN_LOG
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.suite import Suite, blocking
from schemas.table import Table

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
    thresholds = given.config.fairness if gate == suites.AUDITED.gate else given.config.quality
    results = [
        result
        for suite, frame in frames(given, gate)
        for result in judge(measure(frame, suite).toPandas(), suite, thresholds)
    ]
    write_json(given.store.gate(gate, given.night.run_id), [asdict(result) for result in results])
    for result in results:
        if result.severity == "warn" and not result.passed:
            log.warning("gate %s: %s is %s, %s", gate, result.name, result.observed, result.expected)
    raise_if_blocked(results)
    return results


def frames(given: Context, gate: str) -> Iterable[tuple[Suite, DataFrame]]:
    """The suites of a gate, each with the frame that it measures."""
    night, staged = given.night, given.tables.staged
    if gate == "postings":
        yield suites.INGESTED_POSTINGS, ingested_rows(staged(POSTINGS), staged(POSTINGS_REJECTED), night=night)
    elif gate == "members":
        yield suites.INGESTED_MEMBERS, ingested_rows(staged(MEMBERS), staged(MEMBERS_REJECTED), night=night)
    elif gate == "embeddings":
        yield from embedded_frames(given)
    elif gate == "matches":
        yield suites.MATCHED, matched_rows(staged(MATCHES), staged(MEMBERS), staged(POSTINGS), night=night)
        yield suites.RECALLED, expecting(staged(MATCH_RECALL), night)
    elif gate == "posting_matches":
        yield suites.POSTING_MATCHED, judged(given, POSTING_MATCHES)
    elif gate == "posting_lists":
        yield suites.POSTING_LISTED, listed_members(staged(POSTING_LISTS), staged(POSTING_MATCHES), night=night)
    elif gate == suites.AUDITED.gate:
        audited = blocking(suites.AUDITED, given.config.fairness.blocking)
        yield audited, expecting(staged(FAIRNESS_AUDIT), night)
    else:
        yield suites.RECOMMENDED, judged(given, RECOMMENDATIONS)
        recommendations, members = staged(RECOMMENDATIONS), staged(MEMBERS)
        asked = given.config.ranking.recommendations_per_member
        served = served_members(members, recommendations, staged(SHORTFALLS), recommendations_per_member=asked)
        yield suites.SERVED, served


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
        yield suite, beside_vectors(given, student, given.tables.staged(entities), embeddings)


def beside_vectors(given: Context, student: StudentArtifact, texts: DataFrame, embeddings: Table) -> DataFrame:
    """Every one of the texts beside its vector by this student, published before or staged now."""
    vectors = given.tables.read_or_staged(embeddings, **{c.STUDENT_ID: student.student_id})
    return embedded_rows(texts, vectors, student_id=student.student_id, dimension=student.dimension)


def gate_results(given: Plan) -> list[QualityResult]:
    """What this run's gates have said so far."""
    files = [given.store.gate(gate, given.night.run_id) for gate in GATES]
    return [
        QualityResult(**result) for file in files if file.exists() for result in json.loads(file.read_text("utf-8"))
    ]


def record(given: Context) -> None:
    """What this run's gates and stages have said so far is in `quality_results` and `run_log`."""
    night = given.night
    stages = [
        {
            c.RUN_DATE: night.run_date,
            c.RUN_ID: night.run_id,
            c.STAGE: finished.stage,
            c.STARTED_AT: finished.started_at,
            c.SECONDS: finished.seconds,
            c.ROWS_IN: finished.counts.rows_in,
            c.ROWS_OUT: finished.counts.rows_out,
            c.ROWS_REJECTED: finished.counts.rows_rejected,
            c.OUTCOME: finished.outcome,
        }
        for finished in given.progress.all()
    ]
    for table, rows in ((QUALITY_RESULTS, quality_rows(gate_results(given), night)), (RUN_LOG, stages)):
        if rows:
            publish_rows(given, table, rows)


def is_recorded(given: Context) -> bool:
    """Whether `run_log`, which is written last, has every finished stage of this run."""
    logged = given.tables.read(RUN_LOG, **{c.RUN_ID: given.night.run_id})
    return logged.count() == len(given.progress.all())


def publish_rows(given: Context, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """This run's rows of the table are these."""
    frame = given.spark.createDataFrame([tuple(row[n] for n in table.columns) for row in rows], table.schema)
    given.tables.stage(table, frame)
    given.tables.replace(table, **{c.RUN_ID: given.night.run_id})
    given.tables.tidy(table)


def show(results: Iterable[QualityResult]) -> None:
    """A row per rule."""
    grid = Grid("gate", "rule", "observed", "expected", "passed")
    for result in results:
        observed = "" if result.observed is None else f"{result.observed:g}"
        passed = "yes" if result.passed else f"[bold red]no, {result.severity}[/]"
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
