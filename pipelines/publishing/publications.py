"""Kernel: what runs have published, and an earlier night put back in place of later ones.

Where a run's rows lie is kept as a snapshot of each table. Putting a night back names files that exist, so it takes
seconds whatever the night's size.
"""

import datetime
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError
from pyiceberg.catalog import Catalog
from pyiceberg.expressions import BooleanExpression, EqualTo, GreaterThanOrEqual
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table as IcebergTable

from pipelines.publishing.artifacts import write_json
from pipelines.publishing.catalog import open_table, together
from pipelines.publishing.contents import OF_A_NIGHT
from pipelines.publishing.store import Store
from schemas import columns as c
from schemas.errors import ArtifactError, listed

log = logging.getLogger("nightmatch")


@dataclass(frozen=True)
class Publication:
    """One run's published night.

    Args:
        snapshots: table -> snapshot that holds its rows; None, or no such table yet: it was empty.
    """

    run_id: str
    run_date: datetime.date
    published_at: datetime.datetime
    snapshots: dict[str, int | None]


_PUBLICATION = TypeAdapter(Publication)


def keep_publication(catalog: Catalog, store: Store, *, run_id: str, run_date: datetime.date) -> None:
    """What the tables hold of the run date is known as this run's from now on."""
    snapshots = {name: table.metadata.current_snapshot_id for name, table in nightly(catalog, store).items()}
    _write(store, Publication(run_id, run_date, datetime.datetime.now(datetime.UTC), snapshots))


def publications(store: Store) -> list[Publication]:
    """Every run that is known to have published, in the order in which they did.

    Raises:
        ArtifactError: the note of one is damaged.
    """
    found = []
    for path in store.runs.glob("*/published.json"):
        try:
            found.append(_PUBLICATION.validate_json(path.read_bytes()))
        except ValidationError:
            raise ArtifactError(f"{path} is damaged; remove it, and that run cannot be put back") from None
    return sorted(found, key=lambda one: (one.published_at, one.run_id))


def nightly(catalog: Catalog, store: Store) -> dict[str, IcebergTable]:
    """The tables that a night publishes, the product last."""
    return {table.name: open_table(catalog, store.namespace, table) for table in OF_A_NIGHT}


def restore(catalog: Catalog, store: Store, *, run_date: datetime.date, run_id: str | None = None) -> list[str]:
    """The night of `run_date` is the last one that readers see; tables that changed.

    Args:
        run_id: whose night; None: the one that readers see of that date, else the last one published for it.

    Raises:
        ArtifactError: the date or run was never published, or its rows have expired.
    """
    tables = nightly(catalog, store)
    wanted = _wanted(tables, store, run_date, run_id)
    changed = []
    with together(catalog):
        for name, table in tables.items():
            later = GreaterThanOrEqual(c.RUN_DATE, run_date.isoformat())
            seen = {file.file_path: file for file in _files(table, later)}
            gone = [file for path, file in seen.items() if path not in wanted[name]]
            back = [file for path, file in wanted[name].items() if path not in seen]
            if gone or back:
                _exchange(table, gone, back, later, {"nightmatch.restored": run_date.isoformat()})
                changed.append(name)
    return changed


def restorable(tables: Mapping[str, IcebergTable], store: Store) -> list[Publication]:
    """The publications whose rows are all still there, in the order in which they were published."""
    return [one for one in publications(store) if not _expired(one, tables)]


@contextmanager
def followed(catalog: Catalog, store: Store) -> Iterator[None]:
    """Publications that readers see before the block are where readers see them after it.

    For a block that writes rows to other files and leaves readers what they had.
    """
    before = nightly(catalog, store)
    served = [one for one in restorable(before, store) if is_served(one, before)]
    yield
    after = {name: table.metadata.current_snapshot_id for name, table in nightly(catalog, store).items()}
    for one in served:
        _write(store, replace(one, snapshots=after))


def forget_publications(store: Store, *, tables: Mapping[str, IcebergTable]) -> list[str]:
    """Publications that cannot be put back any more are not known any more; their runs."""
    lost = [one.run_id for one in publications(store) if _expired(one, tables)]
    for run_id in lost:
        store.publication(run_id).unlink()
    return lost


def _wanted(
    tables: Mapping[str, IcebergTable], store: Store, run_date: datetime.date, run_id: str | None
) -> dict[str, dict[str, DataFile]]:
    day = EqualTo(c.RUN_DATE, run_date.isoformat())
    seen = {name: {file.file_path: file for file in _files(table, day)} for name, table in tables.items()}
    if run_id is None and any(seen.values()):
        return seen
    known = [one for one in publications(store) if one.run_date == run_date]
    there = [one for one in known if not _expired(one, tables)]
    chosen = [one for one in there if run_id in (None, one.run_id)]
    if not chosen:
        others = [f"{one.run_date}: {one.run_id}" for one in restorable(tables, store)]
        what = f"run {run_id} of {run_date}" if run_id else f"{run_date}"
        why = "its rows have expired" if known else "it was never published"
        raise ArtifactError(listed(f"{what} cannot be put back: {why}; what can be:", others or ["nothing"]))
    return {
        name: {file.file_path: file for file in _files_at(table, day, chosen[-1].snapshots.get(name))}
        for name, table in tables.items()
    }


def _files(table: IcebergTable, rows: BooleanExpression) -> list[DataFile]:
    return [task.file for task in table.scan(row_filter=rows).plan_files()]


def _files_at(table: IcebergTable, rows: BooleanExpression, snapshot_id: int | None) -> list[DataFile]:
    if snapshot_id is None:
        return []
    return [task.file for task in table.scan(row_filter=rows, snapshot_id=snapshot_id).plan_files()]


def _exchange(
    table: IcebergTable,
    gone: list[DataFile],
    back: list[DataFile],
    where: BooleanExpression,
    properties: dict[str, str],
) -> None:
    with table.transaction() as change, change.update_snapshot(snapshot_properties=properties).overwrite() as swap:
        swap.delete_by_predicate(where)
        for file in gone:
            swap.delete_data_file(file)
        for file in back:
            swap.append_data_file(file)


def _expired(one: Publication, tables: Mapping[str, IcebergTable]) -> bool:
    return any(
        (at := one.snapshots.get(name)) is not None and table.snapshot_by_id(at) is None
        for name, table in tables.items()
    )


def is_served(one: Publication, tables: Mapping[str, IcebergTable]) -> bool:
    """Whether readers of the date see exactly what the run has published."""
    day = EqualTo(c.RUN_DATE, one.run_date.isoformat())
    return all(
        {file.file_path for file in _files_at(table, day, one.snapshots.get(name))}
        == {file.file_path for file in _files(table, day)}
        for name, table in tables.items()
    )


def _write(store: Store, one: Publication) -> None:
    write_json(store.publication(one.run_id), _PUBLICATION.dump_python(one, mode="json"))
