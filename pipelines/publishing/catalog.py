"""Kernel: the Iceberg catalog, and tables created and evolved from their contracts."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
    ValidationError,
)
from pyiceberg.table import Table as IcebergTable
from pyspark.sql.pandas.types import to_arrow_schema
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from pipelines.publishing.config import StorageConfig
from pipelines.publishing.evolution import differences
from pipelines.publishing.store import Store
from schemas.errors import ArtifactError, ContractError, RunConflictError, listed
from schemas.table import Table

log = logging.getLogger("nightmatch")


def open_catalog(config: StorageConfig, store: Store) -> Catalog:
    """The configured catalog with its namespace; by default SQLite and a warehouse below the storage root.

    Raises:
        ArtifactError: the embedded catalog's file is damaged, or gone while its tables are there.
        RunConflictError: another process has locked it.
    """
    properties = dict(config.catalog) or {
        "type": "sql",
        "uri": f"sqlite:///{store.catalog}",
        "warehouse": store.warehouse.as_uri(),
    }
    store.warehouse.mkdir(parents=True, exist_ok=True)
    if not config.catalog and not store.catalog.exists() and any(store.warehouse.glob("*/*/metadata/*.json")):
        raise _damaged(store, "is gone, while its tables are there")
    try:
        catalog = _opened(store.namespace, properties)
    except DatabaseError as error:
        _raise_ours(error, store)
        raise
    if isinstance(catalog, SqlCatalog):
        event.listen(catalog.engine, "handle_error", lambda met: _raise_ours(met.sqlalchemy_exception, store))
    return catalog


def open_readers(config: StorageConfig, store: Store) -> Catalog | None:
    """The catalog whose tables are copies of the published ones, with its namespace; None: there are no copies."""
    return _opened(store.namespace, config.readers) if config.readers else None


def open_table(catalog: Catalog, namespace: str, table: Table) -> IcebergTable:
    """The Iceberg table of a contract: created when it does not exist, and evolved where the contract only adds to it.

    New columns and wider numbers are one commit of the table's schema. No file is written again: what was published
    before reads as null in a new column, and readers who know the old columns go on reading them.

    Raises:
        ArtifactError: what the catalog says of the table is torn or gone.
        ContractError: the existing table differs from the contract in any other way; all differences are listed.
    """
    name = f"{namespace}.{table.name}"
    wanted = to_arrow_schema(table.schema, timezone="UTC")
    try:
        existing = catalog.load_table(name)
    except NoSuchTableError:
        return _create(catalog, name, table, wanted)
    except (ValidationError, OSError) as error:
        raise ArtifactError(
            f"the metadata of the catalog's table {name} cannot be read ({type(error).__name__}); put its "
            "folder back from a backup"
        ) from error
    found = differences(existing.schema().as_arrow(), wanted)
    if found.wrong:
        raise ContractError(
            listed(
                f"the catalog's table {name} differs from its contract by more than new columns and wider numbers; run "
                "the release that wrote it, or drop the table and publish its nights again with a new --attempt:",
                found.all,
            )
        )
    return _evolved(catalog, existing, found.added, wanted) if found.added else existing


@contextmanager
def together(catalog: Catalog) -> Iterator[None]:
    """Readers see all commits of the block at once, or none where it fails or dies.

    So with every catalog that lies in a database; with another one each commit shows when it is made.
    """
    if not isinstance(catalog, SqlCatalog):
        yield
        return
    engine = catalog.engine
    with engine.begin() as connection:
        catalog.engine = connection
        try:
            yield
        finally:
            catalog.engine = engine


def _opened(namespace: str, properties: Mapping[str, str]) -> Catalog:
    catalog = load_catalog(namespace, **properties)
    with contextlib.suppress(NamespaceAlreadyExistsError):
        catalog.create_namespace(namespace)
    return catalog


def _raise_ours(error: BaseException | None, store: Store) -> None:
    """Pass unless SQLite says that the catalog is locked or damaged."""
    said = str(error.orig) if isinstance(error, DatabaseError) else ""
    if "locked" in said:
        raise RunConflictError(f"another process has locked the catalog {store.catalog} ({said}); try again") from None
    if type(error) is DatabaseError:  # its subclasses are of other kinds
        raise _damaged(store, f"cannot be opened ({said})") from None


def _damaged(store: Store, how: str) -> ArtifactError:
    return ArtifactError(
        f"the catalog {store.catalog} {how}; put its backup back, or move it and {store.warehouse} away and publish "
        "the nights again"
    )


def _evolved(catalog: Catalog, existing: IcebergTable, added: list[str], wanted: pa.Schema) -> IcebergTable:
    with contextlib.suppress(CommitFailedException):  # another job has evolved it in between
        with existing.update_schema() as change:
            change.union_by_name(wanted)
        log.info("table %s is evolved: %s", ".".join(existing.name()), "; ".join(added))
    evolved = catalog.load_table(existing.name())
    if differences(evolved.schema().as_arrow(), wanted).all:
        raise ContractError(f"table {'.'.join(existing.name())} has just been evolved otherwise; start again")
    return evolved


def _create(catalog: Catalog, name: str, table: Table, schema: pa.Schema) -> IcebergTable:
    try:
        with catalog.create_table_transaction(name, schema=schema) as creation:
            with creation.update_spec() as spec:
                spec.add_identity(table.partition)
    except TableAlreadyExistsError:  # another job created it in between
        pass
    return catalog.load_table(name)
