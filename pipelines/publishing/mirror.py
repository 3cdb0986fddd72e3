"""Kernel: copies of the published tables in a catalog and a store of readers' own, such as an object store.

The store is whatever PyIceberg's FileIO writes to: a night's own files stay below the storage root, where Spark reads
and writes them as paths.
"""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.catalog import Catalog
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table as IcebergTable

from pipelines.publishing.catalog import open_table, together
from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED
from pipelines.publishing.presence import local
from pipelines.publishing.store import Store
from schemas.errors import ConfigError, listed

_LAST_A_NIGHT = sorted(PUBLISHED, key=lambda table: table in OF_A_NIGHT)  # stable: the product stays last


@dataclass(frozen=True)
class Change:
    """What makes a copy what the table is.

    Args:
        table: the published one.
        copy: the readers'.
        fresh: files of the table that the copy lacks -> where they come to lie.
        gone: files of the copy that the table has no more.
    """

    table: IcebergTable
    copy: IcebergTable
    fresh: dict[str, str]
    gone: list[DataFile]

    def transfer(self) -> None:
        """The copy's store has the fresh files; no reader sees them yet."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._transfer, self.fresh.keys(), self.fresh.values()))  # raises what a transfer raised

    def commit(self) -> None:
        """Readers of the copy see what readers of the table see."""
        with self.copy.transaction() as change:
            if self.gone:
                with change.update_snapshot().overwrite() as swap:
                    swap.delete_by_predicate(AlwaysTrue())
                    for file in self.gone:
                        swap.delete_data_file(file)
            if self.fresh:
                change.add_files(list(self.fresh.values()), check_duplicate_files=False)

    def _transfer(self, path: str, target: str) -> None:
        source = self.table.io.new_input(path).open()
        with source, self.copy.io.new_output(target).create(overwrite=True) as sink:  # a killed try may have begun it
            shutil.copyfileobj(source, sink, 1 << 22)


def copies(readers: Catalog, store: Store) -> list[IcebergTable]:
    """The readers' tables, the product last.

    Raises:
        ConfigError: they lie below the storage root, where the tables themselves do.
    """
    found = [open_table(readers, store.namespace, table) for table in _LAST_A_NIGHT]
    if wrong := [copy.location() for copy in found if local(copy.location()).is_relative_to(store.root)]:
        raise ConfigError(listed(f"storage.readers: copies lie below {store.root}, where the tables are:", wrong))
    return found


def mirror(catalog: Catalog, readers: Catalog, store: Store) -> list[str]:
    """Readers of the copies see what readers of the tables see; names of the tables that changed.

    All files are copied first. The commits are one where the readers' catalog is a database, see `together`; else the
    product's is the last. Whatever breaks, the next call does what is left.
    """
    found = [
        _change(open_table(catalog, store.namespace, table), copy, store.warehouse / store.namespace / table.name)
        for table, copy in zip(_LAST_A_NIGHT, copies(readers, store), strict=True)
    ]
    changes = [change for change in found if change.fresh or change.gone]
    for change in changes:
        change.transfer()
    with together(readers):
        for change in changes:
            change.commit()
    return [change.table.name()[-1] for change in changes]


def _change(table: IcebergTable, copy: IcebergTable, staged: Path) -> Change:
    here = _files(table, [staged, local(table.location())])
    there = _files(copy, [local(copy.location())])
    fresh = {here[name].file_path: f"{copy.location()}/{name}" for name in sorted(here.keys() - there.keys())}
    return Change(table, copy, fresh, [there[name] for name in sorted(there.keys() - here.keys())])


def _files(table: IcebergTable, roots: Sequence[Path]) -> dict[str, DataFile]:
    """By name below whichever folder it lies in: no two have one name, and none is given again."""
    found = {}
    for task in table.scan().plan_files():
        path = local(task.file.file_path)
        root = next(root for root in roots if path.is_relative_to(root))
        found[str(path.relative_to(root))] = task.file
    return found
