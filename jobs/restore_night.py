"""Put an earlier published night back: readers of all tables see it as the last one, within seconds.

Later nights are withdrawn from the tables; each can be put back the same way while its rows have not expired. The
night of the date is the one that readers see of it, or with --run-id the one that this run has published for it.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from jobs.mirror_tables import mirror_tables
from jobs.start import date_of, environment_parser, log, run, shelf
from pipelines.publishing.publications import restore


def work(asked: argparse.Namespace) -> int:
    """The night is put back."""
    given, started = shelf(asked), time.monotonic()
    with given.maintained("restore_night"):
        changed = restore(given.catalog, given.store, run_date=asked.run_date, run_id=asked.run_id)
        mirror_tables(given.catalog, given.config.storage, given.store)
    if changed:
        log.info("restore: %s", ", ".join(changed))
        log.info("restore: %s is the last night in %.1f s", asked.run_date, time.monotonic() - started)
    else:
        log.info("restore: %s is the last night already; nothing changed", asked.run_date)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = environment_parser(__doc__)
    arguments.add_argument("--run-date", required=True, type=date_of, help="the night to put back, YYYY-MM-DD")
    arguments.add_argument("--run-id", help="the run of that date, where several have published")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
