"""Kernel: Arrow batches of members and postings as arrays, and what was found as an Arrow batch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.retrieval.directions import Members, Postings
from pipelines.retrieval.eligibility import Cells, Cohort, Lists, MemberTerms, PostingTerms, Text
from pipelines.retrieval.member_shards import MemberShard, make_member_shard
from pipelines.retrieval.precision import Floats
from pipelines.retrieval.search import Found
from pipelines.retrieval.shards import Marks, Shard, make_shard
from pipelines.retrieval.vectors import AnyIndex, Rows

_CURRENCY_BYTES = 8
_CELL_VALUES = ("country", "region", "work_mode", "employment_type", "languages")


def members_of(batch: pa.RecordBatch) -> Members:
    """The members of a batch with columns vector, cohort (JSON) and the members' terms."""
    cohorts, cohort = cohorts_of(batch)
    return Members(vectors_of(batch.column("vector")), terms_of(batch), cohorts, cohort)


def cohorts_of(batch: pa.RecordBatch) -> tuple[list[Cohort], Rows]:
    """The cohorts of a batch, and of each member a position among them."""
    encoded = batch.column("cohort").dictionary_encode()
    return [cohort_of(text) for text in encoded.dictionary.to_pylist()], encoded.indices.to_numpy().astype(np.int64)


def terms_of(batch: pa.RecordBatch) -> MemberTerms:
    """What the members of a batch ask of single postings."""
    return MemberTerms(
        years=_floats(batch, "years_of_experience"),
        min_salary=_floats(batch, "min_salary"),
        currency=_currency(batch),
        excluded_companies=_lists(batch.column("companies")),
        excluded_postings=_lists(batch.column("excluded_postings")),
    )


def postings_of(batch: pa.RecordBatch) -> Postings:
    """The postings of a batch, those of one cell best together."""
    return Postings(vectors_of(batch.column("vector")), _posting_terms(batch), _cells(_cell_values(batch)))


def shard_of(batch: pa.RecordBatch) -> Shard:
    """The shard of an Arrow batch of postings, in the order of their cells, then places, then ids."""
    values = _cell_values(batch)
    ids, place = np.array(batch.column("posting_id").to_pylist(), dtype=np.str_), batch.column("place").to_numpy()
    keys: list[npt.NDArray[Any]] = [ids, place, *reversed(values)]
    order = np.lexsort(keys)
    marks = Marks(**{name: batch.column(name).to_numpy()[order] for name in ("fingerprint", "content")})
    shard = make_shard(
        vectors_of(batch.column("vector"))[order],
        batch.column("posting_id").take(pa.array(order)),
        _posting_terms(batch).at(order),
        _cells([column[order] for column in values]),
        place[order],
    )
    return replace(shard, marks=marks)


def member_shard_of(batch: pa.RecordBatch) -> MemberShard:
    """The shard of an Arrow batch of members, in their order: those of one cohort together."""
    members = members_of(batch)
    first = _starts([members.cohort])
    return make_member_shard(
        members.vectors,
        batch.column("member_id"),
        members.terms,
        [members.cohorts[one] for one in members.cohort[first].tolist()],
        np.append(first[1:], len(members.cohort)),
    )


def found_batch(
    found: Found,
    queries: pa.Array,
    index: AnyIndex,
    names: tuple[str, str],
    stamp: Mapping[str, object],
    schema: pa.Schema,
) -> pa.RecordBatch:
    """A row per pair found, in the columns of `schema`.

    Args:
        found: rows of the index for some of the queries.
        queries: the ids of all queries.
        index: where they searched.
        names: columns of the queries' ids and of the ids found.
        stamp: columns that are the same in all rows.
        schema: of the batch.
    """
    columns = {
        names[0]: queries.take(pa.array(found.query)),
        names[1]: index.ids(found.row),
        "similarity": pa.array(found.similarity),
    }
    rows = len(found.query)
    same = {name: pa.repeat(pa.scalar(value, schema.field(name).type), rows) for name, value in stamp.items()}
    return pa.record_batch(
        [(columns | same)[name].cast(schema.field(name).type) for name in schema.names], schema=schema
    )


def vectors_of(column: pa.Array) -> Floats:
    """float32 [n, d] of a list column whose lists have equal lengths."""
    flat: Floats = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return flat.reshape(len(column), -1)


def cohort_of(text: str) -> Cohort:
    """The cohort that the matching stage wrote as JSON."""
    wishes = json.loads(text)
    return Cohort(
        places=frozenset((place.get("country", ""), place.get("region", "")) for place in wishes.get("places", [])),
        work_modes=frozenset(wishes.get("work_modes", [])),
        employment_types=frozenset(wishes.get("employment_types", [])),
        languages=frozenset(wishes.get("languages", [])),
    )


def _posting_terms(batch: pa.RecordBatch) -> PostingTerms:
    return PostingTerms(
        min_years=_floats(batch, "min_years"),
        salary_max=_floats(batch, "salary_max"),
        currency=_currency(batch),
        company=batch.column("company").to_numpy(zero_copy_only=False),
        posting=batch.column("posting").to_numpy(zero_copy_only=False),
    )


def _cell_values(batch: pa.RecordBatch) -> list[Text]:
    return [np.array(batch.column(name).fill_null("").to_pylist(), dtype=np.str_) for name in _CELL_VALUES]


def _cells(values: Sequence[Text]) -> Cells:
    """Runs of rows that share all values; each of `values` is [n_rows]."""
    first = _starts(values)
    stop = np.append(first[1:], len(values[0]))
    return Cells(**{name: column[first] for name, column in zip(_CELL_VALUES, values, strict=True)}, stop=stop)


def _starts(values: Sequence[npt.NDArray[Any]]) -> Rows:
    """Where a row differs from the one before."""
    changes = np.zeros(len(values[0]) - 1, dtype=np.bool_)
    for column in values:
        changes |= column[1:] != column[:-1]
    return np.flatnonzero(np.concatenate([[True], changes])).astype(np.int64)


def _lists(column: pa.Array) -> Lists:
    """The lists of integers of a column whose lists are sorted; a null is an empty one."""
    column = column.fill_null([]) if column.null_count else column
    values: npt.NDArray[np.int64] = column.flatten().to_numpy(zero_copy_only=False)
    return Lists(values, (column.offsets.to_numpy()[1:] - column.offsets[0].as_py()).astype(np.int64))


def _floats(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _currency(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """The currencies' letters as one number each.

    Raises:
        ValueError: one is longer than eight bytes.
    """
    letters: Sequence[bytes] = [
        str(text).encode() for text in batch.column("salary_currency").fill_null("").to_pylist()
    ]
    if any(len(one) > _CURRENCY_BYTES for one in letters):
        raise ValueError("a currency code is longer than eight bytes")
    return np.array(letters, dtype=f"S{_CURRENCY_BYTES}").view(np.int64)
