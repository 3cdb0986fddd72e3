"""Spark MLlib's `BucketedRandomProjectionLSH.approxSimilarityJoin`, cut to the k best, from Parquet to Parquet.

    python -m benchmarks.peers.spark_lsh --folder var/bench/200000x200000 --limit-members 100

It joins within a distance, not for a top k: the distance is what the k-th posting of nearly every held member lies
within. Tables and width of buckets are those that give the recall asked for with the fewest pairs to compare, computed
beforehand. A member takes half a second: at most 100 members and 20,000 postings are given to it. It knows no rules.
"""

import sys

import numpy as np

from benchmarks.peers.arrays import Workload
from benchmarks.peers.contract import Result, as_text, judged, run

_LARGEST = (100, 20_000)
_WARM = 20
_NEARLY = 0.999  # of held members have their k-th posting within the distance
_TABLES = (2, 3, 4, 6, 8, 12, 16, 24)
_WIDTHS = (0.05, 0.1, 0.2, 0.4, 2.0)  # projections of unit vectors lie in [-1, 1]: 2 tells only their signs
_SAMPLED = 200  # members and as many times ten postings that pairs are counted on


def lsh(workload: Workload) -> Result:
    """The join and its cut."""
    from pyspark.ml.feature import BucketedRandomProjectionLSH
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import DataFrame, Window
    from pyspark.sql import functions as F

    from benchmarks.peers.tables import MEMBER, POSTING, VECTOR, tables

    distance, (count, bucket) = distance_for(workload), tables_and_width_for(workload)
    with tables(workload, warm=_WARM) as made:
        hashing = BucketedRandomProjectionLSH(
            inputCol=VECTOR, outputCol="hashes", bucketLength=bucket, numHashTables=count, seed=1
        )

        def recommend(members: DataFrame, postings: DataFrame) -> DataFrame:
            left, right = (frame.withColumn(VECTOR, array_to_vector(F.col(VECTOR))) for frame in (members, postings))
            pairs = hashing.fit(right).approxSimilarityJoin(left, right, distance, distCol="distance")
            named = pairs.select(F.col(f"datasetA.{MEMBER}"), F.col(f"datasetB.{POSTING}"), "distance")
            order = Window.partitionBy(MEMBER).orderBy("distance", POSTING)
            return named.withColumn("rank", F.row_number().over(order)).where(F.col("rank") <= workload.k)

        note = "table to table, " + as_text(tables=count, bucket=bucket, distance=round(distance, 3))
        return judged(workload, *made.timed(recommend), build_s=0.0, note=note)


def distance_for(workload: Workload) -> float:
    """Euclidean distance within which nearly every held member has k postings."""
    last = workload.postings[workload.held.truth[:, -1]]
    similarity = np.einsum("nd,nd->n", workload.held.vectors, last)
    return float(np.sqrt(2 - 2 * np.quantile(similarity, 1 - _NEARLY)))


def tables_and_width_for(workload: Workload) -> tuple[int, float]:
    """Those that reach the recall with the fewest pairs to compare, or that come nearest to it."""
    rng = np.random.default_rng(1)
    towards = rng.normal(size=(workload.postings.shape[1], max(_TABLES)))
    towards /= np.linalg.norm(towards, axis=0)
    members = (workload.held.vectors[:_SAMPLED] @ towards)[:, None]
    near = (workload.postings @ towards)[workload.held.truth[:_SAMPLED]]
    some = (workload.postings[rng.integers(len(workload.postings), size=10 * _SAMPLED)] @ towards)[None]
    tried = []
    for width in _WIDTHS:
        met = np.floor(members / width) == np.floor(near / width)
        compared = np.array(
            [
                np.mean(np.floor(members[:, :, one] / width) == np.floor(some[:, :, one] / width))
                for one in range(max(_TABLES))
            ]
        )
        for count in _TABLES:
            missed = max(0.0, workload.recall - float(met[:, :, :count].any(axis=2).mean()))
            tried.append((missed, float(compared[:count].sum()), count, width))
    return min(tried)[2:]


if __name__ == "__main__":
    sys.exit(run(__doc__, {"spark_lsh": (lsh, False)}, largest=_LARGEST))
