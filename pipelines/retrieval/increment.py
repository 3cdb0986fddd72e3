"""Kernel: what an index takes over from the one before: shards as they lie, and which of their rows are still open.

Every row has a fingerprint of all that the search asks of its posting, so a posting has changed exactly if no row has
its fingerprint. A changed posting is a new row, and the old one is gone: it stays in its shard and matches nobody.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.publishing import artifacts
from pipelines.retrieval.index import BASE, DELTA, FORMAT, QUANTISER
from pipelines.retrieval.quantiser import Quantiser, from_bytes
from pipelines.retrieval.shards import GONE, Bools, Index, open_shard
from pipelines.retrieval.vectors import Rows
from schemas.errors import ArtifactError, listed

log = logging.getLogger("nightmatch")

_MOST_DELTAS = 8  # or as many as other shards: beyond, all of them are made again as one
FOUND = np.dtype(np.int32)  # rows of an index as bytes


@dataclass(frozen=True)
class Before:
    """A finished index of an earlier night."""

    folder: Path
    manifest: artifacts.Manifest

    @property
    def shards(self) -> list[str]:
        """Those worth keeping, in their order: without deltas where there are too many."""
        names = sorted({name.split("/")[0] for name in self.manifest.files if "/" in name})
        bases = [name for name in names if name.startswith(BASE)]
        return bases if len(names) - len(bases) >= max(_MOST_DELTAS, len(bases)) else names

    def against(self, clusters: int) -> str | None:
        """Why an index with so many clusters cannot be built upon this one; None where it can."""
        if self.manifest.recipe.get("format") != FORMAT:
            return f"index {self.manifest.artifact_id} has another format"
        if (QUANTISER in self.manifest.files) != (clusters > 0):
            return f"index {self.manifest.artifact_id} has {'no ' if clusters else ''}clusters of near postings"
        return None

    def quantiser(self) -> Quantiser | None:
        """Its quantiser, if it has one and that is undamaged."""
        kept = {QUANTISER: self.manifest.files.get(QUANTISER, "")}
        return None if artifacts.damage(self.folder, kept) else from_bytes((self.folder / QUANTISER).read_bytes())


def newest_index(indexes: Path, *, student_id: str, run_id: str) -> Before | None:
    """The last finished index of the student, not of this run; None where there is none."""
    found = []
    for path in indexes.glob(f"*/{artifacts.MANIFEST}"):
        try:
            manifest = artifacts.read_manifest(path.parent)
        except ArtifactError as error:
            log.warning("index: %s; nothing is built upon it", error)
            continue
        if manifest.kind == "index" and manifest.parents.get("student") == student_id:
            if manifest.parents.get("run") != run_id:
                found.append(Before(path.parent, manifest))
    return max(found, key=lambda before: (before.manifest.written_at, before.folder.name), default=None)


def take_over(before: Before, folder: Path) -> dict[str, str]:
    """The shards and the quantiser lie in `folder` too, undamaged; the sha256 of each file.

    Raises:
        ArtifactError: the index is damaged.
    """
    kept = {*before.shards, QUANTISER}
    files = {
        name: sha256
        for name, sha256 in before.manifest.files.items()
        if name.split("/")[0] in kept and not name.endswith(f"/{GONE}")
    }
    for name in files:
        if (before.folder / name).is_file():
            artifacts.link(before.folder / name, folder / name)
    wrong = artifacts.damage(folder, files)
    if wrong:
        raise ArtifactError(listed(f"index {before.folder} is damaged:", wrong))
    return files


class Lookup:
    """Where values lie in an array."""

    def __init__(self, values: Rows) -> None:
        self._order = np.argsort(values, kind="stable")
        self._values = values[self._order]

    def rows(self, wanted: Rows) -> Rows:
        """A position of each value, -1 where there is none.

        >>> Lookup(np.array([7, 3])).rows(np.array([3, 4, 7, 9])).tolist()
        [1, -1, 0, -1]
        """
        place = np.minimum(np.searchsorted(self._values, wanted), len(self._values) - 1)
        return np.where(self._values[place] == wanted, self._order[place], -1)


@dataclass(frozen=True)
class Kept:
    """Shards that were taken over."""

    index: Index
    fingerprints: Lookup
    contents: Lookup


@lru_cache(maxsize=1)
def open_kept(folder: Path, shards: tuple[str, ...]) -> Kept:
    """The shards, and where each posting and each text lies in them."""
    opened = [open_shard(folder / name) for name in shards]
    marks = [shard.marks for shard in opened if shard.marks]
    return Kept(
        Index(opened),
        Lookup(np.concatenate([mark.fingerprint for mark in marks])),
        Lookup(np.concatenate([mark.content for mark in marks])),
    )


@dataclass(frozen=True)
class Tally:
    """Rows of an index that took over another."""

    kept: int  # as they were, still open
    gone: int
    fresh: int  # new or changed tonight
    added: int  # of those kept, that earlier nights have added

    @property
    def stale_share(self) -> float:
        """Rows gone or added since all was built, for each open posting.

        >>> Tally(kept=90, gone=5, fresh=10, added=5).stale_share
        0.2
        """
        return (self.gone + self.fresh + self.added) / max(1, self.kept + self.fresh)


def bury(folder: Path, shards: Sequence[str], found: Iterable[bytes], *, fresh: int) -> Tally:
    """Rows that were not found are marked as gone, in a file of each shard that has any.

    Args:
        folder: of the new index, with the shards that it took over.
        shards: their names, in the order of the rows.
        found: rows of postings that are still open, as bytes of `FOUND`.
        fresh: how many postings have no row.
    """
    sizes = [len(np.load(folder / name / "fingerprint.npy", mmap_mode="r")) for name in shards]
    gone: Bools = np.ones(sum(sizes), dtype=np.bool_)
    for rows in found:
        gone[np.frombuffer(rows, dtype=FOUND)] = False
    added = 0
    parts: list[npt.NDArray[np.bool_]] = np.split(gone, np.cumsum(sizes)[:-1])
    for name, part in zip(shards, parts, strict=True):
        added += int((~part).sum()) if name.startswith(DELTA) else 0
        if part.any():
            np.save(folder / name / GONE, part)
    return Tally(int((~gone).sum()), int(gone.sum()), fresh, added)
