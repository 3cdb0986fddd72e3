"""A job of one stage, from its arguments to its exit code."""

from collections.abc import Callable, Sequence

from jobs.check_quality import record
from jobs.start import Context, context, held, parser, run
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.progress import Counts, Finished
from schemas.errors import NightmatchError


def stage_job(
    description: str | None, stage: str, work: Callable[[Context], Counts], argv: Sequence[str] | None
) -> int:
    """Exit code of a job that does one stage of a run, unless this run has done it."""
    arguments = parser(description).parse_args(argv)

    def night() -> int:
        given = context(arguments)
        with held(given):
            run_stages(given, {stage: work})
        return 0

    return run(night)


def run_stages(given: Context, stages: dict[str, Callable[[Context], Counts]]) -> list[Finished]:
    """The stages, finished in order; what they and their gates said is recorded, after a failure as well."""
    given.tables.check_contracts(PUBLISHED)  # now, not after hours of work
    finished: list[Finished] = []
    try:
        for stage, work in stages.items():
            finished.append(given.progress.once(stage, lambda work=work: work(given)))  # type: ignore[misc]
    except NightmatchError:
        record(given)
        raise
    if any(one.outcome == "done" for one in finished):
        record(given)
    return finished
