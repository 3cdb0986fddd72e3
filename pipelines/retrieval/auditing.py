"""Stage: samples of members in large cohorts, and how much the fast search finds for them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, fields
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.night import Night
from pipelines.retrieval.asking import cohort
from pipelines.retrieval.blocks import members_of
from pipelines.retrieval.cache import on_this_host
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.precision import chosen, prepare_worker
from pipelines.retrieval.recall import Recall, compare
from pipelines.retrieval.shards import open_index
from schemas import columns as c
from schemas.matches import MATCH_RECALL

COMPARED = T.StructType(
    [
        T.StructField("cohort", T.StringType()),
        T.StructField("effort", T.DoubleType()),
        T.StructField("members", T.LongType()),
        T.StructField("total", T.DoubleType()),
        T.StructField("squares", T.DoubleType()),
    ]
)
_PARTS = 1 << 20  # of the members of a cohort, by hash


def cohort_sizes(members: DataFrame) -> DataFrame:
    """Each cohort and how many members it has."""
    return members.groupBy(cohort().alias(c.COHORT)).agg(F.count(F.lit(1)).alias("members"))


def sample_members(members: DataFrame, shares: Mapping[str, float], *, salt: str) -> DataFrame:
    """A share of the members of each named cohort, by hash of the member's id and the salt; of other cohorts nobody."""
    spark = members.sparkSession
    parts = spark.createDataFrame(
        [(name, int(share * _PARTS)) for name, share in shares.items()], "cohort string, parts long"
    )
    part = F.pmod(F.xxhash64(c.MEMBER_ID, F.lit(salt)), F.lit(_PARTS))
    drawn = members.withColumn(c.COHORT, cohort()).join(F.broadcast(parts), on=c.COHORT, how="inner")
    return drawn.where(part < F.col("parts")).select(*members.columns)


def comparing(*, index: Path, student_id: str, config: RetrievalConfig) -> Callable[..., Iterator[pa.RecordBatch]]:
    """A function for `mapInArrow`: rows of `by_cohort` to rows of COMPARED, for each effort of the configuration."""

    def compare_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        prepare_worker()
        for batch in batches:
            if batch.num_rows:
                compared = compare(
                    members_of(batch),
                    batch.column(c.COHORT).dictionary_encode().dictionary.to_pylist(),
                    open_index(on_this_host(index, config.cache_folder), student_id),
                    k=config.matches_per_member,
                    precision=chosen(config.first_pass),
                    efforts=config.fast_efforts,
                    unknown_excludes=config.unknown_excludes,
                )
                names = [field.name for field in fields(Recall)]
                rows = [dict(zip(names, astuple(one), strict=True)) for one in compared]
                if rows:
                    yield pa.RecordBatch.from_pylist(rows)

    return compare_batches


def recall_of(
    staged: DataFrame, exact: DataFrame, members: DataFrame, efforts: Mapping[str, float | None], *, night: Night
) -> DataFrame:
    """Rows of the table match_recall: how many of the exact matches of sampled members are staged, for each cohort.

    Args:
        staged: MATCHES columns, of everybody.
        exact: MATCHES columns, of the sampled members.
        members: the sampled members, MEMBERS columns.
        efforts: with which each cohort was searched; None: exactly.
    """
    pair, exact = [c.MEMBER_ID, c.POSTING_ID], exact.where(F.col(c.RELAXATION).isNull())
    hits = staged.select(*pair).join(F.broadcast(exact.select(*pair)), on=pair, how="left_semi")
    wanted = exact.groupBy(c.MEMBER_ID).agg(F.count(F.lit(1)).alias("wanted"))
    shares = (
        wanted.join(hits.groupBy(c.MEMBER_ID).agg(F.count(F.lit(1)).alias("found")), on=c.MEMBER_ID, how="left")
        .join(members.select(c.MEMBER_ID, cohort().alias(c.COHORT)), on=c.MEMBER_ID, how="inner")
        .withColumn("share", F.coalesce("found", F.lit(0)) / F.col("wanted"))
    )
    spark = members.sparkSession
    named = spark.createDataFrame(list(efforts.items()), "cohort string, effort double")
    margin = F.lit(1.96) * F.coalesce(F.stddev_samp("share"), F.lit(0.0)) / F.sqrt(F.count(F.lit(1)))
    measured = shares.groupBy(c.COHORT).agg(
        F.count(F.lit(1)).alias(c.SAMPLED_MEMBERS),
        F.avg("share").alias(c.RECALL),
        (F.avg("share") - margin).alias(c.LOW),
        (F.avg("share") + margin).alias(c.HIGH),
    )
    return (
        named.join(measured, on=c.COHORT, how="left")
        .fillna(0, subset=[c.SAMPLED_MEMBERS])
        .withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
        .select(*MATCH_RECALL.columns)
    )
