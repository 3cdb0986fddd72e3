"""Kernel: snapshots that neither a reader nor a night put back can need."""

import datetime
from collections.abc import Mapping

from pyiceberg.catalog import Catalog
from pyiceberg.table import Table as IcebergTable

from pipelines.publishing.catalog import open_table
from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED
from pipelines.publishing.publications import is_served, restorable
from pipelines.publishing.store import Store


def published_tables(catalog: Catalog, store: Store) -> dict[str, IcebergTable]:
    """Every table, by name."""
    return {table.name: open_table(catalog, store.namespace, table) for table in PUBLISHED}


def expirable(
    tables: Mapping[str, IcebergTable], store: Store, *, before: datetime.datetime, nights: int
) -> dict[str, set[int]]:
    """Table -> snapshots older than `before` that are not the current one and that no kept night needs.

    Args:
        nights: how many of the newest dates keep every night that was published for them.
    """
    nightly = {table.name: tables[table.name] for table in OF_A_NIGHT}
    known = restorable(nightly, store)
    kept = sorted({one.run_date for one in known}, reverse=True)[:nights]
    needed = [one.snapshots for one in known if one.run_date in kept and not is_served(one, nightly)]
    found = {}
    for name, table in tables.items():
        keep = {table.metadata.current_snapshot_id, *(snapshots.get(name) for snapshots in needed)}
        old = [one for one in table.metadata.snapshots if one.timestamp_ms < before.timestamp() * 1000]
        found[name] = {one.snapshot_id for one in old} - keep - {one.snapshot_id for one in table.refs().values()}
    return {name: ids for name, ids in found.items() if ids}


def expire(tables: Mapping[str, IcebergTable], expiring: Mapping[str, set[int]]) -> None:
    """The snapshots are gone from the tables' metadata; their files are leftovers."""
    for name, ids in expiring.items():
        tables[name].maintenance.expire_snapshots().by_ids(sorted(ids)).commit()


def end_history(table: IcebergTable) -> None:
    """The table has no snapshot but one, which has its rows and no word of what others had."""
    if table.current_snapshot() is None:
        return
    with table.transaction() as change, change.update_snapshot().fast_append():
        pass  # the commit before it names the files that it took out, and with them their smallest and largest values
    table.refresh()
    heads = {one.snapshot_id for one in table.refs().values()}
    if old := [one.snapshot_id for one in table.metadata.snapshots if one.snapshot_id not in heads]:
        table.maintenance.expire_snapshots().by_ids(old).commit()
        table.refresh()
