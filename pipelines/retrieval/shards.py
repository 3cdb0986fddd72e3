"""Kernel: shards on disk, written once, memory-mapped by every worker that reads them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.publishing import artifacts
from pipelines.retrieval.eligibility import Cells, PostingTerms
from pipelines.retrieval.precision import BFLOAT16, Doubles, Floats, Keys, Precision
from pipelines.retrieval.quantiser import Places, cut
from schemas.errors import ArtifactError

_TERMS = ("min_years", "salary_max", "currency", "company", "posting")
_CELL_VALUES = ("country", "region", "work_mode", "employment_type", "languages")
_CLUSTERS = ("stop", "centre", "spread")
_MARKS = ("fingerprint", "content")
GONE = "gone.npy"
GRAIN = 256  # rows within which places of a cell share a cluster

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Run = tuple[int, int]  # rows of the index, start and stop


@dataclass(frozen=True)
class Clusters:
    """Runs of rows of one cell whose vectors are near each other."""

    stop: Rows  # row after the last, [n_clusters]
    centre: Floats  # mean of the vectors, [n_clusters, d]
    spread: Doubles  # root of the mean squared distance to it per dimension, [n_clusters]


@dataclass(frozen=True)
class Marks:
    """What tells whether a posting has changed."""

    fingerprint: Rows  # of all that the search asks of it, [n_postings]
    content: Rows  # hash of its text's hash, [n_postings]


@dataclass(frozen=True)
class Shard:
    """Postings in the order of their cells, within a cell in the order of their places."""

    vectors: Floats  # [n_postings, d], unit
    rough: Keys  # the vectors in bfloat16, [n_postings, d]
    ids: pa.Array  # of the postings, strings
    terms: PostingTerms
    cells: Cells
    clusters: Clusters
    length: float  # of the longest vector
    loss: float  # most that bfloat16 takes from a vector, see `Precision.loss`
    marks: Marks | None = None
    gone: Bools | None = None  # postings that are not open any more and match nobody, [n_postings]


def make_shard(vectors: Floats, ids: pa.Array, terms: PostingTerms, cells: Cells, place: Places) -> Shard:
    """The shard of rows that are in the order of `cells`, then of `place`."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    loss = float(BFLOAT16.loss(vectors).max())
    clusters = clustered(vectors, lengths, cut(cells.stop, place, GRAIN))
    return Shard(vectors, BFLOAT16.encode(vectors), ids, terms, cells, clusters, float(lengths.max()), loss)


def clustered(vectors: Floats, lengths: Doubles, stop: Rows) -> Clusters:
    """The clusters of rows that end at `stop`."""
    bounds = zip([0, *stop[:-1].tolist()], stop.tolist(), strict=True)
    centre = np.array([vectors[start:after].mean(axis=0, dtype=np.float64) for start, after in bounds])
    squares = np.add.reduceat(lengths**2, np.concatenate([[0], stop[:-1]])) / np.diff(stop, prepend=0)
    spread = np.sqrt(np.maximum(squares - (centre**2).sum(axis=1), 0) / vectors.shape[1])
    return Clusters(stop, centre.astype(np.float32), spread)


