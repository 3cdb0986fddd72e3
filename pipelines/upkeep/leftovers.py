"""Kernel: what lies below the storage root and belongs to nothing any more."""

import datetime
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table as IcebergTable

from pipelines.publishing import artifacts
from pipelines.publishing.presence import local
from pipelines.publishing.store import Store

_GONE = ".gone-"  # what is being removed


@dataclass(frozen=True)
class Leftover:
    """A file or folder that nobody can need."""

    kind: str
    path: Path


@dataclass(frozen=True)
class Runs:
    """Which runs may still want what they have written.

    Args:
        leased: ids of runs that hold a lease.
        before: what was last written before it is given up.
    """

    store: Store
    leased: AbstractSet[str]
    before: datetime.datetime

    def is_alive(self, run_id: str) -> bool:
        """Whether the run holds a lease, or has not published and was at work lately."""
        if any(run_id.startswith(leased) for leased in self.leased):  # a promotion's runs are named after their night's
            return True
        folder = self.store.runs / run_id
        return folder.is_dir() and not self.has_published(run_id) and not self.is_old(folder)

    def has_published(self, run_id: str) -> bool:
        """Whether the run came to its end."""
        return (self.store.stages(run_id) / "publish.json").exists()

    def is_old(self, path: Path) -> bool:
        """Whether nothing in it was written lately."""
        written = max((one.stat().st_mtime for one in [path, *path.rglob("*")]), default=0.0)
        return written < self.before.timestamp()

    def unfinished(self) -> list[str]:
        """Ids of the runs that have not published and may be continued."""
        folders = sorted(path.name for path in self.store.runs.glob("*") if (path / "stages").is_dir())
        return [name for name in folders if self.is_alive(name) and not self.has_published(name)]


def leftovers(
    tables: Mapping[str, IcebergTable], runs: Runs, *, expiring: Mapping[str, AbstractSet[int]]
) -> list[Leftover]:
    """All of them, none that a run which is alive has written or a kept snapshot names.

    Args:
        tables: every published table, by name.
        expiring: table -> snapshots that are about to go, so that what only they name goes too.
    """
    store = runs.store
    found = [
        one
        for name, table in tables.items()
        for one in _of_table(
            store.warehouse / store.namespace / name, reachable(table, expiring.get(name, set())), runs
        )
    ]
    return [*found, *_of_runs(runs), *_indexes(runs), *_drafts(runs)]


def reachable(table: IcebergTable, expiring: AbstractSet[int]) -> set[Path]:
    """Every file that the table's metadata names, but for those that only expiring snapshots do."""
    return {local(name) for name in named(table, expiring)}


def named(table: IcebergTable, expiring: AbstractSet[int]) -> set[str]:
    """As `reachable`, paths and URIs as the table spells them."""
    names = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    manifests: dict[str, ManifestFile] = {}
    for snapshot in table.metadata.snapshots:
        if snapshot.snapshot_id not in expiring:
            names.add(snapshot.manifest_list)
            manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
    for path, manifest in manifests.items():
        names |= {path, *(entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))}
    return names


def freed(paths: Iterable[Path]) -> int:
    """Bytes that are free when the files and folders are gone; a file with a name elsewhere stays."""
    files = [one.stat() for path in paths for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]
    gone, size = Counter((one.st_dev, one.st_ino) for one in files), {(one.st_dev, one.st_ino): one for one in files}
    return sum(size[key].st_size for key, links in gone.items() if links >= size[key].st_nlink)


def remove(found: Iterable[Leftover]) -> None:
    """They are gone, a folder at once; whatever breaks, the same call does what is left."""
    for one in found:
        if one.path.is_dir():
            gone = one.path.with_name(f"{_GONE}{one.path.name.removeprefix(_GONE)}")
            one.path.rename(gone)
            shutil.rmtree(gone)
        else:
            one.path.unlink(missing_ok=True)
        if one.path.parent.name.startswith("run=") and not any(one.path.parent.iterdir()):
            one.path.parent.rmdir()


def _of_table(folder: Path, named: AbstractSet[Path], runs: Runs) -> Iterator[Leftover]:
    for path in sorted(folder.glob("*/*")):
        run_id = path.parent.name.removeprefix("run=") if path.parent.name.startswith("run=") else None
        if run_id is None:
            strays = (one for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file())
            yield from (
                Leftover("file that no table names", one) for one in strays if one not in named and runs.is_old(one)
            )
        elif not runs.is_alive(run_id) and not any(one in named for one in path.rglob("*")) and runs.is_old(path):
            yield Leftover("staged rows that no table names", path)


def _of_runs(runs: Runs) -> Iterator[Leftover]:
    for path in sorted(runs.store.runs.glob("*")):
        if path.is_dir() and not runs.is_alive(path.name) and not runs.has_published(path.name) and runs.is_old(path):
            yield Leftover("notes of a run that was given up", path)


def _indexes(runs: Runs) -> Iterator[Leftover]:
    for path in sorted(runs.store.member_indexes.glob("*")):
        if not any(path.name.startswith(leased) for leased in runs.leased):
            yield Leftover("index of members that a killed run has left", path)
    folders = sorted(path for path in runs.store.indexes.glob("*") if path.is_dir())
    newest: dict[str, tuple[datetime.datetime, Path]] = {}
    for path in folders:
        if artifacts.exists(path) and not path.name.startswith(_GONE):
            manifest = artifacts.read_manifest(path)
            student = manifest.parents.get("student", "")
            newest[student] = max(newest.get(student, (manifest.written_at, path)), (manifest.written_at, path))
    wanted = {path for _, path in newest.values()} | {runs.store.indexes / name for name in _wanted_indexes(runs)}
    for path in folders:
        if path not in wanted and not runs.is_alive(path.name.rsplit(".", 1)[0]) and runs.is_old(path):
            yield Leftover("index that no night builds upon", path)


def _wanted_indexes(runs: Runs) -> Iterator[str]:
    for run_id in runs.unfinished():
        note = runs.store.stages(run_id) / "index.json"
        if note.exists():
            yield json.loads(note.read_text(encoding="utf-8"))["counts"]["notes"]["folder"]


def _drafts(runs: Runs) -> Iterator[Leftover]:
    for folder in (runs.store.models, runs.store.rankers):
        for path in sorted([*folder.glob(".draft*"), *folder.glob(".workshop")]):
            if runs.is_old(path):
                yield Leftover("draft of a model", path)
