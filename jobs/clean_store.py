"""Show what nobody can need any more of what lies below the storage root, and with --remove, remove it.

Files that belong to nothing, what runs that were given up have left, expired snapshots and their files, vectors of
texts that no night has any more; and small files are put together. `[retention]` says what is kept.
"""

import argparse
import datetime
import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.table import Table as Grid

from jobs.prune_copies import prune_copies
from jobs.start import Shelf, environment_parser, log, run, shelf, start_spark
from pipelines.distillation.students import needed_students
from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED
from pipelines.publishing.lease import holders
from pipelines.publishing.publications import followed, forget_publications
from pipelines.publishing.tables import Tables
from pipelines.reporting.terminal import Terminal
from pipelines.upkeep.compacting import Vectors, compact, housekeeping_id, keep_needed, small_files, vectors
from pipelines.upkeep.expiry import expirable, expire, published_tables
from pipelines.upkeep.leftovers import Leftover, Runs, freed, leftovers, remove
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.searches import SAVED_SEARCHES
from schemas.table import Table

EMBEDDED = ((POSTING_EMBEDDINGS, (POSTINGS,)), (MEMBER_EMBEDDINGS, (MEMBERS, SAVED_SEARCHES)))  # vectors of whose texts


def show(given: Shelf, tables: Tables) -> None:
    """What would be removed, each thing with its bytes, and what would be written anew."""
    by_name, (runs, now) = published_tables(given.catalog, given.store), runs_of(given)
    expiring = expirable_of(given, now)
    grid = Grid("what", "which", "bytes", title=f"{given.store.root}: with --remove, this would go")
    for one in (found := leftovers(by_name, runs, expiring=expiring)):
        grid.add_row(one.kind, str(one.path.relative_to(given.store.root)), f"{freed([one.path]):,}")
    for name, ids in expiring.items():
        grid.add_row("expired snapshots", f"{len(ids)} of {name}", "")
    for table, old in unneeded(given, tables, runs):
        which = f"{old.gone:,} of {old.rows:,} of student {old.student_id} in {table.name}"
        grid.add_row("vectors that no night needs", which, "")
    for table in PUBLISHED:
        for files in small_files(by_name[table.name], given.config.retention):
            grid.add_row("small files put together", f"{len(files)} of {table.name}", "")
    Terminal(width=160).print(grid)
    Terminal().print(f"{freed([one.path for one in found]):,} bytes would be free; nothing was changed")


def clean(given: Shelf, tables: Tables) -> None:
    """What nobody can need is gone; readers see the rows that they saw."""
    runs, now = runs_of(given)
    with followed(given.catalog, given.store):
        for table, one in list(unneeded(given, tables, runs)):
            keep_needed(tables, table, one)
            log.info("clean: %d vectors of student %s left %s", one.gone, one.student_id, table.name)
        for table in PUBLISHED:
            for files in small_files(published_tables(given.catalog, given.store)[table.name], given.config.retention):
                log.info("clean: %d files of %s are %d now", len(files), table.name, compact(tables, table, files))
    expire(published_tables(given.catalog, given.store), expirable_of(given, now))
    by_name = published_tables(given.catalog, given.store)
    found = sorted(leftovers(by_name, runs, expiring={}), key=lambda one: one.kind)
    size = freed([one.path for one in found])
    for kind, same in groupby(found, key=lambda one: one.kind):
        log.info("clean: %s: %d", kind, len(gone := list[Leftover](same)))
        remove(gone)
    forget_publications(given.store, tables={table.name: by_name[table.name] for table in OF_A_NIGHT})
    prune_copies(given, now - datetime.timedelta(days=given.config.retention.snapshot_days))
    log.info("clean: %s bytes are free", f"{size:,}")


def runs_of(given: Shelf) -> tuple[Runs, datetime.datetime]:
    """Which runs are alive, and the time at which that was looked at."""
    now = datetime.datetime.now(datetime.UTC)
    before = now - datetime.timedelta(days=given.config.retention.orphan_days)
    return Runs(given.store, holders(given.store.runs), before), now


def expirable_of(given: Shelf, now: datetime.datetime) -> dict[str, set[int]]:
    """Table -> snapshots that may go."""
    keep = given.config.retention
    before = now - datetime.timedelta(days=keep.snapshot_days)
    tables = published_tables(given.catalog, given.store)
    return expirable(tables, given.store, before=before, nights=keep.restorable_nights)


def unneeded(given: Shelf, tables: Tables, runs: Runs) -> Iterator[tuple[Table, Vectors]]:
    """The students some of whose vectors nobody needs; none while a run that is not finished may want them."""
    if unfinished := runs.unfinished():
        log.info("clean: run %s is not finished, so no vector expires", ", ".join(unfinished))
        return
    for embeddings, entities in EMBEDDED:
        if (nights := tables.dates(entities[0])) and tables.files(embeddings):
            since = nights[-1] - datetime.timedelta(days=given.config.retention.embedding_days)
            students = needed_students(given.store.models)
            found = vectors(tables, embeddings, entities, students=students, since=since)
            yield from ((embeddings, one) for one in found if one.gone)


def work(asked: argparse.Namespace) -> int:
    """The store is shown, or cleaned."""
    given = shelf(asked)
    spark = start_spark(f"nightmatch {asked.env} clean_store", given.config.spark)
    tables = Tables(spark, given.catalog, given.store, housekeeping_id())
    if not asked.remove:
        show(given, tables)
        return 0
    with given.maintained("clean_store"):
        clean(given, tables)
        shutil.rmtree(given.store.runs / tables.run_id, ignore_errors=True)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = environment_parser(__doc__)
    arguments.add_argument("--remove", action="store_true", help="remove it; without this, nothing is changed")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
