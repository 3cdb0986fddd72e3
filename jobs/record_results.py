"""What this run's gates and stages have said, in files below the run and in the tables about runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from jobs.start import Context, Plan
from pipelines.publishing.artifacts import replace_text
from pipelines.quality.gate import GateReport, Judgement, QualityResult, quality_rows
from pipelines.quality.pages import INDEX, index_page, validation_page
from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.operations import NIGHT_PROFILES, QUALITY_RESULTS, RUN_LOG
from schemas.table import Table

_REPORT = TypeAdapter(GateReport)


def keep_report(given: Plan, gate: str, report: GateReport, judgement: Judgement) -> None:
    """What the gate has said is kept under the run, and shown on the run's pages."""
    run_id = given.night.run_id
    replace_text(given.store.gate(gate, run_id), _REPORT.dump_json(report, indent=2).decode())
    pages, unjudged = given.store.quality_pages(run_id), [one for one in report.results if one.passed is None]
    replace_text(pages / f"{gate}.html", validation_page(judgement.validation, unjudged))
    replace_text(pages / INDEX, index_page(run_id, gate_reports(given)))


def gate_reports(given: Plan) -> dict[str, GateReport]:
    """What this run's gates have said so far, by gate, in the order in which they did.

    Raises:
        ArtifactError: the note of one is damaged.
    """
    files = given.store.gate("any", given.night.run_id).parent.glob("*.json")
    return {path.stem: _read(path) for path in sorted(files, key=lambda path: path.stat().st_mtime)}


def gate_results(given: Plan) -> list[QualityResult]:
    """The results of all rules so far."""
    return [result for report in gate_reports(given).values() for result in report.results]


def record(given: Context) -> None:
    """What this run's gates and stages have said so far is in the tables about runs."""
    night, reports = given.night, gate_reports(given)
    stamp = {c.RUN_DATE: night.run_date, c.RUN_ID: night.run_id}
    stages = [
        stamp
        | {
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
    profiles = [
        stamp
        | {
            c.GATE: gate,
            c.NAME: name,
            c.STUDENT_ID: profile.student_id,
            c.ROWS: profile.rows,
            c.PROFILE: list(profile.values),
        }
        for gate, report in reports.items()
        for name, profile in report.profiles.items()
    ]
    results = quality_rows(gate_results(given), night)
    for table, rows in ((QUALITY_RESULTS, results), (NIGHT_PROFILES, profiles), (RUN_LOG, stages)):
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


def _read(path: Path) -> GateReport:
    try:
        return _REPORT.validate_json(path.read_bytes())
    except ValidationError:
        raise ArtifactError(f"{path} is damaged; remove it, and run the gate again") from None
