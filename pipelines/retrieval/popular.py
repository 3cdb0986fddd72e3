"""Kernel: besides the nearest postings, those that most people are interested in among the eligible.

What people open is decided by more than likeness; a ranker that learns from what they opened can only rank what it is
given. The popular postings of a kind of members are the first of one list that the kind may take; rules between one
member and one posting then take some away, and no others come in their place.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.retrieval.candidates import Rows
from pipelines.retrieval.precision import exact_similarity
from pipelines.retrieval.search import Found, Queries
from pipelines.retrieval.shards import Index


def rows_of(index: Index, postings: Rows) -> Rows:
    """Where the index holds postings, in their order; those that it lacks or that are gone are left out.

    Args:
        index: of postings.
        postings: hashes of their ids.
    """
    rows = index.rows_of(postings)
    return rows[rows >= 0]


def also_popular(queries: Queries, index: Index, found: Sequence[Found], popular: Rows, k: int) -> Found:
    """Of each query the rows among its kind's first `k` of `popular` that it may take and has not found, by query.

    Args:
        queries: members, see `directions.postings_for`.
        index: of postings.
        found: by the search, for the same queries.
        popular: rows of the index, the most popular first.
        k: most rows per query.
    """
    size = int(index.stops[-1])
    have = np.sort(np.concatenate([part.query * size + part.row for part in found] or [popular[:0]]))
    parts = list(_each(queries, index, popular, k))
    query = np.concatenate([np.repeat(one, len(rows)) for one, rows, _ in parts] or [popular[:0]])
    row = np.concatenate([rows for _, rows, _ in parts] or [popular[:0]])
    similarity = np.concatenate([near for _, _, near in parts] or [np.empty(0)])
    fresh = ~np.isin(query * size + row, have, assume_unique=True)
    return Found(query[fresh], row[fresh], similarity[fresh])


def _each(queries: Queries, index: Index, popular: Rows, k: int) -> Iterator[tuple[int, Rows, np.ndarray]]:
    cell = np.searchsorted(index.cell_stop, popular, "right")
    for kind, eligible in enumerate(queries.eligible):
        asking = np.flatnonzero(queries.kind == kind)
        rows = popular[np.flatnonzero(eligible[cell])[:k]]
        if not len(rows) or not len(asking):
            continue
        vectors = index.vectors(rows)
        allowed = queries.allowed(np.repeat(asking, len(rows)), np.tile(rows, len(asking))).reshape(len(asking), -1)
        for one, may in zip(asking.tolist(), allowed, strict=True):
            if may.any():
                yield one, rows[may], exact_similarity(queries.vectors[one].astype(np.float64), vectors[may])
