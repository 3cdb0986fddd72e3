"""Spark MLlib's exact top-k of all pairs, `ALSModel.recommendForAllUsers`, from Parquet to Parquet.

    python -m benchmarks.peers.mllib_recommend --folder var/bench/200000x200000 --limit-members 5000

Nothing is trained: the model is made of the two tables of vectors. It knows no rules.
"""

import sys

from benchmarks.peers.arrays import Workload
from benchmarks.peers.contract import Result, judged, run

_WARM = 200
_BLOCK = 1024  # vectors that it multiplies at once; its own 4,096 leaves cores idle at small sizes


def als(workload: Workload) -> Result:
    """All pairs, block by block."""
    from pyspark.ml.recommendation import ALSModel
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F

    from benchmarks.peers.tables import MEMBER, POSTING, VECTOR, tables

    with tables(workload, warm=_WARM) as made:
        jvm = made.spark.sparkContext._jvm
        assert jvm is not None

        def factors(vectors: DataFrame, key: str) -> object:
            return vectors.select(F.col(key).alias("id"), F.col(VECTOR).alias("features"))._jdf

        def recommend(members: DataFrame, postings: DataFrame) -> DataFrame:
            rank = workload.postings.shape[1]
            users, items = factors(members, MEMBER), factors(postings, POSTING)
            model = jvm.org.apache.spark.ml.recommendation.ALSModel("peer", rank, users, items)
            # Set on the JVM's object: what is set on Python's reaches it only in `transform`.
            model = model.setUserCol("user").setItemCol("item").setBlockSize(_BLOCK)
            best = ALSModel(model).recommendForAllUsers(workload.k)
            pairs = best.select(F.col("user").alias(MEMBER), F.explode("recommendations").alias("one"))
            return pairs.select(MEMBER, F.col("one.item").alias(POSTING))

        return judged(workload, *made.timed(recommend), build_s=0.0, note=f"table to table, block {_BLOCK}")


if __name__ == "__main__":
    sys.exit(run(__doc__, {"mllib_als": (als, False)}))
