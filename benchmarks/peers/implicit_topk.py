"""implicit's top-k of matrix products, exact.

    var/bench/envs/implicit_topk/bin/python -m benchmarks.peers.implicit_topk --folder var/bench/200000x200000

Rules are told as it wants them: per member, the postings that it may *not* take, as a sparse matrix; making that is
part of the search, in blocks so that it fits into memory.
"""

import os
import sys

import numpy as np

from benchmarks.peers.arrays import Queries, Workload
from benchmarks.peers.contract import IN_MEMORY, Result, judged, run, timed
from benchmarks.peers.memory import private_mib
from benchmarks.peers.quality import Rows

_MOST_FORBIDDEN = 20_000_000  # pairs in one sparse matrix, 160 MB


def unfiltered(workload: Workload) -> Result:
    """All postings."""
    from implicit.cpu.topk import topk  # type: ignore[import-not-found]

    def search(queries: Queries) -> Rows:
        found = topk(workload.postings, queries.vectors, workload.k, num_threads=workload.threads)[0]
        return np.asarray(found, dtype=np.int64)

    return judged(workload, *timed(search, workload), build_s=0.0, note=IN_MEMORY, private_mib=private_mib())


def filtered(workload: Workload) -> Result:
    """The postings that each member may take."""
    from implicit.cpu.topk import topk
    from scipy.sparse import csr_matrix

    postings, block = workload.postings, max(1, _MOST_FORBIDDEN // len(workload.postings))

    def search(queries: Queries) -> Rows:
        assert queries.cohorts is not None and workload.eligible is not None
        found = []
        for start in range(0, len(queries.vectors), block):
            vectors, cohorts = queries.vectors[start : start + block], queries.cohorts[start : start + block]
            may = np.unpackbits(workload.eligible[cohorts], axis=1, count=len(postings), bitorder="little")
            forbidden = csr_matrix(may == 0)
            ids, scores = topk(
                postings, vectors, workload.k, filter_query_items=forbidden, num_threads=workload.threads
            )
            found.append(np.where(scores > -2, ids, -1))  # what is forbidden gets the lowest float for a score
        return np.concatenate(found).astype(np.int64)

    note = "one process, sparse matrices of forbidden pairs included, nothing written"
    timing = timed(search, workload)
    return judged(workload, *timing, build_s=0.0, note=note, private_mib=private_mib())


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read as scipy loads: implicit shares out the work itself
    sys.exit(run(__doc__, {"implicit": (unfiltered, False), "implicit_filter": (filtered, True)}))
