"""Kernel: what the store knows members by: ids, the texts that they alone have written, and the hashes of those."""

import json
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.publishing.ledger import rewrite
from pipelines.publishing.store import Store
from pipelines.upkeep.decoding import joined, strings
from pipelines.upkeep.scanning import Needles
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED, REPEAT
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED
from schemas.teacher_scores import TEACHER_SCORES

_LEAST = 30  # characters of a text that says who wrote it
_BATCH_ROWS = 16_384

Mask = Callable[[pa.RecordBatch], pa.Array]


@dataclass(frozen=True)
class Persons:
    """Members who are to be forgotten.

    Args:
        ids: of the members.
        hashes: of embedded texts that nobody else has.
        texts: of 30 characters or more, that stand in no row about anybody else and in no posting.
        pairs: hashes of pairs that a teacher has scored.
    """

    ids: AbstractSet[str]
    hashes: AbstractSet[str] = frozenset()
    texts: AbstractSet[str] = frozenset()
    pairs: AbstractSet[str] = frozenset()

    @property
    def needles(self) -> Needles:
        """What no file may hold any more."""
        return Needles([*self.ids, *self.hashes, *self.pairs], self.texts)


def persons(store: Store, ids: AbstractSet[str]) -> Persons:
    """What every file of the tables tells about the members, of whatever snapshot or run."""
    own, hashes = set[str](), set[str]()
    for name, is_own in _OWN.items():
        for path in _files(store, name):
            for rows in _rows(path, _told(is_own, ids)):
                if c.CONTENT_HASH in rows.schema.names:
                    hashes |= set(rows.column(c.CONTENT_HASH).drop_null().to_pylist())
                own |= {value for column in rows.columns for found in strings(column) for value in found.to_pylist()}
                if c.ROW in rows.schema.names:
                    told = rows.column(c.ROW).drop_null().to_pylist()
                    own |= {text for row in told for text in _texts(json.loads(row))}
    texts = {text for text in own - hashes if len(text) >= _LEAST}
    alone = Needles([], texts)
    for data in _of_others(store, ids):
        texts -= alone.within(data)
    elsewhere = Needles(hashes, [])
    for data in _of_others(store, ids):
        hashes -= elsewhere.within(data)
    pairs = set()
    for path in _files(store, TEACHER_SCORES.name):
        for rows in _rows(path, lambda batch: _is(batch.column(c.LEFT_HASH), hashes)):
            pairs |= set(rows.column(c.PAIR_HASH).to_pylist())
    return Persons(ids, frozenset(hashes), frozenset(texts), frozenset(pairs))


def forget_pairs(store: Store, persons: Persons) -> int:
    """No ledger names the pairs any more; what they have cost is still counted. Lines changed."""

    def without(line: dict[str, object]) -> dict[str, object]:
        if line.get("pair_hash") in persons.pairs:
            return line | {"pair_hash": "", "score": None, "grade": None}
        return line

    return sum(rewrite(path, without) for path in store.teaching.rglob("*.jsonl"))


def _files(store: Store, name: str) -> list[Path]:
    return sorted((store.warehouse / store.namespace / name).rglob("*.parquet"))


def _rows(path: Path, mask: Mask) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            rows = batch.filter(mask(batch))
            if rows.num_rows:
                yield rows


def _of_others(store: Store, ids: AbstractSet[str]) -> Iterator[bytes]:
    """All texts of rows about other members, and of postings."""
    masks: dict[str, Mask] = {name: _told(is_own, ids, others=True) for name, is_own in _OWN.items()}
    masks |= dict.fromkeys((POSTINGS.name, POSTINGS_REJECTED.name), lambda batch: pa.array([True] * batch.num_rows))
    for name, mask in masks.items():
        for path in _files(store, name):
            for rows in _rows(path, mask):
                for column in rows.columns:
                    yield from joined(column)


def _is(column: pa.Array, wanted: AbstractSet[str]) -> pa.Array:
    return pc.is_in(column, pa.array(sorted(wanted), column.type))


def _is_row_of(column: pa.Array, ids: AbstractSet[str]) -> pa.Array:
    mask = _is(column, ids)
    for one in sorted(ids):
        mask = pc.or_(mask, pc.fill_null(pc.starts_with(column, f"{one}{REPEAT}"), False))
    return mask


def _has_member(batch: pa.RecordBatch, ids: AbstractSet[str]) -> pa.Array:
    return _is(batch.column(c.MEMBER_ID), ids)


def _has_row(batch: pa.RecordBatch, ids: AbstractSet[str]) -> pa.Array:
    return _is_row_of(batch.column(c.SOURCE_ROW), ids)


def _told(is_own: "Own", ids: AbstractSet[str], *, others: bool = False) -> Mask:
    return lambda batch: pc.invert(is_own(batch, ids)) if others else is_own(batch, ids)


Own = Callable[[pa.RecordBatch, AbstractSet[str]], pa.Array]

_OWN: dict[str, Own] = {  # which rows of a table somebody has written
    MEMBERS.name: _has_member,
    MEMBERS_REJECTED.name: _has_row,
    SAVED_SEARCHES.name: _has_member,
    SAVED_SEARCHES_REJECTED.name: _has_member,
}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
