"""Kernel: Arrow batches to arrays, and a block of members searched over all shards of an index."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.retrieval.eligibility import Cells, Cohort, MemberTerms, PostingTerms, eligible_cells
from pipelines.retrieval.search import Best, search_rows
from pipelines.retrieval.shards import Shard, ranges
from schemas.errors import ArtifactError

_GATHERED_ROWS = 1 << 16  # rows of scattered cells copied together before they are searched


@dataclass(frozen=True)
class MemberBlock:
    """Members searched together."""

    vectors: npt.NDArray[np.float32]  # [n, d], unit
    terms: MemberTerms
    cohorts: list[tuple[Cohort, npt.NDArray[np.int64]]]  # each with its rows


def member_block(batch: pa.RecordBatch) -> MemberBlock:
    """The block of an Arrow batch with columns vector, cohort (JSON) and the members' terms."""
    encoded = batch.column("cohort").dictionary_encode()
    codes = encoded.indices.to_numpy()
    return MemberBlock(
        vectors=vectors_of(batch.column("vector")),
        terms=MemberTerms(
            years=_floats(batch, "years_of_experience"),
            min_salary=_floats(batch, "min_salary"),
            currency=_bytes(batch.column("salary_currency")),
            excluded_companies=[np.array(hashes or [], dtype=np.int64) for hashes in _lists(batch, "companies")],
            excluded_postings=[_encoded(ids or []) for ids in _lists(batch, "excluded_posting_ids")],
        ),
        cohorts=[
            (_cohort(text), np.flatnonzero(codes == code)) for code, text in enumerate(encoded.dictionary.to_pylist())
        ],
    )


def shard_arrays(batch: pa.RecordBatch) -> tuple[npt.NDArray[np.float32], PostingTerms, Cells]:
    """Vectors, terms and cells of an Arrow batch of postings, in the order of their cells, then ids."""
    names = ("country", "region", "work_mode", "employment_type", "languages")
    values = [np.array(batch.column(name).fill_null("").to_pylist(), dtype=np.str_) for name in names]
    ids = _bytes(batch.column("posting_id"))
    keys: list[npt.NDArray[Any]] = [ids, *reversed(values)]
    order = np.lexsort(keys)
    values = [column[order] for column in values]
    changes = np.zeros(len(order) - 1, dtype=np.bool_)
    for column in values:
        changes |= column[1:] != column[:-1]
    first = np.flatnonzero(np.concatenate([[True], changes]))
    terms = PostingTerms(
        posting_id=ids[order],
        min_years=_floats(batch, "min_years")[order],
        salary_max=_floats(batch, "salary_max")[order],
        currency=_bytes(batch.column("salary_currency"))[order],
        company=batch.column("company").to_numpy(zero_copy_only=False)[order],
    )
    stop = np.concatenate([first[1:], [len(order)]]).astype(np.int64)
    return (
        vectors_of(batch.column("vector"))[order],
        terms,
        Cells(**{name: column[first] for name, column in zip(names, values, strict=True)}, stop=stop),
    )


def search_block(
    block: MemberBlock, shards: Sequence[Shard], *, k: int, margin: int, unknown_excludes: Collection[str]
) -> Best:
    """Top `k` eligible postings of each member over all shards.

    Raises:
        ArtifactError: the shards' vectors have another dimension than the members'.
    """
    best = Best.none(len(block.vectors), k)
    for shard in shards:
        if shard.vectors.shape[1] != block.vectors.shape[1]:
            raise ArtifactError(
                f"the index has dimension {shard.vectors.shape[1]}, the members' vectors {block.vectors.shape[1]}"
            )
        for cohort, members in block.cohorts:
            chosen = eligible_cells(cohort, shard.cells, unknown_excludes)
            for rows in _pieces(chosen, shard.cells.stop):
                search_rows(
                    best,
                    members,
                    queries=block.vectors,
                    terms=block.terms,
                    vectors=np.ascontiguousarray(shard.vectors[rows]),
                    postings=_take(shard.terms, rows),
                    margin=margin,
                    unknown_excludes=unknown_excludes,
                )
    return best


def vectors_of(column: pa.Array) -> npt.NDArray[np.float32]:
    """float32 [n, d] of a list column whose lists have equal lengths."""
    flat: npt.NDArray[np.float32] = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return flat.reshape(len(column), -1)


def _pieces(chosen: npt.NDArray[np.bool_], stop: npt.NDArray[np.int64]) -> list[slice | npt.NDArray[np.int64]]:
    """Rows to search at once: one range as it lies, or scattered ranges gathered up to a bound."""
    runs = list(ranges(chosen, stop))
    if len(runs) <= 1:
        return [slice(*run) for run in runs]
    rows = np.concatenate([np.arange(*run) for run in runs])
    return [rows[start : start + _GATHERED_ROWS] for start in range(0, len(rows), _GATHERED_ROWS)]


def _take(terms: PostingTerms, rows: slice | npt.NDArray[np.int64]) -> PostingTerms:
    return PostingTerms(
        terms.posting_id[rows], terms.min_years[rows], terms.salary_max[rows], terms.currency[rows], terms.company[rows]
    )


def _cohort(text: str) -> Cohort:
    wishes = json.loads(text)
    return Cohort(
        places=frozenset((place.get("country", ""), place.get("region", "")) for place in wishes.get("places", [])),
        work_modes=frozenset(wishes.get("work_modes", [])),
        employment_types=frozenset(wishes.get("employment_types", [])),
        languages=frozenset(wishes.get("languages", [])),
    )


def _lists(batch: pa.RecordBatch, name: str) -> list[list[int] | list[str] | None]:
    lists: list[list[int] | list[str] | None] = batch.column(name).to_pylist()
    return lists


def _floats(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _bytes(column: pa.Array) -> npt.NDArray[np.bytes_]:
    return _encoded(column.fill_null("").to_pylist())


def _encoded(texts: Sequence[object]) -> npt.NDArray[np.bytes_]:
    return np.array([str(text).encode() for text in texts], dtype=np.bytes_)
