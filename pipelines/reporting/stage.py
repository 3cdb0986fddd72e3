"""Stage: the rows behind a summary, few enough to be shown."""

from collections.abc import Collection
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.quality.eligibility import SUITS
from schemas import columns as c
from schemas.rules import HARD_RULES


def choose_members(recommendations: DataFrame, *, count: int) -> DataFrame:
    """`member_id` of a few members with recommendations, the same ones every time: those with the smallest hash."""
    return (
        recommendations.where(F.col(c.RANK) == 1)
        .select(c.MEMBER_ID)
        .orderBy(F.xxhash64(c.MEMBER_ID), c.MEMBER_ID)
        .limit(count)
    )


def top_recommendations(
    recommendations: DataFrame, postings: DataFrame, *, member_ids: list[str], count: int
) -> DataFrame:
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


def eligibility_funnel(member: DataFrame, postings: DataFrame, *, unknown_excludes: Collection[str]) -> DataFrame:
    """One row: how many open postings each rule alone takes from one member, and how many pass all of them.

    Args:
        member: one row of the members table.
        postings: the night's postings.
        unknown_excludes: rules that an unknown value of the posting fails.
    """
    posting = F.struct(*(F.col(name) for name in postings.columns)).alias("posting")
    pairs = postings.select(posting).crossJoin(member.select(F.struct(*member.columns).alias("member")))
    left, right = F.col("posting"), F.col("member")
    kept = {rule: F.coalesce(suits(left, right), F.lit(rule not in unknown_excludes)) for rule, suits in SUITS.items()}
    kept["company"] = ~F.coalesce(F.array_contains(right[c.EXCLUDED_COMPANY_KEYS], left[c.COMPANY_KEY]), F.lit(False))
    kept["applied_or_dismissed"] = ~F.array_contains(right[c.EXCLUDED_POSTING_IDS], left[c.POSTING_ID])
    return pairs.agg(
        F.count(F.lit(1)).alias("open"),
        *(F.count_if(~kept[rule.name]).alias(rule.name) for rule in HARD_RULES),
        F.count_if(reduce(and_, kept.values())).alias("eligible"),
    )
