"""Spark's own NEAREST BY join, exact, in SQL, from Parquet to Parquet.

    python -m benchmarks.peers.spark_nearest --folder var/bench/200000x200000 --limit-members 100

It scores and keeps the cross product, and fails at 1,000 members and 100,000 postings in 4 GB: at most 500 members and
20,000 postings are given to it. It knows no rules.
"""

import sys

from benchmarks.peers.arrays import Workload
from benchmarks.peers.contract import Result, judged, run

_LARGEST = (500, 20_000)
_WARM = 10


def nearest_by(workload: Workload) -> Result:
    """The join."""
    from pyspark.sql import DataFrame

    from benchmarks.peers.tables import MEMBER, POSTING, VECTOR, tables

    with tables(workload, warm=_WARM) as made:

        def recommend(members: DataFrame, postings: DataFrame) -> DataFrame:
            return made.spark.sql(
                f"SELECT m.{MEMBER}, p.{POSTING} FROM {{members}} m JOIN {{postings}} p"
                f" EXACT NEAREST {workload.k} BY SIMILARITY vector_inner_product(m.{VECTOR}, p.{VECTOR})",
                members=members,
                postings=postings,
            )

        return judged(workload, *made.timed(recommend), build_s=0.0, note="table to table")


if __name__ == "__main__":
    sys.exit(run(__doc__, {"spark_nearest_by": (nearest_by, False)}, largest=_LARGEST))
