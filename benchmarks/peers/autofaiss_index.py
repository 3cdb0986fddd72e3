"""The index that autofaiss chooses, searched by a loop of ours: it has none over many queries.

    var/bench/envs/autofaiss_index/bin/python -m benchmarks.peers.autofaiss_index --folder var/bench/200000x200000

`autofaiss` searches with the settings that it chose for 10 ms a query; `autofaiss_tuned` with the least that give the
recall asked for. Neither knows rules.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.arrays import Queries, Workload
from benchmarks.peers.contract import IN_MEMORY, Result, judged, run, timed
from benchmarks.peers.memory import private_mib
from benchmarks.peers.quality import Rows
from benchmarks.peers.tuning import held_recall, least

_BLOCK = 4096  # members
_INDEX_MEMORY, _MEMORY = "8G", "16G"  # it refuses without a tenth between them
_MOST = 4096  # of lists or candidates


def built(workload: Workload) -> tuple[Any, str, float]:
    """Its index, what it says of it, and the seconds that it took."""
    import faiss
    from autofaiss import build_index  # type: ignore[import-not-found]

    started = time.perf_counter()
    index, told = build_index(
        workload.postings,
        save_on_disk=False,
        metric_type="ip",
        max_index_memory_usage=_INDEX_MEMORY,
        current_memory_available=_MEMORY,
        nb_cores=workload.threads,
        verbose=logging.ERROR,
    )
    faiss.omp_set_num_threads(workload.threads)
    return index, f"{told['index_key']} {told['index_param']}", time.perf_counter() - started


def searching(index: Any, k: int) -> Callable[[Queries], Rows]:  # noqa: ANN401
    """A search by blocks of members."""

    def search(queries: Queries) -> Rows:
        blocks = range(0, len(queries.vectors), _BLOCK)
        return np.concatenate([index.search(queries.vectors[start : start + _BLOCK], k)[1] for start in blocks])

    return search


def as_chosen(workload: Workload) -> Result:
    """Its index with its settings."""
    index, note, build_s = built(workload)
    timing = timed(searching(index, workload.k), workload)
    return judged(workload, *timing, build_s=build_s, note=f"{IN_MEMORY}; {note}", private_mib=private_mib())


def tuned(workload: Workload) -> Result:
    """Its index with the least settings that give the recall."""
    import faiss

    index, note, build_s = built(workload)
    setting = "efSearch" if "HNSW" in note.split()[0] else "nprobe"
    search = searching(index, workload.k)

    def reaches(value: int) -> bool:
        faiss.ParameterSpace().set_index_parameter(index, setting, value)
        return held_recall(search, workload) >= workload.recall

    value = least(reaches, 1, _MOST)
    faiss.ParameterSpace().set_index_parameter(index, setting, value)
    note = f"{IN_MEMORY}; {note.split()[0]} {setting} {value}"
    return judged(workload, *timed(search, workload), build_s=build_s, note=note, private_mib=private_mib())


if __name__ == "__main__":
    sys.exit(run(__doc__, {"autofaiss": (as_chosen, False), "autofaiss_tuned": (tuned, False)}))
