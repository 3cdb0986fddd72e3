"""RePlay's search of nearest items, an hnswlib index on Spark, from Parquet to Parquet.

    var/bench/envs/replay_hnswlib/bin/python -m benchmarks.peers.replay_hnswlib --folder var/bench/200000x200000

Its index is built by one task. It knows no rules other than leaving out what a member has seen.
"""

import sys
import time
from pathlib import Path

from benchmarks.peers.arrays import Queries, Workload
from benchmarks.peers.contract import Result, as_text, judged, run
from benchmarks.peers.memory import worker_memory
from benchmarks.peers.quality import Rows
from benchmarks.peers.tuning import held_recall, least

_WARM = 500
_LINKS = 16
_BUILD_CANDIDATES = 200
_MOST_CANDIDATES = 4096


def replay(workload: Workload) -> Result:
    """Its inference without the filter of what was seen."""
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F
    from replay.models.extensions.ann.entities.hnswlib_param import HnswlibParam  # type: ignore[import-not-found]
    from replay.models.extensions.ann.index_builders.executor_hnswlib_index_builder import (  # type: ignore[import-not-found]
        ExecutorHnswlibIndexBuilder,
    )
    from replay.models.extensions.ann.index_stores.shared_disk_index_store import (  # type: ignore[import-not-found]
        SharedDiskIndexStore,
    )
    from replay.utils.session_handler import State  # type: ignore[import-not-found]

    from benchmarks.peers.tables import MEMBER, POSTING, VECTOR, tables

    with tables(workload, warm=_WARM) as made:
        State(made.spark)
        params = HnswlibParam(space="ip", m=_LINKS, ef_c=_BUILD_CANDIDATES, ef_s=workload.k)
        params.dim, params.max_elements = workload.postings.shape[1], len(workload.postings)
        store = SharedDiskIndexStore(str(made.folder), "index", cleanup=False)
        builder = ExecutorHnswlibIndexBuilder(params, store)
        started = time.perf_counter()
        builder.build_index(made.read("postings"), VECTOR, POSTING)
        build_s = time.perf_counter() - started
        params.ef_s = candidates_for(made.folder / "index" / "index", workload)

        def recommend(members: DataFrame, postings: DataFrame) -> DataFrame:
            asked = members.withColumnRenamed(MEMBER, "user_idx")
            found = builder.produce_inferer(False).infer(asked, VECTOR, workload.k)
            pairs: DataFrame = found.select(F.col("user_idx").alias(MEMBER), F.col("item_idx").alias(POSTING))
            return pairs

        with worker_memory() as samples:
            timing = made.timed(recommend)
        note = "table to table, " + as_text(M=_LINKS, ef_construction=_BUILD_CANDIDATES, ef=params.ef_s)
        return judged(workload, *timing, build_s=build_s, note=note, private_mib=max(samples, default=None))


def candidates_for(index_file: Path, workload: Workload) -> int:
    """The shortest candidate list that gives the recall on held members."""
    import hnswlib  # type: ignore[import-untyped]

    index = hnswlib.Index(space="ip", dim=workload.postings.shape[1])
    index.load_index(str(index_file))

    def search(queries: Queries) -> Rows:
        found: Rows = index.knn_query(queries.vectors, k=workload.k, num_threads=workload.threads)[0].astype("int64")
        return found

    def reaches(candidates: int) -> bool:
        index.set_ef(candidates)
        return held_recall(search, workload) >= workload.recall

    return least(reaches, workload.k, _MOST_CANDIDATES)


if __name__ == "__main__":
    sys.exit(run(__doc__, {"replay_hnswlib": (replay, False)}))
