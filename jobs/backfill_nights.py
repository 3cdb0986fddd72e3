"""Run past nights in order, each as of its date; nights that are finished are not done again.

Without --student, each night has the student of its time: the one that an earlier run of the date had, else the last
champion that had been made by then. The first failure ends the job; the same command goes on from there.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Sequence

from jobs import run_nightly
from jobs.start import date_of, environment_parser, log, run, run_id_of
from pipelines.config import load_config
from pipelines.distillation.students import student, student_of_the_time
from pipelines.publishing.artifacts import point, pointed
from pipelines.publishing.progress import Progress
from pipelines.publishing.store import Store
from schemas.errors import ConfigError


def work(asked: argparse.Namespace) -> int:
    """The exit code of the first night that fails, 0 when all are published."""
    conf_dir = asked.conf_dir.absolute()
    config = load_config(conf_dir, asked.env, os.environ)
    store = Store.at(config.storage, conf_dir.parent)
    if asked.to < asked.since:
        raise ConfigError(f"--to {asked.to} is before --from {asked.since}")
    if asked.student:
        student(store.models, asked.student)  # fails now when it is missing, not after the nights that had another
    nights = [asked.since + datetime.timedelta(days=day) for day in range((asked.to - asked.since).days + 1)]
    for done, date in enumerate(nights):
        run_id = run_id_of(date, config, asked.attempt)
        if Progress(store.stages(run_id)).find("publish"):
            log.info("backfill: %s is finished, by student %s", date, pointed(store.student(run_id)))
            continue
        pin(store, date, run_id, asked.student)
        shared = ["--env", asked.env, "--conf-dir", str(conf_dir), "--attempt", str(asked.attempt)]
        code = run_nightly.main([*shared, "--run-date", date.isoformat()])
        if code:
            log.error(
                "backfill: stopped at %s, which ended with %d; %d of %d nights are finished. Mend what the message "
                "above names and give the same command again: it goes on with this night",
                *(date, code, done, len(nights)),
            )
            return code
    log.info("backfill: %s to %s are published", nights[0], nights[-1])
    return 0


def pin(store: Store, date: datetime.date, run_id: str, named: str | None) -> None:
    """The run's student is settled, where there is any.

    Raises:
        ConfigError: the run has begun with another student than the one named.
    """
    has = pointed(store.student(run_id))
    if has is not None and named not in (None, has):
        raise ConfigError(f"run {run_id} has begun with student {has}; name that one, or give a new --attempt")
    earlier = sorted(store.runs.glob(f"{date}-*/student"), key=lambda path: path.stat().st_mtime)
    chosen = has or named or (pointed(earlier[-1]) if earlier else student_of_the_time(store.models, date))
    if chosen is not None:
        point(store.student(run_id), chosen)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = environment_parser(__doc__)
    arguments.add_argument("--from", dest="since", required=True, type=date_of, help="the first night, YYYY-MM-DD")
    arguments.add_argument("--to", required=True, type=date_of, help="the last night, YYYY-MM-DD")
    arguments.add_argument("--student", help="id of the student of all these nights")
    arguments.add_argument("--attempt", type=int, default=1, help="a new number runs finished nights afresh")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
