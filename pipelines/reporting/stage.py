"""Stage: the rows behind a summary, few enough to be shown."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from schemas import columns as c


def choose_members(recommendations: DataFrame, *, count: int) -> DataFrame:
    """`member_id` of a few members with recommendations, the same ones every time: those with the smallest hash."""
    return (
        recommendations.where(F.col(c.RANK) == 1)
        .select(c.MEMBER_ID)
        .orderBy(F.xxhash64(c.MEMBER_ID), c.MEMBER_ID)
        .limit(count)
    )


def top_recommendations(recommendations: DataFrame, postings: DataFrame, *, member_ids: list[str], count: int) -> DataFrame:
    """The first `count` recommendations of these members, with what the posting says."""
    named = postings.select(c.POSTING_ID, c.TITLE, c.COMPANY, c.CITY, c.REGION, c.COUNTRY, c.WORK_MODE)
    return (
        recommendations.where(F.col(c.MEMBER_ID).isin(member_ids) & (F.col(c.RANK) <= count))
        .join(named, on=c.POSTING_ID, how="inner")
        .select(
            c.MEMBER_ID,
            c.RANK,
            c.POSTING_ID,
            c.TITLE,
            F.coalesce(c.COMPANY, F.lit("")).alias(c.COMPANY),
            F.concat_ws(", ", c.CITY, c.REGION, c.COUNTRY, c.WORK_MODE).alias("place"),
            c.SCORE,
            c.SIMILARITY,
            c.SCORE_PARTS,
            F.col(c.EXPLANATION)["sentence"].alias("sentence"),
        )
        .orderBy(c.MEMBER_ID, c.RANK)
    )
