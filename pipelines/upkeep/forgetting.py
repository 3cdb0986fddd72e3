"""Kernel: members taken out of everything that was stored of them, snapshots of the past included.

What the next step must know about a member is removed after it: a job that broke off is done by the same command.
"""

import logging
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.catalog import Catalog
from pyiceberg.expressions import BooleanExpression, EqualTo, In, Or, StartsWith

from pipelines.publishing.catalog import open_table
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.store import Store
from pipelines.upkeep.expiry import end_history
from pipelines.upkeep.leftovers import reachable
from pipelines.upkeep.persons import Persons
from schemas import columns as c
from schemas.rejected import MEMBERS_REJECTED, REPEAT
from schemas.table import Table

log = logging.getLogger("nightmatch")


def rows_about(table: Table, persons: Persons) -> BooleanExpression | None:
    """Which rows of a table are about the persons; None where none ever is."""
    if c.MEMBER_ID in table.columns:
        return In(c.MEMBER_ID, persons.ids)
    if table is MEMBERS_REJECTED:
        conditions: list[BooleanExpression] = [EqualTo(c.SOURCE_ROW, one) for one in persons.ids]
        conditions += [StartsWith(c.SOURCE_ROW, f"{one}{REPEAT}") for one in persons.ids]  # repeated rows
        return conditions[0] if len(conditions) == 1 else Or(*conditions)
    if not persons.hashes:
        return None
    for name in (c.LEFT_HASH, c.CONTENT_HASH):
        if name in table.columns and table.name not in _OF_POSTINGS:
            return In(name, persons.hashes)
    return None


_OF_POSTINGS = ("postings", "posting_embeddings")


def are_about(table: Table, rows: pa.Table, persons: Persons) -> pa.ChunkedArray:
    """As `rows_about`, a mask of rows."""
    if c.MEMBER_ID in table.columns:
        name, wanted = c.MEMBER_ID, persons.ids
    elif table is MEMBERS_REJECTED:
        source = rows.column(c.SOURCE_ROW)
        mask = pc.is_in(source, pa.array(sorted(persons.ids), source.type))
        for one in sorted(persons.ids):
            mask = pc.or_(mask, pc.fill_null(pc.starts_with(source, f"{one}{REPEAT}"), False))
        return mask
    else:
        name, wanted = c.LEFT_HASH if c.LEFT_HASH in table.columns else c.CONTENT_HASH, persons.hashes
    column = rows.column(name)
    return pc.is_in(column, pa.array(sorted(wanted), column.type))


def forget_rows(catalog: Catalog, store: Store, table: Table, persons: Persons) -> int:
    """No file of the table has a row about the persons, whatever snapshot or run it was written for; rows left out.

    Where there are some, no snapshot but the current one is left.
    """
    condition, folder = rows_about(table, persons), store.warehouse / store.namespace / table.name
    if condition is None or not files_about(store, table, persons):
        return 0
    iceberg = open_table(catalog, store.namespace, table)
    if iceberg.current_snapshot() is not None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Delete operation did not match")
            iceberg.delete(condition)
        end_history(iceberg)
    iceberg = open_table(catalog, store.namespace, table)
    kept = reachable(iceberg, set())
    files = sorted(folder.rglob("*"), key=lambda path: ("metadata" not in path.parts, path))  # rows go last: see above
    return sum(_forget_in(path, folder, table, persons) for path in files if path not in kept)


def files_about(store: Store, table: Table, persons: Persons) -> list[Path]:
    """The table's files of all times that have a row about the persons."""
    if rows_about(table, persons) is None:
        return []
    folder = store.warehouse / store.namespace / table.name
    return [path for path in sorted(folder.rglob("*.parquet")) if _count(path, table, persons)]


def _forget_in(path: Path, folder: Path, table: Table, persons: Persons) -> int:
    """A file that readers do not see: gone, or if a run has staged it, without the rows."""
    if not path.is_file():
        return 0
    if not path.relative_to(folder).parts[0].startswith("run="):
        found = _count(path, table, persons) if path.suffix == ".parquet" else 0
        path.unlink()
        return found
    if path.suffix != ".parquet" or not (found := _count(path, table, persons)):
        return 0
    rows = pq.read_table(path)
    draft = path.with_name(f".{path.name}.draft")
    pq.write_table(rows.filter(pc.invert(are_about(table, rows, persons))), draft, compression="zstd")
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)  # Spark's checksum of what it was
    draft.replace(path)
    return found


def _count(path: Path, table: Table, persons: Persons) -> int:
    found = 0
    with pq.ParquetFile(path) as file:
        wanted = [name for name in (c.MEMBER_ID, c.SOURCE_ROW, c.LEFT_HASH, c.CONTENT_HASH) if name in table.columns]
        for batch in file.iter_batches(columns=wanted):
            found += pc.sum(are_about(table, pa.Table.from_batches([batch]), persons)).as_py() or 0
    return int(found)


def forget_drafts(catalog: Catalog, store: Store) -> Iterator[Path]:
    """What no run has finished staging is gone; each folder. It may be torn, and its stage starts afresh anyhow."""
    for table in PUBLISHED:
        folder = store.warehouse / store.namespace / table.name
        unfinished = [path for path in folder.glob("run=*/*") if not (path / "_SUCCESS").exists()]
        named = reachable(open_table(catalog, store.namespace, table), set()) if unfinished else set()
        for path in unfinished:
            if not any(one in named for one in path.rglob("*")):
                shutil.rmtree(path)
                yield path


def forget_files(store: Store, holding: list[Path]) -> Iterator[Path]:
    """What is made from tables and can be made again is gone where it names the persons; each of them.

    Args:
        holding: files that do.
    """
    for path in [*store.member_indexes.glob("*"), *store.models.glob(".workshop"), *store.models.glob(".draft*")]:
        shutil.rmtree(path)
        yield path
    for path in holding:
        for folder in (store.report("x").parent, store.benchmarks):
            if path.is_relative_to(folder) and path.exists():
                whole = folder / path.relative_to(folder).parts[0]
                shutil.rmtree(whole) if whole.is_dir() else whole.unlink()
                yield whole
