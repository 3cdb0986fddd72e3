"""How long the fairness audit of a night takes: made-up lists, from tables on disk to figures, one process.

python -m benchmarks.bench_fairness --members 100000
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.machine import read_cpuinfo
from jobs.start import start_spark
from pipelines.config import load_config
from pipelines.fairness import stage
from pipelines.fairness.config import FairnessConfig
from pipelines.fairness.figures import audit_side
from pipelines.fairness.history import with_churn
from pipelines.fairness.lists import SUMS, grouped, lists_of, ranked_by_similarity, weighed
from pipelines.fairness.measures import Audited, audited_members, audited_postings, audited_recruiting, places_of

T = TypeVar("T")
PER_MEMBER, MATCHES, PER_POSTING = 10, 100, 20
ATTRIBUTES = ["team", "region"]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints seconds by side, from the tables to rows on the driver, and from there to figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--members", type=int, default=100_000)
    members = arguments.parse_args(argv).members
    config = load_config(Path("conf"), "sample", {}).fairness.model_copy(
        update={"max_members": members, "max_postings": members}
    )
    spark = start_spark("bench_fairness", {"spark.driver.memory": "4g", "spark.sql.shuffle.partitions": "8"})
    model = next((line.split(":")[1].strip() for line in read_cpuinfo().splitlines() if "model name" in line), "?")
    say(f"{members:,} members, {members // 2:,} postings, {config.resamples} resamples; {model}")
    with tempfile.TemporaryDirectory() as folder:
        night = made(spark, members, folder)
        audit(night, config)
        weigh(night, config)
    say(f"peak of the Python process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    spark.stop()
    return 0


def made(spark: SparkSession, members: int, folder: str) -> dict[str, DataFrame]:
    """The tables that an audit reads, written and read back."""
    postings = members // 2
    draw = F.pmod(F.xxhash64("id", "place"), F.lit(postings)).cast("string")
    places = spark.range(members).withColumn("place", F.explode(F.sequence(F.lit(1), F.lit(MATCHES))))
    matches = places.select(
        F.col("id").cast("string").alias("member_id"),
        draw.alias("posting_id"),
        (1 - F.col("place") / 200).alias("similarity"),
        F.col("place").cast("int").alias("rank"),
        (1 - F.col("place") / 100).alias("score"),
    )
    found = spark.range(postings).withColumn("place", F.explode(F.sequence(F.lit(1), F.lit(PER_POSTING))))
    person = spark.range(members).withColumn("place", F.lit(0))
    tables = {
        "members": person.selectExpr("cast(id AS string) AS member_id", "'mid' AS seniority"),
        "people": person.selectExpr(
            "cast(id AS string) AS member_id",
            "substr('aaabbc', cast(pmod(xxhash64(id, 1), 6) AS int) + 1, 1) AS team",
            "cast(pmod(xxhash64(id, 2), 10) AS string) AS region",
        ),
        "postings": spark.range(postings).selectExpr(
            "cast(id AS string) AS posting_id",
            "20000D + pmod(xxhash64(id), 60000) AS salary_min",
            "cast(NULL AS double) AS salary_max",
            "'EUR' AS salary_currency",
            "'mid' AS seniority",
            "if(id % 3 = 0, 'large', 'small') AS team",
            "cast(id % 10 AS string) AS region",
        ),
        "matches": matches,
        "recommendations": matches.where(F.col("rank") <= PER_MEMBER),
        "earlier": matches.where((F.col("rank") > 2) & (F.col("rank") <= PER_MEMBER + 2)),
        "found": found.select(
            F.col("id").cast("string").alias("posting_id"),
            F.pmod(F.xxhash64("place", "id"), F.lit(members)).cast("string").alias("member_id"),
            (1 - F.col("place") / 100).alias("similarity"),
        ),
    }
    for name, frame in tables.items():
        frame.write.parquet(f"{folder}/{name}")
    return {name: spark.read.parquet(f"{folder}/{name}") for name in tables}


def audit(night: dict[str, DataFrame], config: FairnessConfig) -> None:
    """Seconds of each side."""
    lists = stage.Lists(night["members"], night["postings"], night["matches"], night["recommendations"])
    k, names = places_of(config.k, PER_MEMBER), ATTRIBUTES
    chosen = stage.choose_members(lists.members, night["people"], names=names, config=config)
    some = stage.choose_postings(lists.postings, lists.postings, names=names, config=config)

    def members() -> Audited:
        rows = with_churn(stage.member_rows(chosen, lists, config=config), lists.recommendations, night["earlier"])
        return audited_members(rows.toPandas(), names, k=k, per_member=PER_MEMBER)

    def postings() -> Audited:
        return audited_postings(stage.posting_rows(some, lists, places=max(k)).toPandas(), names, k=k)

    def recruiting() -> Audited:
        rows = stage.recruiting_rows(chosen, ranked_by_similarity(night["found"]), places=max(k))
        return audited_recruiting(rows.toPandas(), names, k=k)

    for side in (members, postings, recruiting):
        audited, read = timed(side)
        figures, compared = timed(lambda audited=audited: audit_side(audited, config=config, families=3))  # type: ignore[misc]
        say(f"{side.__name__}: {read} to rows, {compared} to {len(figures)} figures")


def weigh(night: dict[str, DataFrame], config: FairnessConfig) -> None:
    """Seconds that it takes to weigh an order of all lists of members."""
    groups = grouped(night["people"], key="member_id", name="team", groups=["a", "b", "c"])
    ranked = ranked_by_similarity(night["found"])
    lists = lists_of(ranked, groups, owner="posting_id", listed="member_id", score="similarity")
    k = places_of(config.k, PER_POSTING)
    _, seconds = timed(lambda: weighed(lists, n_groups=3, targets=None, places=k).select(SUMS).collect())
    say(f"weighing an order of {night['postings'].count():,} lists of {PER_POSTING}: {seconds}")


def timed(work: Callable[[], T]) -> tuple[T, str]:
    """What `work` gives, and seconds: by the clock, and of this process's processor time."""
    start, spent = time.perf_counter(), time.process_time()
    made = work()
    return made, f"{time.perf_counter() - start:.1f} s ({time.process_time() - spent:.1f} s of Python)"


def say(line: str) -> None:
    """A line with the machine's load, so that a disturbed run can be told."""
    print(f"{line} (load {os.getloadavg()[0]:.1f})", flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
