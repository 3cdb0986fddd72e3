"""Take members out of everything that is stored of them, and prove it by reading every byte below the storage root.

All tables and all their snapshots, rows that runs have staged, vectors and teachers' scores of texts that nobody else
has, and whatever names them among reports, evaluation sets and indexes. Nights of the past cannot be put back as they
were; the last night of each date stays as it is without them. docs/operations.md says what this cannot reach.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobs.mirror_tables import mirror_tables
from jobs.prune_copies import named_in_copies, prune_copies
from jobs.start import Shelf, environment_parser, log, run, shelf
from pipelines.publishing.config import InputConfig
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.presence import local
from pipelines.publishing.publications import followed, forget_publications, nightly
from pipelines.upkeep.expiry import published_tables
from pipelines.upkeep.forgetting import files_about, forget_drafts, forget_files, forget_rows
from pipelines.upkeep.persons import Persons, forget_pairs, persons
from pipelines.upkeep.scanning import files_below, scan
from schemas.errors import ArtifactError, ConfigError, listed
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED
from schemas.teacher_scores import TEACHER_SCORES

LAST = (SAVED_SEARCHES_REJECTED, SAVED_SEARCHES, MEMBERS_REJECTED, MEMBERS)  # what the others are found by, in order


def forget(given: Shelf, who: Persons, sources: frozenset[Path]) -> None:
    """Nothing that this project has stored names them."""
    log.info("forget: %d lines of what teachers have said", forget_pairs(given.store, who))
    with followed(given.catalog, given.store):
        for table in sorted(
            PUBLISHED, key=lambda one: (one in LAST and 1 + LAST.index(one), one is not TEACHER_SCORES)
        ):
            if table is LAST[0]:
                forget_what_is_made_again(given, who, sources)
            if rows := forget_rows(given.catalog, given.store, table, who):
                log.info("forget: %d rows of %s, in files of all times", rows, table.name)
    lost = forget_publications(given.store, tables=nightly(given.catalog, given.store))
    if lost:
        log.info("forget: %d earlier runs cannot be put back any more", len(lost))


def forget_what_is_made_again(given: Shelf, who: Persons, sources: frozenset[Path]) -> None:
    """Reports, evaluation sets and indexes that name them are gone."""
    apart = sources | {given.store.warehouse}
    found = scan(files_below(given.store.root, apart), who.needles, counting(given))
    for path in forget_files(given.store, found.holding):
        log.info("forget: %s is removed", path.relative_to(given.store.root))


def prove(given: Shelf, who: Persons, sources: frozenset[Path]) -> None:
    """Every file below the storage root was read, and none names them.

    Raises:
        ArtifactError: some do, or cannot be read; all are listed.
    """
    seen = scan(files_below(given.store.root, sources), who.needles, counting(given))
    rows = [path for table in PUBLISHED for path in files_about(given.store, table, who)]
    wrong = [f"{path}: has rows about a member who is to be forgotten" for path in rows]
    wrong += [f"{path}: names a member who is to be forgotten" for path in seen.holding]
    wrong += [f"{path}: cannot be read as what it is called" for path in seen.undecodable]
    wrong += [
        f"{name}: names a member who is to be forgotten, or cannot be read" for name in named_in_copies(given, who)
    ]
    if wrong:
        raise ArtifactError(
            listed("files remain; if nothing needs them, remove them and give the same command again:", wrong)
        )
    log.info("forget: %s files, %s bytes: none names them", f"{seen.files:,}", f"{seen.bytes:,}")
    for path in sorted(sources):
        log.info("forget: %s is a source and was not read: take them out of it, or they come back", path)


def counting(given: Shelf) -> frozenset[Path]:
    """Folders in which a small number is a count, a word or a posting; rows about members are looked for by column."""
    store = given.store
    return frozenset({store.models, store.rankers, store.runs, store.indexes, store.warehouse})


def check_reach(given: Shelf) -> None:
    """Pass when every table lies below the storage root.

    Raises:
        ConfigError: some lie elsewhere; all are listed.
    """
    places = {name: table.location() for name, table in published_tables(given.catalog, given.store).items()}
    elsewhere = [f"{name}: {at}" for name, at in places.items() if not local(at).is_relative_to(given.store.root)]
    if elsewhere:
        raise ConfigError(
            listed(f"tables lie elsewhere than below {given.store.root}, where nothing can be proved:", elsewhere)
        )


def sources_of(given: Shelf, project: Path) -> frozenset[Path]:
    """Folders and files that the configuration reads and other people write."""
    config = given.config
    sections = [source for _, source in config.sources if source is not None]
    inputs: list[Mapping[str, InputConfig]] = [source.inputs for source in sections]
    inputs += [corpus.inputs for corpus in config.distillation.corpora.values()]
    inputs += [benchmark.inputs for benchmark in config.benchmarks.values()]
    locations = [one.location for given_inputs in inputs for one in given_inputs.values() if one.location]
    if config.sample is not None:
        locations.append(config.sample.location)
    below = {(project / location).absolute() for location in locations if "://" not in location}
    return frozenset(path for path in below if path.is_relative_to(given.store.root))


def work(asked: argparse.Namespace) -> int:
    """The members are forgotten."""
    given = shelf(asked)
    sources = sources_of(given, asked.conf_dir.absolute().parent)
    with given.maintained("forget_member"):
        check_reach(given)
        mirror_tables(given.catalog, given.config.storage, given.store)  # now, not when half is done
        for path in forget_drafts(given.catalog, given.store):
            log.info("forget: %s was never finished and is removed", path.relative_to(given.store.root))
        who = persons(given.store, frozenset(asked.member_ids))
        forget(given, who, sources)
        prune_copies(given)
        prove(given, who, sources)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = environment_parser(__doc__)
    arguments.add_argument("member_ids", nargs="+", metavar="MEMBER_ID", help="as the source spells it")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


if __name__ == "__main__":
    sys.exit(main())
