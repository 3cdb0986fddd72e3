"""Kernel: members per second of the bare search for groups too small for large products, on one core."""

import time
from collections.abc import Callable

import faiss
import numpy as np
import pyarrow as pa

from benchmarks.blas import blas_of
from benchmarks.stored import Figure
from pipelines.retrieval.directions import Members, postings_for
from pipelines.retrieval.eligibility import Cells, Cohort, Lists, MemberTerms, PostingTerms
from pipelines.retrieval.precision import Floats, chosen, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index, make_shard

MEMBERS, DIMENSION, POSTINGS, K = 64, 128, 100_000, 50

_GROUPS = 32
_BLAS_FROM = 2560  # queries x dimensions from which FAISS takes BLAS; its own 128,000 leaves small groups without


def small_groups(members: Floats, postings: Floats) -> list[Figure]:
    """Ours and FAISS's, by turns, on the first dimensions of unit vectors whose first ones mean most."""
    prepare_worker()
    queries, rows = _cut(members[: MEMBERS * _GROUPS]), _cut(postings[:POSTINGS])
    groups = [queries[start : start + MEMBERS] for start in range(0, len(queries), MEMBERS)]
    index, precision = index_of(rows), chosen("auto")

    def ours(group: Floats) -> object:
        return search(postings_for(members_of(group), index), index, k=K, precision=precision)

    def bare(blas_from: int) -> Callable[[Floats], object]:
        def scan(group: Floats) -> object:
            faiss.cvar.distance_compute_blas_threshold = blas_from
            return faiss.knn(group, rows, K, metric=faiss.METRIC_INNER_PRODUCT)

        return scan

    sizes = f"{len(rows):,} postings x {DIMENSION}, k = {K}, one core"
    given = faiss.cvar.distance_compute_blas_threshold
    engines = {
        "the search": (ours, f"{sizes}, first pass {precision.name}"),
        "faiss.knn": (bare(given), sizes),
        f"faiss.knn, BLAS from {_BLAS_FROM:,} numbers on": (bare(_BLAS_FROM), f"{sizes}, OpenBLAS {blas_of('faiss')}"),
    }
    seconds = dict.fromkeys(engines, 0.0)
    for number, group in enumerate([groups[0], *groups]):
        for name, (engine, _) in engines.items():
            started = time.perf_counter()
            engine(group)
            seconds[name] += (time.perf_counter() - started) if number else 0.0  # the first is to warm up
    return [
        Figure(f"groups of {MEMBERS}, {name}", len(queries) / seconds[name], "members/s", None, note)
        for name, (_, note) in engines.items()
    ]


def index_of(vectors: Floats) -> Index:
    """One shard with one cell, whose postings ask and offer nothing."""
    count = len(vectors)
    unknown, none = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
    terms = PostingTerms(unknown, unknown, currency=none, company=none, posting=np.arange(count))
    anything = np.array([""])
    cells = Cells(anything, anything, anything, anything, anything, stop=np.array([count]))
    ids, place = pa.array([f"p{row:09d}" for row in range(count)]), np.zeros(count, dtype=np.int32)
    return Index([make_shard(vectors, ids, terms, cells, place)])


def members_of(vectors: Floats) -> Members:
    """Members of one cohort who wish for nothing."""
    count = len(vectors)
    unknown, nothing = np.full(count, np.nan), Lists(np.empty(0, np.int64), np.zeros(count, dtype=np.int64))
    terms = MemberTerms(unknown, unknown, np.zeros(count, dtype=np.int64), nothing, nothing)
    anything = Cohort(frozenset(), frozenset(), frozenset(), frozenset())
    return Members(vectors, terms, [anything], np.zeros(count, dtype=np.int64))


def _cut(vectors: Floats) -> Floats:
    first = np.ascontiguousarray(vectors[:, :DIMENSION])
    unit: Floats = first / np.linalg.norm(first, axis=1, keepdims=True)
    return unit
