"""Kernel: seconds of the smallest pieces of a night, measured by themselves on one core."""

import hashlib
import statistics
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.small_groups import index_of, members_of
from pipelines.publishing.catalog import open_catalog, open_table
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.store import Store
from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.precision import Floats, Precision, chosen, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index
from schemas.matches import MATCHES

MEMBERS = 1024  # a group of the search
_ROWS = 1024  # a tile of it
_K = 100
_REPETITIONS = 7  # of which the middle one counts
_HASHED_BYTES = 1 << 28
_FILES = 100


def known_costs(vectors: Path, matches: Path, scratch: Path) -> dict[str, dict[str, float]]:
    """What the fit of nights is told: stage -> count -> seconds of one.

    Args:
        vectors: folder of `make_workload`.
        matches: a file of the table.
        scratch: an empty folder.
    """
    prepare_worker()
    precision = chosen("auto")
    members, postings = (np.load(vectors / f"{name}.npy") for name in ("members", "postings"))
    multiply_add_s = product_seconds(members, postings[:_ROWS], precision)
    compared_s = pair_seconds(members, postings, precision) - multiply_add_s * members.shape[1]
    searched = {"multiply_adds": multiply_add_s, "pairs": max(0.0, compared_s)}
    hash_s = hash_seconds()
    return {
        "index": {"index_bytes": hash_s},
        "match": {**searched, "index_bytes": hash_s},
        "match_postings": searched,
        "publish": {"files": file_seconds(matches, scratch)},
    }


def product_seconds(members: Floats, postings: Floats, precision: Precision) -> float:
    """Of one multiplication and addition in a product of the first pass."""
    rows, queries = precision.encode(postings), precision.encode(members)
    out = np.empty((len(rows), len(queries)), dtype=precision.key)
    seconds = middle(lambda: precision.products(rows, queries, out))
    return seconds / (len(rows) * len(queries) * int(members.shape[1]))


def pair_seconds(members: Floats, postings: Floats, precision: Precision) -> float:
    """Of one more pair in the search: what twice the postings take more, divided by the pairs more."""
    half, whole = index_of(postings[: len(postings) // 2]), index_of(postings)
    asking = members_of(members)

    def searched(index: Index) -> Callable[[], object]:
        return lambda: search(postings_for(asking, index), index, k=_K, precision=precision)

    more_s = middle(searched(whole)) - middle(searched(half))
    return more_s / (len(members) * (len(postings) - len(postings) // 2))


def hash_seconds() -> float:
    """Of one byte's part in a sha256."""
    data = bytes(_HASHED_BYTES)
    return middle(lambda: hashlib.sha256(data).digest()) / len(data)


def file_seconds(matches: Path, scratch: Path) -> float:
    """Of one file that is published: its footer read twice, once by the commit, and a plan of the table's files."""
    store = Store(scratch, "recs")
    store.warehouse.mkdir(parents=True)
    catalog = open_catalog(StorageConfig(root=str(scratch), namespace="recs", lease_minutes=1), store)
    rows = pq.read_table(matches).slice(0, 1000)
    table = open_table(catalog, "recs", MATCHES)
    files = [str(scratch / f"{uuid.uuid4().hex}.parquet") for _ in range(_FILES)]
    for file in files:
        pq.write_table(rows, file)
    started = time.perf_counter()
    counted = [file for file in files if pq.read_metadata(file).num_rows]
    table.add_files(counted)
    list(table.scan().plan_files())
    return (time.perf_counter() - started) / len(files)


def middle(call: Callable[[], object]) -> float:
    """The median of the call's seconds, after one to warm up."""
    call()
    seconds = []
    for _ in range(_REPETITIONS):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)
