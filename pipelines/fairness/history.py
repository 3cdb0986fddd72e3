"""Stage: what earlier nights and later interest say of the audited members' lists."""

import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.fairness.stage import trimmed
from schemas import columns as c

_INTERESTED = ("viewed", "applied")


def with_churn(rows: DataFrame, recommendations: DataFrame, earlier: DataFrame) -> DataFrame:
    """The rows with `churn`, the share of a member's list that was not on the member's list of the earlier night.

    Null for a member without a list in either night.
    """
    before = earlier.select(c.MEMBER_ID, c.POSTING_ID, F.lit(0.0).alias("new"))
    now = recommendations.select(c.MEMBER_ID, c.POSTING_ID)
    churn = (
        now.join(rows.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner")
        .join(before.select(c.MEMBER_ID).distinct(), on=c.MEMBER_ID, how="inner")
        .join(before, on=[c.MEMBER_ID, c.POSTING_ID], how="left")
        .groupBy(c.MEMBER_ID)
        .agg(F.mean(F.coalesce("new", F.lit(1.0))).alias("churn"))
    )
    return rows.join(churn, on=c.MEMBER_ID, how="left")


def with_interest(
    rows: DataFrame,
    recommendations: DataFrame,
    interactions: DataFrame,
    rejected: DataFrame,
    *,
    after: datetime.date,
    until: datetime.date | None = None,
) -> DataFrame:
    """The rows with `said` and `happened`: of each posting of a member's list the score, and 1 if it was of interest.

    Only members who did anything after the list's night can say; others: null. What was done with a duplicate counts
    for the posting that stands for it.

    Args:
        rows: a row per member.
        recommendations: of one night.
        interactions: the columns of `schemas.interactions.SOURCE`, of any type.
        rejected: POSTINGS_REJECTED columns, of the same night.
        after: the date of that night.
        until: the last day that counts; None: all that is known.
    """
    kind, day = F.lower(F.trim(F.col(c.KIND).cast("string"))), F.col(c.OCCURRED_AT).try_cast("date")
    stands_for = rejected.select(F.col(c.SOURCE_ROW).alias(c.POSTING_ID), c.DUPLICATE_OF)
    later = (
        interactions.where((day > F.lit(after)) & (F.lit(until is None) | (day <= F.lit(until))))
        .select(
            *(trimmed(key).alias(key) for key in (c.MEMBER_ID, c.POSTING_ID)),
            F.coalesce(kind.isin(*_INTERESTED), F.lit(False)).cast("double").alias("interest"),
        )
        .join(stands_for, on=c.POSTING_ID, how="left")
        .withColumn(c.POSTING_ID, F.coalesce(c.DUPLICATE_OF, c.POSTING_ID))
    )
    by_pair = later.groupBy(c.MEMBER_ID, c.POSTING_ID).agg(F.max("interest").alias("interest"))
    pair = F.struct(c.RANK, c.SCORE, F.coalesce("interest", F.lit(0.0)).alias("interest"))
    lists = (
        recommendations.select(c.MEMBER_ID, c.POSTING_ID, c.RANK, c.SCORE)
        .join(rows.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner")
        .join(later.select(c.MEMBER_ID).distinct(), on=c.MEMBER_ID, how="inner")
        .join(by_pair, on=[c.MEMBER_ID, c.POSTING_ID], how="left")
        .groupBy(c.MEMBER_ID)
        .agg(F.array_sort(F.collect_list(pair)).alias("list"))
    )
    said = lists.select(c.MEMBER_ID, F.col("list.score").alias("said"), F.col("list.interest").alias("happened"))
    return rows.join(said, on=c.MEMBER_ID, how="left")
