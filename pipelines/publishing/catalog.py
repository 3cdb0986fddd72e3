"""Kernel: the Iceberg catalog, and tables created from their contracts."""

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.table import Table as IcebergTable
from pyspark.sql.pandas.types import to_arrow_schema
from sqlalchemy.exc import DatabaseError

from pipelines.publishing.config import StorageConfig
from pipelines.publishing.store import Store
from schemas.errors import ArtifactError, ContractError, listed
from schemas.table import Table


def open_catalog(config: StorageConfig, store: Store) -> Catalog:
    """The configured catalog with its namespace; by default SQLite and a warehouse below the storage root.

    Raises:
        ArtifactError: the embedded catalog's file is damaged.
    """
    properties = dict(config.catalog) or {
        "type": "sql",
        "uri": f"sqlite:///{store.catalog}",
        "warehouse": store.warehouse.as_uri(),
    }
    store.warehouse.mkdir(parents=True, exist_ok=True)
    try:
        catalog = load_catalog(store.namespace, **properties)
        catalog.create_namespace(store.namespace)
    except NamespaceAlreadyExistsError:
        pass
    except DatabaseError as error:
        raise ArtifactError(
            f"the catalog {store.catalog} cannot be opened ({error.orig}); put its backup back, "
            "or move it away and publish the nights again"
        ) from None
    return catalog


def open_table(catalog: Catalog, namespace: str, table: Table) -> IcebergTable:
    """The Iceberg table of a contract, created when it does not exist yet.

    Raises:
        ContractError: the existing table's columns or types differ from the contract; all are listed.
    """
    name = f"{namespace}.{table.name}"
    wanted = to_arrow_schema(table.schema, timezone="UTC")
    try:
        existing = catalog.load_table(name)
    except NoSuchTableError:
        return _create(catalog, name, table, wanted)
    wrong = _differences(existing.schema().as_arrow(), wanted)
    if wrong:
        raise ContractError(listed(f"the catalog's table {name} differs from its contract:", wrong))
    return existing


def _create(catalog: Catalog, name: str, table: Table, schema: pa.Schema) -> IcebergTable:
    try:
        with catalog.create_table_transaction(name, schema=schema) as creation:
            with creation.update_spec() as spec:
                spec.add_identity(table.partition)
    except TableAlreadyExistsError:  # another job created it in between
        pass
    return catalog.load_table(name)


def _differences(found: pa.Schema, wanted: pa.Schema) -> list[str]:
    kinds = {field.name: _plain(field.type) for field in found}
    expected = {field.name: _plain(field.type) for field in wanted}
    wrong = [
        f"{name}: expected {kind}, found {kinds.get(name, 'nothing')}"
        for name, kind in expected.items()
        if kinds.get(name) != kind
    ]
    return wrong + [f"{name}: unexpected {kind}" for name, kind in kinds.items() if name not in expected]


def _plain(kind: pa.DataType) -> str:
    """The type's name without the differences that mean nothing to a reader.

    >>> _plain(pa.large_list(pa.large_string()))
    'list<string>'
    """
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_plain(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{_plain(kind.key_type)},{_plain(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{field.name}:{_plain(field.type)}" for field in kind) + ">"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "string" if pa.types.is_large_string(kind) else str(kind)
