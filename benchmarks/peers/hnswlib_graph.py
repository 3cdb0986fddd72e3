"""hnswlib, a graph in memory, with the shortest candidate list that gives the recall asked for.

    var/bench/envs/hnswlib_graph/bin/python -m benchmarks.peers.hnswlib_graph --folder var/bench/200000x200000

Without rules only: its filter is a Python function called per posting.
"""

import sys
import time

from benchmarks.peers.arrays import Queries, Workload
from benchmarks.peers.contract import IN_MEMORY, Result, as_text, judged, run, timed
from benchmarks.peers.memory import private_mib
from benchmarks.peers.quality import Rows
from benchmarks.peers.tuning import held_recall, least

_LINKS = 16
_BUILD_CANDIDATES = 200
_MOST_CANDIDATES = 4096


def hnsw(workload: Workload) -> Result:
    """The graph's search."""
    import hnswlib  # type: ignore[import-untyped]

    started = time.perf_counter()
    index = hnswlib.Index(space="ip", dim=workload.postings.shape[1])
    index.init_index(len(workload.postings), M=_LINKS, ef_construction=_BUILD_CANDIDATES, random_seed=1)
    index.add_items(workload.postings, num_threads=workload.threads)
    build_s = time.perf_counter() - started

    def search(queries: Queries) -> Rows:
        found: Rows = index.knn_query(queries.vectors, k=workload.k, num_threads=workload.threads)[0].astype("int64")
        return found

    def reaches(candidates: int) -> bool:
        index.set_ef(candidates)
        return held_recall(search, workload) >= workload.recall

    candidates = least(reaches, workload.k, _MOST_CANDIDATES)
    index.set_ef(candidates)
    note = f"{IN_MEMORY}; " + as_text(M=_LINKS, ef_construction=_BUILD_CANDIDATES, ef=candidates)
    timing = timed(search, workload)
    return judged(workload, *timing, build_s=build_s, note=note, private_mib=private_mib())


if __name__ == "__main__":
    sys.exit(run(__doc__, {"hnswlib": (hnsw, False)}))
