"""Kernel: what readers' copies of the tables hold and nobody can need, and what is proved of them."""

import datetime
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import Table as IcebergTable

from pipelines.upkeep.leftovers import named


def prune(copy: IcebergTable, before: datetime.datetime | None = None) -> int:
    """Snapshots but the current one, and objects that the copy does not name, are gone; how many objects.

    Args:
        copy: a table in the readers' catalog, as it is now.
        before: younger ones stay, as a reader may be reading them; None: all go.
    """
    if old := _expirable(copy, before):
        copy.maintenance.expire_snapshots().by_ids(old).commit()
        copy.refresh()
    kept = {PyArrowFileIO.parse_location(name)[2] for name in named(copy, set())}
    files, folder = _place(copy)
    found = files.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    strays = [
        one.path for one in found if one.is_file and one.path not in kept and (before is None or one.mtime < before)
    ]
    for path in strays:
        files.delete_file(path)
    return len(strays)


@contextmanager
def downloaded(copy: IcebergTable) -> Iterator[Path]:
    """A folder with everything that lies where the copy lies; gone after the block."""
    files, folder = _place(copy)
    with tempfile.TemporaryDirectory() as here:
        fs.copy_files(folder, here, source_filesystem=files, destination_filesystem=fs.LocalFileSystem())
        yield Path(here)


def _expirable(table: IcebergTable, before: datetime.datetime | None) -> list[int]:
    heads = {one.snapshot_id for one in table.refs().values()}
    others = [one for one in table.metadata.snapshots if one.snapshot_id not in heads]
    return [one.snapshot_id for one in others if before is None or one.timestamp_ms < before.timestamp() * 1000]


def _place(table: IcebergTable) -> tuple[fs.FileSystem, str]:
    scheme, host, path = PyArrowFileIO.parse_location(table.location())
    return PyArrowFileIO(table.io.properties).fs_by_scheme(scheme, host), path
