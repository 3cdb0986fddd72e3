"""What a reader sees through the catalog, row by row."""

import json
from collections import Counter
from pathlib import Path

from pyiceberg.catalog import load_catalog

from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED

NAMING = {"run_id", "index_id", "config_hash", "started_at", "seconds"}  # columns that name the run or the time
BEFORE, NEW = "the night before", "the new night"
NIGHTLY = [table.name for table in OF_A_NIGHT]
View = dict[str, "Counter[str]"]


def seen(var: Path) -> View:
    """Every row of every table with how often it is there, without columns that name the run or the time."""
    catalog = load_catalog("recs", type="sql", uri=f"sqlite:///{var}/catalog.db", warehouse=f"file://{var}/warehouse")
    try:
        return {table.name: _rows(catalog, table.name) for table in PUBLISHED}
    finally:
        catalog.close()


def _rows(catalog, name) -> "Counter[str]":
    rows = catalog.load_table(f"recs.{name}").scan().to_arrow()
    kept = rows.select([column for column in rows.column_names if column not in NAMING]).to_pylist()
    if name == "run_log":  # a text that a broken try has encoded is not encoded again, and embed says so
        kept = [row | {"rows_out": None} if row["stage"] == "embed" else row for row in kept]
    return Counter(json.dumps(row, default=str, sort_keys=True) for row in kept)


def whose(view: View, before: View, after: View) -> str:
    """Which night all tables of a night show.

    Raises:
        AssertionError: neither wholly, or something else is lost or doubled.
    """
    rest = [name for name in view if name not in NIGHTLY]
    for name in rest:
        assert not before[name] - view[name], f"{name} has lost rows"
        assert "embeddings" not in name or not view[name] - after[name], f"{name} has rows that it should not have"
    for said, night in ((BEFORE, before), (NEW, after)):
        if all(view[name] == night[name] for name in NIGHTLY):
            return said
    new = [name for name in NIGHTLY if view[name] == after[name] != before[name]]
    old = [name for name in NIGHTLY if view[name] == before[name] != after[name]]
    raise AssertionError(f"readers see neither night: the new one in {new}, the one before in {old}")


def differences(view: View, after: View) -> list[str]:
    """Tables whose rows are not those of an undisturbed night."""
    return [
        f"{name}: {(after[name] - view[name]).total()} rows lost, {(view[name] - after[name]).total()} doubled or other"
        for name in after
        if view[name] != after[name]
    ]
