"""Show what a run did, stage by stage, what they reused, what failed, and what to do next; starts no Spark."""

import sys
from collections.abc import Sequence

from jobs.night_stages import JOBS
from jobs.record_results import gate_results
from jobs.run_stage import in_night
from jobs.start import Plan, parser, plan, run
from pipelines.publishing.lease import holder
from pipelines.quality.pages import INDEX
from pipelines.reporting.run_report import Run, next_step, print_run
from pipelines.reporting.terminal import Terminal
from schemas.errors import ArtifactError


def of_plan(given: Plan) -> Run:
    """What is known of the run.

    Raises:
        ArtifactError: it has not begun; the runs of its date are listed.
    """
    folder = given.progress.folder.parent
    if not folder.exists():
        others = sorted(path.name for path in folder.parent.glob(f"{given.night.run_date}-*") if path.is_dir())
        raise ArtifactError(
            f"run {given.night.run_id} has not begun, or was of another configuration or --attempt; "
            f"runs of {given.night.run_date} here: {', '.join(others) or 'none'}"
        )
    finished = {one.stage: one for one in given.progress.all()}
    wanted = {stage: in_night(given, stage) for stage in JOBS}
    return Run(
        run_id=given.night.run_id,
        stages=[stage for stage in JOBS if wanted[stage]],
        absent=[stage for stage in JOBS if not wanted[stage]],
        finished=finished,
        unfinished=given.progress.unfinished(),
        holder=holder(given.store.lease(given.night.run_date)),
        results=gate_results(given),
        pages=index if (index := given.store.quality_pages(given.night.run_id) / INDEX).exists() else None,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    asked = parser(__doc__).parse_args(argv)
    again = f"python -m jobs.run_nightly --env {asked.env} --run-date {asked.run_date} --conf-dir {asked.conf_dir}"

    def work() -> int:
        shown, console = of_plan(plan(asked)), Terminal()
        print_run(console, shown)
        step = next_step(
            shown,
            command=f"{again} --attempt {asked.attempt}",
            afresh=f"{again} --attempt {asked.attempt + 1}",
        )
        console.print(f"\nNext: {step}", highlight=False, markup=False, soft_wrap=True)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
