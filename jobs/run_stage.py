"""A job of one stage, from its arguments to its exit code."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial

from jobs.mirror_tables import mirror_tables
from jobs.night_stages import NOT_IN_NIGHT
from jobs.record_results import gate_reports, is_recorded, record
from jobs.start import Context, Plan, context, held, log, parser, plan, run
from jobs.tell_lineage import told
from pipelines.distillation.students import has_student
from pipelines.publishing.artifacts import replace_text
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.progress import Counts, Finished
from pipelines.reporting.metrics import openmetrics
from schemas.errors import NightmatchError


def stage_job(
    description: str | None, stage: str, work: Callable[[Context], Counts], argv: Sequence[str] | None
) -> int:
    """Exit code of a job that does one stage of a run, unless this run has done it."""
    asked = stage_parser(description).parse_args(argv)
    return run(lambda: one_stage(asked, stage, work))


def stage_parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments of a job that does one stage."""
    arguments = parser(description)
    meaning = f"end with code {NOT_IN_NIGHT}, and do nothing, where the night's configuration has no such stage"
    arguments.add_argument("--in-night", action="store_true", help=meaning)
    return arguments


def one_stage(asked: argparse.Namespace, stage: str, work: Callable[[Context], Counts]) -> int:
    """Exit code of the stage, finished by now or not in this night."""
    if asked.in_night and not in_night(plan(asked), stage):
        log.info("%s: not in this night's configuration", stage)
        return NOT_IN_NIGHT
    given = context(asked)
    with held(given):
        run_stages(given, {stage: work})
    return 0


def in_night(given: Plan, stage: str) -> bool:
    """Whether the night has the stage.

    Distillation only where there is no student yet and the configuration allows it; postings search for members, who
    are then ranked, only where the configuration says for how many, and are reordered only where it says so; saved
    searches only where there is a source of them; an audit only where it says whose groups are compared.
    """
    distils = given.config.distillation.when_missing == "distil" and not has_student(given.store.models)
    searched, audited = given.config.retrieval.members_per_posting > 0, bool(given.config.audited_sides)
    reordered = given.config.fairness.reordering.enabled
    wanted = {
        "ingest_searches": given.config.sources.saved_searches is not None,
        "rank_searches": given.config.sources.saved_searches is not None,
        "distill": distils,
        "match_postings": searched,
        "reorder_members": reordered,
        "rank_members": searched,
        "audit": audited,
    }
    return wanted.get(stage, True) or given.progress.find(stage) is not None


def write_metrics(given: Plan) -> None:
    """The run so far is in its metrics file."""
    stages, unfinished = given.progress.all(), given.progress.unfinished()
    text = openmetrics(given.env, given.night, stages, unfinished, gate_reports(given))
    replace_text(given.store.metrics(given.night.run_id), text)


def run_stages(given: Context, stages: dict[str, Callable[[Context], Counts]]) -> list[Finished]:
    """The stages, finished in order; what they and their gates said is recorded, after a failure as well.

    Copies of the tables are brought up to date, also where a try before has not come to it.
    """
    given.tables.check_contracts(PUBLISHED)  # now, not after hours of work
    finished: list[Finished] = []
    try:
        for stage, work in stages.items():
            finished.append(given.progress.once(stage, partial(told, given, stage, work)))
    except NightmatchError:
        record(given)
        raise
    finally:
        write_metrics(given)
    if any(one.outcome == "done" for one in finished) or not is_recorded(given):  # or a try died before it was
        record(given)
    mirror_tables(given.tables.catalog, given.config.storage, given.store)
    return finished