def write_shard(folder: Path, shard: Shard) -> None:
    """`folder` holds the shard."""
    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", np.ascontiguousarray(shard.vectors, dtype=np.float32))
    np.save(folder / "rough.npy", shard.rough)
    for name in _TERMS:
        np.save(folder / f"{name}.npy", getattr(shard.terms, name))
    for name in _CLUSTERS:
        np.save(folder / f"cluster_{name}.npy", getattr(shard.clusters, name))
    if shard.marks:
        for name in _MARKS:
            np.save(folder / f"{name}.npy", getattr(shard.marks, name))
    batch = pa.record_batch([shard.ids.cast(pa.string())], names=["posting_id"])
    with pa.OSFile(str(folder / "ids.arrow"), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    table: dict[str, Any] = {name: getattr(shard.cells, name).tolist() for name in (*_CELL_VALUES, "stop")}
    table |= {"length": shard.length, "loss": shard.loss}
    (folder / "cells.json").write_text(json.dumps(table), encoding="utf-8")


def open_shard(folder: Path) -> Shard:
    """The shard in `folder`, its arrays mapped, not read."""
    arrays = {name: _mapped(folder / f"{name}.npy") for name in _TERMS}
    table = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    values = {name: np.array(table[name], dtype=np.str_) for name in _CELL_VALUES}
    marked = all((folder / f"{name}.npy").exists() for name in _MARKS)
    marks = Marks(**{name: _mapped(folder / f"{name}.npy") for name in _MARKS}) if marked else None
    return Shard(
        vectors=_mapped(folder / "vectors.npy"),
        rough=_mapped(folder / "rough.npy"),
        ids=pa.ipc.open_file(pa.memory_map(str(folder / "ids.arrow"))).get_batch(0).column(0),
        terms=PostingTerms(**arrays),
        cells=Cells(**values, stop=np.array(table["stop"], dtype=np.int64)),
        clusters=Clusters(**{name: np.load(folder / f"cluster_{name}.npy") for name in _CLUSTERS}),
        length=table["length"],
        loss=table["loss"],
        marks=marks,
        gone=np.load(folder / GONE) if (folder / GONE).exists() else None,
    )


def _mapped(path: Path) -> npt.NDArray[Any]:
    """The array in a file, read where it is looked at."""
    array: npt.NDArray[Any] = np.load(path, mmap_mode="c").view(np.ndarray)  # torch wants what could be written to
    return array


class Index:
    """Shards read as one: a posting's row is its place in the first shard, or after all rows of those before."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self.shards = list(shards)
        self.stops: Rows = np.cumsum([len(shard.vectors) for shard in self.shards], dtype=np.int64)
        self.starts: Rows = np.concatenate([[0], self.stops[:-1]]).astype(np.int64)
        self.dimension: int = self.shards[0].vectors.shape[1]
        self.length = max(shard.length for shard in self.shards)
        self.loss = max(shard.loss for shard in self.shards)
        self.cells = Cells(
            **{name: np.concatenate([getattr(s.cells, name) for s in self.shards]) for name in _CELL_VALUES},
            stop=self._together([shard.cells.stop for shard in self.shards]),
        )
        self.clusters = Clusters(
            stop=self._together([shard.clusters.stop for shard in self.shards]),
            centre=np.concatenate([shard.clusters.centre for shard in self.shards]),
            spread=np.concatenate([shard.clusters.spread for shard in self.shards]),
        )
        self._gone: Bools | None = None
        if any(shard.gone is not None for shard in self.shards):
            gone = [np.zeros(len(s.vectors), dtype=np.bool_) if s.gone is None else s.gone for s in self.shards]
            self._gone = np.concatenate(gone)

    def alive(self, rows: Rows) -> Bools:
        """Whether the postings of any rows are still open; [n]."""
        return np.ones(len(rows), dtype=np.bool_) if self._gone is None else ~self._gone[rows]

    def rough(self, runs: Sequence[Run], precision: Precision) -> Keys:
        """The vectors of some rows in the first pass's precision; a copy unless they lie together."""
        parts = []
        for start, stop in runs:
            for shard, first, after in self._parts(start, stop):
                rows = shard.rough if precision is BFLOAT16 else shard.vectors.view(np.int32)
                parts.append(rows[first:after])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def vectors(self, rows: Rows) -> Floats:
        """float32 [n, d] of any rows."""
        if len(self.shards) == 1:
            return self.shards[0].vectors[rows]
        out = np.empty((len(rows), self.dimension), dtype=np.float32)
        for which, places in self._by_shard(rows):
            out[places] = self.shards[which].vectors[rows[places] - self.starts[which]]
        return out

    def terms(self, rows: Rows) -> PostingTerms:
        """What the postings of any rows ask and offer; [n]."""
        if len(self.shards) == 1:
            return PostingTerms(**{name: getattr(self.shards[0].terms, name)[rows] for name in _TERMS})
        parts = list(self._by_shard(rows))
        gathered = {}
        for name in _TERMS:
            gathered[name] = np.empty(len(rows), dtype=getattr(self.shards[0].terms, name).dtype)
            for which, places in parts:
                column = getattr(self.shards[which].terms, name)
                gathered[name][places] = column[rows[places] - self.starts[which]]
        return PostingTerms(**gathered)

    def ids(self, rows: Rows) -> pa.Array:
        """Posting ids of any rows, strings."""
        if len(self.shards) == 1:
            return self.shards[0].ids.take(pa.array(rows))
        parts, order = [], []
        for which, places in self._by_shard(rows):
            parts.append(self.shards[which].ids.take(pa.array(rows[places] - self.starts[which])))
            order.append(places)
        together = pa.concat_arrays(parts) if parts else pa.array([], pa.string())
        back = np.empty(len(rows), dtype=np.int64)
        back[np.concatenate(order) if order else np.empty(0, np.int64)] = np.arange(len(rows))
        return together.take(pa.array(back))

    def _together(self, stops: Sequence[Rows]) -> Rows:
        return np.concatenate([stop + start for stop, start in zip(stops, self.starts, strict=True)])

    def _parts(self, start: int, stop: int) -> Iterator[tuple[Shard, int, int]]:
        for which in range(int(np.searchsorted(self.stops, start, "right")), len(self.shards)):
            if stop <= self.starts[which]:
                return
            base, size = int(self.starts[which]), len(self.shards[which].vectors)
            yield self.shards[which], max(start - base, 0), min(stop - base, size)

    def _by_shard(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        shard_of = np.searchsorted(self.stops, rows, "right")
        for which in np.flatnonzero(np.bincount(shard_of)).tolist():
            yield which, np.flatnonzero(shard_of == which)


@lru_cache(maxsize=1)
def open_index(folder: Path, student_id: str) -> Index:
    """The shards of a finished index, in the order of their cells.

    Raises:
        ArtifactError: the index is missing, or made by another student.
    """
    manifest = artifacts.read_manifest(folder)
    made_by = manifest.parents.get("student")
    if made_by != student_id:
        raise ArtifactError(f"index {folder} was made by student {made_by}, the members' vectors by {student_id}")
    shards = {name.split("/")[0] for name in manifest.files if "/" in name}
    return Index([open_shard(folder / name) for name in sorted(shards)])


def ranges(chosen: npt.NDArray[np.bool_], stop: npt.NDArray[np.int64]) -> list[Run]:
    """Row ranges (start, stop) of the chosen cells, neighbours joined.

    >>> ranges(np.array([True, True, False, True]), np.array([3, 5, 9, 12]))
    [(0, 5), (9, 12)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    bounds = np.concatenate([[0], stop])
    return [(int(bounds[first]), int(bounds[after])) for first, after in edges.reshape(-1, 2)]
