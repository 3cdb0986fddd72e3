"""Kernel: Arrow batches of members and postings as arrays, and what was found as an Arrow batch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.retrieval.blending import Wishes, blended
from pipelines.retrieval.criteria import ANY_DAY, NOWHERE, Criteria, Facts, Phrases
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
    """The members of a batch with columns vector, cohort (JSON) and the members' terms; among them saved searches.

    Saved searches are there where the batch has their columns, which are null in the rows of members.
    """
    (cohorts, cohort), vectors, wishes = cohorts_of(batch), vectors_of(batch.column("vector")), None
    if "search_id" in batch.schema.names and batch.column("search_id").null_count < batch.num_rows:
        wishes = _wishes_of(batch, vectors)
        vectors = blended(wishes.wish, wishes.profile, wishes.profile_weight)  # of a member: the profile
    return Members(vectors, terms_of(batch), cohorts, cohort, wishes)


def _wishes_of(batch: pa.RecordBatch, profiles: Floats) -> Wishes:
    is_search, wish = batch.column("search_id").is_valid().to_numpy(zero_copy_only=False), np.zeros_like(profiles)
    wish[is_search] = vectors_of(batch.column("wish_vector").filter(batch.column("search_id").is_valid()))
    criteria = Criteria(
        earliest=_integers(batch, "earliest", ANY_DAY),
        seniorities=_integers(batch, "seniority_bits", 0),
        cities=_lists(batch.column("cities")),
        excluded_cities=_lists(batch.column("excluded_cities")),
        companies=_lists(batch.column("wanted_companies")),
        titles=_phrases(batch.column("title_phrases")),
        excluded_titles=_phrases(batch.column("excluded_title_phrases")),
    )
    weight = batch.column("profile_weight").fill_null(1.0).to_numpy(zero_copy_only=False)
    return Wishes(is_search, criteria, wish, profiles, weight)


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
    facts = Facts(
        posted=_integers(batch, "posted", ANY_DAY)[order],
        seniority=_integers(batch, "seniority_bits", 0)[order],
        city=_integers(batch, "city_hash", NOWHERE)[order],
        title=_lists(batch.column("title_words").take(pa.array(order))),
    )
    shard = make_shard(
        vectors_of(batch.column("vector"))[order],
        batch.column("posting_id").take(pa.array(order)),
        _posting_terms(batch).at(order),
        _cells([column[order] for column in values]),
        place[order],
    )
    return replace(shard, marks=marks, facts=facts)


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
    queries: Mapping[str, pa.Array],
    index: AnyIndex,
    row_name: str,
    stamp: Mapping[str, object],
    schema: pa.Schema,
    beside: Mapping[str, pa.Array] = MappingProxyType({}),
) -> pa.RecordBatch:
    """A row per pair found, in the columns of `schema`.

    Args:
        found: rows of the index for some of the queries.
        queries: columns of all queries, by the names that they have in the batch.
        index: where they searched.
        row_name: of the ids found.
        stamp: columns that are the same in all rows.
        schema: of the batch.
        beside: columns with a value per pair.
    """
    columns = {
        **{name: column.take(pa.array(found.query)) for name, column in queries.items()},
        row_name: index.ids(found.row),
        "similarity": pa.array(found.similarity),
        **beside,
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
        places=_regions(wishes, "places"),
        work_modes=frozenset(wishes.get("work_modes", [])),
        employment_types=frozenset(wishes.get("employment_types", [])),
        languages=frozenset(wishes.get("languages", [])),
        excluded_places=_regions(wishes, "excluded_places"),
        whole_places=_regions(wishes, "whole_places"),
        is_search=wishes.get("is_search", False),
    )


def _regions(wishes: Mapping[str, Any], name: str) -> frozenset[tuple[str, str]]:
    return frozenset((place.get("country", ""), place.get("region", "")) for place in wishes.get(name, []))


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


def _phrases(column: pa.Array) -> Phrases:
    """The phrases of a column of lists of lists of hashes; a null is an empty list."""
    column = column.fill_null([]) if column.null_count else column
    stops = (column.offsets.to_numpy()[1:] - column.offsets[0].as_py()).astype(np.int64)
    return Phrases(stops, _lists(column.flatten()))


def _integers(batch: pa.RecordBatch, name: str, unknown: int) -> npt.NDArray[np.int64]:
    values: npt.NDArray[np.int64] = batch.column(name).cast(pa.int64()).fill_null(unknown).to_numpy()
    return values


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
