"""Kernel: vectors in shards on disk, written once, memory-mapped by every worker that reads them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.publishing import artifacts
from pipelines.retrieval.clusters import Clusters, Places, clustered, cut
from pipelines.retrieval.precision import BFLOAT16, Floats, Keys, Precision, padded
from schemas.errors import ArtifactError

ROWS = 128  # fewest rows of a product
_CLUSTERS = ("stop", "centre", "spread")

Rows = npt.NDArray[np.int64]
Run = tuple[int, int]  # rows of the index, start and stop
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class VectorShard:
    """Rows in the order of their cells, within a cell in the order of their places."""

    vectors: Floats  # [n_rows, d], unit
    rough: Keys  # the vectors in bfloat16, [n_rows, d]
    ids: pa.Array  # of the rows, strings
    clusters: Clusters
    length: float  # of the longest vector
    loss: float  # most that bfloat16 takes from a vector, see `Precision.loss`


def make_vectors(vectors: Floats, ids: pa.Array, stop: Rows, place: Places) -> VectorShard:
    """The shard of rows whose cells end at `stop`, in the order of `place` within them."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    loss = float(BFLOAT16.loss(vectors).max())
    clusters = clustered(vectors, lengths, cut(stop, place))
    return VectorShard(vectors, BFLOAT16.encode(vectors), ids, clusters, float(lengths.max()), loss)


def write_vectors(
    folder: Path, shard: VectorShard, *, terms: Mapping[str, Array], cells: Mapping[str, Sequence[Any]]
) -> None:
    """`folder` holds the shard, an array per term, and what is said of its cells."""
    folder.mkdir()
    np.save(folder / "vectors.npy", np.ascontiguousarray(shard.vectors, dtype=np.float32))
    np.save(folder / "rough.npy", shard.rough)
    for name, values in terms.items():
        np.save(folder / f"{name}.npy", values)
    for name in _CLUSTERS:
        np.save(folder / f"cluster_{name}.npy", getattr(shard.clusters, name))
    batch = pa.record_batch([shard.ids.cast(pa.string())], names=["id"])
    with pa.OSFile(str(folder / "ids.arrow"), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    table = {**cells, "length": shard.length, "loss": shard.loss}
    (folder / "cells.json").write_text(json.dumps(table), encoding="utf-8")


def open_vectors(folder: Path, terms: Sequence[str]) -> tuple[VectorShard, dict[str, Array], dict[str, Any]]:
    """What `write_vectors` has written, its arrays mapped, not read."""
    table = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    shard = VectorShard(
        vectors=_mapped(folder / "vectors.npy"),
        rough=_mapped(folder / "rough.npy"),
        ids=pa.ipc.open_file(pa.memory_map(str(folder / "ids.arrow"))).get_batch(0).column(0),
        clusters=Clusters(**{name: np.load(folder / f"cluster_{name}.npy") for name in _CLUSTERS}),
        length=table.pop("length"),
        loss=table.pop("loss"),
    )
    return shard, {name: _mapped(folder / f"{name}.npy") for name in terms}, table


def _mapped(path: Path) -> Array:
    """The array in a file, read where it is looked at."""
    array: Array = np.load(path, mmap_mode="c").view(np.ndarray)  # torch wants what could be written to
    return array


S = TypeVar("S", bound=VectorShard)


class VectorIndex(Generic[S]):
    """Shards read as one: a row is its place in the first shard, or after all rows of those before."""

    def __init__(self, shards: Sequence[S], cell_stops: Sequence[Rows]) -> None:
        self.shards = list(shards)
        self.stops: Rows = np.cumsum([len(shard.vectors) for shard in self.shards], dtype=np.int64)
        self.starts: Rows = np.concatenate([[0], self.stops[:-1]]).astype(np.int64)
        self.dimension: int = self.shards[0].vectors.shape[1]
        self.length = max(shard.length for shard in self.shards)
        self.loss = max(shard.loss for shard in self.shards)
        self.cell_stop = self._together(cell_stops)  # row after the last of each cell
        self.clusters = Clusters(
            stop=self._together([shard.clusters.stop for shard in self.shards]),
            centre=np.concatenate([shard.clusters.centre for shard in self.shards]),
            spread=np.concatenate([shard.clusters.spread for shard in self.shards]),
        )

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
        for which, places in self.by_shard(rows):
            out[places] = self.shards[which].vectors[rows[places] - self.starts[which]]
        return out

    def ids(self, rows: Rows) -> pa.Array:
        """Ids of any rows, strings."""
        if len(self.shards) == 1:
            return self.shards[0].ids.take(pa.array(rows))
        parts, order = [], []
        for which, places in self.by_shard(rows):
            parts.append(self.shards[which].ids.take(pa.array(rows[places] - self.starts[which])))
            order.append(places)
        together = pa.concat_arrays(parts) if parts else pa.array([], pa.string())
        back = np.empty(len(rows), dtype=np.int64)
        back[np.concatenate(order) if order else np.empty(0, np.int64)] = np.arange(len(rows))
        return together.take(pa.array(back))

    def by_shard(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        """Each shard that holds some of the rows, and where they stand in `rows`."""
        shard_of = np.searchsorted(self.stops, rows, "right")
        for which in np.flatnonzero(np.bincount(shard_of)).tolist():
            yield which, np.flatnonzero(shard_of == which)

    def _together(self, stops: Sequence[Rows]) -> Rows:
        return np.concatenate([stop + start for stop, start in zip(stops, self.starts, strict=True)])

    def _parts(self, start: int, stop: int) -> Iterator[tuple[S, int, int]]:
        for which in range(int(np.searchsorted(self.stops, start, "right")), len(self.shards)):
            if stop <= self.starts[which]:
                return
            base, size = int(self.starts[which]), len(self.shards[which].vectors)
            yield self.shards[which], max(start - base, 0), min(stop - base, size)


AnyIndex = VectorIndex[Any]


def shard_folders(index: Path, student_id: str) -> list[Path]:
    """The folders of a finished index's shards, in the order of their cells.

    Raises:
        ArtifactError: the index is missing, or made by another student.
    """
    manifest = artifacts.read_manifest(index)
    made_by = manifest.parents.get("student")
    if made_by != student_id:
        raise ArtifactError(f"index {index} was made by student {made_by}, the vectors to search for by {student_id}")
    return [index / name for name in sorted({name.split("/")[0] for name in manifest.files if "/" in name})]


def multiplied(
    runs: Sequence[Run], count: int, queries: Keys, index: AnyIndex, precision: Precision, buffer: Keys
) -> Keys:
    """Keys of the products of all rows of the runs with the queries, `lowest` in the rows that fill them up to a size.

    Args:
        runs: of rows.
        count: how many rows they have.
        queries: encoded, as many as `padded` says; [m, d].
        index: whose rows they are.
        precision: of the products.
        buffer: overwritten and returned, its first rows; [>= padded(count), m].
    """
    products = buffer[: padded(count, ROWS)]
    *others, (start, stop) = runs
    after = min(stop + len(products) - count, int(index.stops[-1]))  # rows behind are as good as any to fill up with
    precision.products(index.rough([*others, (start, after)], precision), queries, products[: count + after - stop])
    products[count:] = precision.lowest
    return products
