"""Bring readers' copies of the tables up to what is published; every job that publishes does so at its end.

`storage.readers` names the catalog of the copies. On its own, the job is for copies that are new or were not reached.
"""

import argparse
import sys
from collections.abc import Sequence

from pyiceberg.catalog import Catalog

from jobs.start import environment_parser, log, run, shelf
from pipelines.publishing.catalog import open_readers
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.mirror import mirror
from pipelines.publishing.store import Store
from schemas.errors import ConfigError


def mirror_tables(catalog: Catalog, config: StorageConfig, store: Store) -> None:
    """Readers of the copies, where there are any, see what readers of the tables see."""
    readers = open_readers(config, store)
    if readers is not None and (changed := mirror(catalog, readers, store)):
        log.info("mirror: %s", ", ".join(changed))


def work(asked: argparse.Namespace) -> int:
    """The copies are up to date."""
    given = shelf(asked)
    if not given.config.storage.readers:
        raise ConfigError("storage.readers names no catalog: there are no copies of the tables")
    with given.maintained("mirror_tables"):
        mirror_tables(given.catalog, given.config.storage, given.store)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    asked = environment_parser(__doc__).parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
