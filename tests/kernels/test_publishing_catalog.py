"""A catalog that is locked, damaged or gone is told apart, whenever it is met."""

import datetime
import sqlite3
from contextlib import closing

import pytest

from pipelines.publishing.catalog import open_catalog, open_table
from schemas.errors import ArtifactError, RunConflictError
from schemas.recommendations import RECOMMENDATIONS
from tests.published import publish_night, world

MONDAY = datetime.date(2026, 11, 2)
__all__ = ["world"]


@pytest.fixture
def impatient(world):
    """The configuration of a catalog that waits for nobody."""
    uri = f"sqlite:///{world.store.catalog}?timeout=0"
    return world.config.model_copy(
        update={"catalog": {"type": "sql", "uri": uri, "warehouse": world.store.warehouse.as_uri()}}
    )


def locked(world):
    connection = sqlite3.connect(world.store.catalog, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return closing(connection)


def test_a_locked_catalog_is_a_conflict_that_passes_when_it_is_opened_and_later(world, impatient):
    catalog = open_catalog(impatient, world.store)
    with locked(world):
        with pytest.raises(RunConflictError, match="has locked the catalog"):
            open_catalog(impatient, world.store)
        with pytest.raises(RunConflictError, match="has locked the catalog"):
            open_table(catalog, "recs", RECOMMENDATIONS)
    assert open_table(catalog, "recs", RECOMMENDATIONS).name() == ("recs", "recommendations")


def test_a_catalog_that_is_damaged_after_it_was_opened_is_an_artifact_error(world):
    catalog = open_catalog(world.config, world.store)
    size = world.store.catalog.stat().st_size
    with world.store.catalog.open("r+b") as file:
        file.seek(24)  # where it is said that the file has changed
        file.write(b"\xff" * (size - 24))
    with pytest.raises(ArtifactError, match="put its backup back"):
        open_table(catalog, "recs", RECOMMENDATIONS)


def test_a_catalog_that_is_gone_while_its_tables_are_there_is_not_begun_anew(world):
    publish_night(world, MONDAY, "first", ["m1"])
    world.store.catalog.unlink()
    with pytest.raises(ArtifactError, match="is gone, while its tables are there"):
        open_catalog(world.config, world.store)
    assert not world.store.catalog.exists()


@pytest.mark.parametrize("spoil", [lambda path: path.write_text('{"format'), lambda path: path.unlink()])
def test_metadata_of_a_table_that_is_torn_or_gone_is_an_artifact_error(world, spoil):
    folder = world.store.warehouse / "recs" / "recommendations" / "metadata"
    spoil(max(folder.glob("*.metadata.json")))
    with pytest.raises(ArtifactError, match=r"metadata of the catalog's table recs\.recommendations cannot be read"):
        open_table(open_catalog(world.config, world.store), "recs", RECOMMENDATIONS)
