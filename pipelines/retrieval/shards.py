"""Kernel: shards of postings, and the index that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.retrieval.clusters import Places
from pipelines.retrieval.criteria import Facts
from pipelines.retrieval.eligibility import Cells, Lists, PostingTerms
from pipelines.retrieval.precision import Floats
from pipelines.retrieval.vectors import (
    Array,
    Rows,
    VectorIndex,
    VectorShard,
    make_vectors,
    open_vectors,
    shard_folders,
    write_vectors,
)

_TERMS = ("min_years", "salary_max", "currency", "company", "posting")
_CELL_VALUES = ("country", "region", "work_mode", "employment_type", "languages")
_MARKS = ("fingerprint", "content")
_FACTS = ("posted", "seniority", "city")
_TITLE = ("title_values", "title_stops")
GONE = "gone.npy"

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Marks:
    """What tells whether a posting has changed."""

    fingerprint: Rows  # of all that the search asks of it, [n_postings]
    content: Rows  # hash of its text's hash, [n_postings]


@dataclass(frozen=True)
class Shard(VectorShard):
    """Postings in the order of their cells, within a cell in the order of their places."""

    terms: PostingTerms
    cells: Cells
    marks: Marks | None = None
    facts: Facts | None = None
    gone: Bools | None = None  # postings that are not open any more and match nobody, [n_postings]


def make_shard(vectors: Floats, ids: pa.Array, terms: PostingTerms, cells: Cells, place: Places) -> Shard:
    """The shard of rows that are in the order of `cells`, then of `place`."""
    return Shard(**vars(make_vectors(vectors, ids, cells.stop, place)), terms=terms, cells=cells)


def write_shard(folder: Path, shard: Shard) -> None:
    """`folder` holds the shard."""
    terms = {name: getattr(shard.terms, name) for name in _TERMS}
    if shard.marks:
        terms |= {name: getattr(shard.marks, name) for name in _MARKS}
    if shard.facts:
        title = shard.facts.title
        terms |= {name: getattr(shard.facts, name) for name in _FACTS}
        terms |= dict(zip(_TITLE, (title.values, title.stops), strict=True))
    cells = {name: getattr(shard.cells, name).tolist() for name in (*_CELL_VALUES, "stop")}
    write_vectors(folder, shard, terms=terms, cells=cells)


def open_shard(folder: Path) -> Shard:
    """The shard in `folder`, its arrays mapped, not read."""
    there = [name for name in (*_MARKS, *_FACTS, *_TITLE) if (folder / f"{name}.npy").exists()]
    shard, arrays, table = open_vectors(folder, [*_TERMS, *there])
    values = {name: np.array(table[name], dtype=np.str_) for name in _CELL_VALUES}
    cells = Cells(**values, stop=np.array(table["stop"], dtype=np.int64))
    return Shard(
        **vars(shard),
        terms=PostingTerms(**{name: arrays[name] for name in _TERMS}),
        cells=cells,
        marks=Marks(**{name: arrays[name] for name in _MARKS}) if _MARKS[0] in there else None,
        facts=_facts(arrays) if _FACTS[0] in there else None,
        gone=np.load(folder / GONE) if (folder / GONE).exists() else None,
    )


def _facts(arrays: Mapping[str, Array]) -> Facts:
    title = Lists(*(arrays[name] for name in _TITLE))
    return Facts(**{name: arrays[name] for name in _FACTS}, title=title)


class Index(VectorIndex[Shard]):
    """Shards of postings read as one."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        super().__init__(shards, [shard.cells.stop for shard in shards])
        self.cells = Cells(
            **{name: np.concatenate([getattr(s.cells, name) for s in self.shards]) for name in _CELL_VALUES},
            stop=self.cell_stop,
        )
        self._by_posting: tuple[Rows, Rows] | None = None
        self._gone: Bools | None = None
        if any(shard.gone is not None for shard in self.shards):
            gone = [np.zeros(len(s.vectors), dtype=np.bool_) if s.gone is None else s.gone for s in self.shards]
            self._gone = np.concatenate(gone)

    def alive(self, rows: Rows) -> Bools:
        """Whether the postings of any rows are still open; [n]."""
        return np.ones(len(rows), dtype=np.bool_) if self._gone is None else ~self._gone[rows]

    def rows_of(self, postings: Rows) -> Rows:
        """Where open postings are, by the hashes of their ids; -1 for those that are not there."""
        if self._by_posting is None:  # once per worker: 16 bytes a posting
            held = np.concatenate([shard.terms.posting for shard in self.shards])
            order = np.argsort(held, kind="stable")
            order = order[self.alive(order)]  # of a posting that has changed, the earlier row is gone
            self._by_posting = held[order], order
        held, order = self._by_posting
        if not len(held):
            return np.full(len(postings), -1)
        place = np.minimum(np.searchsorted(held, postings), len(held) - 1)
        return np.where(held[place] == postings, order[place], -1)

    def open_in_cells(self) -> Rows:
        """How many postings of each cell are still open; [n_cells]."""
        stop = self.cell_stop if self._gone is None else np.cumsum(~self._gone)[self.cell_stop - 1]
        return np.diff(stop, prepend=0)

    def terms(self, rows: Rows) -> PostingTerms:
        """What the postings of any rows ask and offer; [n]."""
        if len(self.shards) == 1:
            return self.shards[0].terms.at(rows)
        parts = list(self.by_shard(rows))
        gathered = {}
        for name in _TERMS:
            gathered[name] = np.empty(len(rows), dtype=getattr(self.shards[0].terms, name).dtype)
            for which, places in parts:
                column = getattr(self.shards[which].terms, name)
                gathered[name][places] = column[rows[places] - self.starts[which]]
        return PostingTerms(**gathered)


@lru_cache(maxsize=1)
def open_index(folder: Path, student_id: str) -> Index:
    """The shards of a finished index, in the order of their cells.

    Raises:
        ArtifactError: the index is missing, or made by another student.
    """
    return Index([open_shard(one) for one in shard_folders(folder, student_id)])
