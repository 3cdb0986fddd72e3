"""Readers' copies of the tables brought up to date and rid of what nobody can need."""

import datetime

from jobs.mirror_tables import mirror_tables
from jobs.start import Shelf, log
from pipelines.publishing.catalog import open_readers
from pipelines.publishing.mirror import copies
from pipelines.upkeep.expiry import end_history
from pipelines.upkeep.mirrored import downloaded, prune
from pipelines.upkeep.persons import Persons
from pipelines.upkeep.scanning import files_below, scan


def prune_copies(given: Shelf, before: datetime.datetime | None = None) -> None:
    """Copies are what the tables are, and nothing older than `before` lies beside them; None: nothing at all."""
    mirror_tables(given.catalog, given.config.storage, given.store)
    readers = open_readers(given.config.storage, given.store)
    for copy in copies(readers, given.store) if readers else ():
        if before is None:
            end_history(copy)
        if gone := prune(copy, before):
            log.info("clean: %d objects of the copy of %s that nothing names", gone, copy.name()[-1])


def named_in_copies(given: Shelf, who: Persons) -> list[str]:
    """What lies with the copies and names one of the persons, or cannot be read; all of it is read."""
    readers, wrong = open_readers(given.config.storage, given.store), list[str]()
    for copy in copies(readers, given.store) if readers else ():
        with downloaded(copy) as folder:
            seen = scan(files_below(folder), who.needles, {folder})
            wrong += [f"{copy.location()}/{path.relative_to(folder)}" for path in seen.holding + seen.undecodable]
    return wrong
