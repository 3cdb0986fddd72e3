"""Stage: one narrow row per audited member or posting."""

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.fairness.config import FairnessConfig
from pipelines.night import Night
from schemas import columns as c
from schemas.postings import SENIORITIES

GROUPS, STRATUM = "groups", "stratum"
_SALARY, _SENIORITY, _WELL_PAID = "relative_salary", "level", "is_well_paid"
_INTERESTED = ("viewed", "applied")


class Lists(NamedTuple):
    """What a night gave to its members."""

    members: DataFrame
    postings: DataFrame
    matches: DataFrame
    recommendations: DataFrame


def choose_members(members: DataFrame, groups: DataFrame, *, names: Sequence[str], config: FairnessConfig) -> DataFrame:
    """At most `max_members` (member_id, groups, stratum), chosen by the hash of their id; one row per member.

    Args:
        members: the night's members.
        groups: member_id and a column per attribute, as a source gives them.
        names: the attributes, in the order of the array `groups`.
        config: the audit's.
    """
    stratum = F.concat_ws("|", *(F.coalesce(F.expr(one).cast("string"), F.lit("?")) for one in config.strata))
    strata = members.select(c.MEMBER_ID, stratum.alias(STRATUM))
    return _chosen(strata, groups, c.MEMBER_ID, names, config.max_members)


def choose_postings(
    postings: DataFrame, groups: DataFrame, *, names: Sequence[str], config: FairnessConfig
) -> DataFrame:
    """At most `max_postings` (posting_id, groups, stratum), chosen by the hash of their id; one row per posting."""
    rows = postings.select(c.POSTING_ID, F.lit("").alias(STRATUM))
    return _chosen(rows, groups, c.POSTING_ID, names, config.max_postings)


def with_attributes(groups: DataFrame, more: DataFrame, key: str) -> DataFrame:
    """The groups beside those of another source; `key` is the id of either."""
    return groups.join(more.withColumn(key, _id(key)), on=key, how="left")


def member_rows(chosen: DataFrame, lists: Lists, *, config: FairnessConfig) -> DataFrame:
    """The chosen members, each with what the search found and with the list in order of rank."""
    values = lists.postings.transform(_with_worth, config).select(c.POSTING_ID, _SALARY, _SENIORITY, _WELL_PAID)
    found = lists.matches.select(c.MEMBER_ID, c.POSTING_ID, c.SIMILARITY)
    ids, shown = chosen.select(c.MEMBER_ID), lists.recommendations.select(c.MEMBER_ID, c.POSTING_ID, c.RANK, c.SCORE)
    matched = (
        found.join(ids, on=c.MEMBER_ID, how="inner")
        .join(values, on=c.POSTING_ID, how="inner")
        .groupBy(c.MEMBER_ID)
        .agg(
            F.count(F.lit(1)).alias("matches"),
            F.mean(c.SIMILARITY).alias("matched_similarity"),
            F.mean(_SALARY).alias("matched_salary"),
            F.mean(_SENIORITY).alias("matched_seniority"),
            F.sum(_WELL_PAID).alias("matched_well_paid"),
        )
    )
    in_order = F.array_sort(F.collect_list(F.struct(c.RANK, c.SCORE, _SALARY, _SENIORITY, _WELL_PAID)))
    listed = (
        shown.join(ids, on=c.MEMBER_ID, how="inner")
        .join(values, on=c.POSTING_ID, how="inner")
        .groupBy(c.MEMBER_ID)
        .agg(in_order.alias("list"))
    )
    columns = {"scores": c.SCORE, "salaries": _SALARY, "seniorities": _SENIORITY, "well_paid": _WELL_PAID}
    return (
        chosen.join(matched, on=c.MEMBER_ID, how="left")
        .join(listed, on=c.MEMBER_ID, how="left")
        .fillna(0, subset=["matches", "matched_well_paid"])
        .select(
            *(*chosen.columns, "matches", "matched_similarity", "matched_salary", "matched_seniority"),
            "matched_well_paid",
            *(_in_order(F.col("list"), field).alias(name) for name, field in columns.items()),
        )
    )


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
    rows: DataFrame, recommendations: DataFrame, interactions: DataFrame, rejected: DataFrame, *, night: Night
) -> DataFrame:
    """The rows with `interest_above_score`, by how much a list's share of postings of interest exceeds its mean score.

    0 where `score` is the probability of interest. Only members who did anything after the night can say; others: null.
    What was done with a duplicate (in `rejected`, of postings) counts for the posting that stands for it.
    """
    kind = F.lower(F.trim(F.col(c.KIND).cast("string")))
    stands_for = rejected.select(F.col(c.SOURCE_ROW).alias(c.POSTING_ID), c.DUPLICATE_OF)
    later = (
        interactions.where(F.col(c.OCCURRED_AT).try_cast("date") > F.lit(night.run_date))
        .select(
            *(_id(key).alias(key) for key in (c.MEMBER_ID, c.POSTING_ID)),
            F.coalesce(kind.isin(*_INTERESTED), F.lit(False)).cast("double").alias("interest"),
        )
        .join(stands_for, on=c.POSTING_ID, how="left")
        .withColumn(c.POSTING_ID, F.coalesce(c.DUPLICATE_OF, c.POSTING_ID))
    )
    by_pair = later.groupBy(c.MEMBER_ID, c.POSTING_ID).agg(F.max("interest").alias("interest"))
    above = (
        recommendations.select(c.MEMBER_ID, c.POSTING_ID, c.SCORE)
        .join(rows.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner")
        .join(later.select(c.MEMBER_ID).distinct(), on=c.MEMBER_ID, how="inner")
        .join(by_pair, on=[c.MEMBER_ID, c.POSTING_ID], how="left")
        .groupBy(c.MEMBER_ID)
        .agg(F.mean(F.coalesce("interest", F.lit(0.0)) - F.col(c.SCORE)).alias("interest_above_score"))
    )
    return rows.join(above, on=c.MEMBER_ID, how="left")


def posting_rows(chosen: DataFrame, lists: Lists, *, places: int) -> DataFrame:
    """The chosen postings, each with how many members matched it, and at which of the first `places` it was shown."""
    ids = chosen.select(c.POSTING_ID)
    matched = (
        lists.matches.select(c.POSTING_ID)
        .join(ids, on=c.POSTING_ID, how="inner")
        .groupBy(c.POSTING_ID)
        .agg(F.count(F.lit(1)).alias("matches"))
    )
    shown_at = F.array(*(F.count_if(F.col(c.RANK) == rank).cast("double") for rank in range(1, places + 1)))
    listed = (
        lists.recommendations.select(c.POSTING_ID, c.RANK)
        .join(ids, on=c.POSTING_ID, how="inner")
        .groupBy(c.POSTING_ID)
        .agg(F.count(F.lit(1)).alias("lists"), shown_at.alias("shown_at"))
    )
    nowhere = F.array_repeat(F.lit(0.0), places)
    return (
        chosen.join(matched, on=c.POSTING_ID, how="left")
        .join(listed, on=c.POSTING_ID, how="left")
        .fillna(0, subset=["matches", "lists"])
        .withColumn("shown_at", F.coalesce("shown_at", nowhere))
        .select(*chosen.columns, "matches", "lists", "shown_at")
    )


def _chosen(rows: DataFrame, groups: DataFrame, key: str, names: Sequence[str], count: int) -> DataFrame:
    said = {name: F.nullif(F.trim(F.col(name).cast("string")), F.lit("")) for name in names}
    once = (  # a source may say the same of somebody twice
        groups.withColumns({**said, key: _id(key)})
        .groupBy(key)
        .agg(F.array(*(F.min(name) for name in names)).alias(GROUPS))
    )
    nothing = F.array_repeat(F.lit(None).cast("string"), len(names))
    return (
        rows.orderBy(F.xxhash64(key), key)
        .limit(count)
        .join(once, on=key, how="left")
        .select(key, F.coalesce(GROUPS, nothing).alias(GROUPS), STRATUM)
    )


def _with_worth(postings: DataFrame, config: FairnessConfig) -> DataFrame:
    """Salary over the median of its currency, seniority as a number, and whether the posting is among the best paid."""
    middle = F.coalesce((F.col(c.SALARY_MIN) + F.col(c.SALARY_MAX)) / 2, c.SALARY_MAX, c.SALARY_MIN)
    currency = F.coalesce(c.SALARY_CURRENCY, F.lit(""))
    levels = F.array(*(F.lit(name) for name in SENIORITIES))
    level = F.array_position(levels, F.col(c.SENIORITY))  # 0 where it is none of them
    paid = postings.select(c.POSTING_ID, c.SENIORITY, middle.alias(_SALARY), currency.alias(c.SALARY_CURRENCY))
    typical = paid.groupBy(c.SALARY_CURRENCY).agg(
        F.percentile_approx(_SALARY, 0.5).alias("median"),
        F.percentile_approx(_SALARY, config.well_paid_quantile).alias("high"),
    )
    well_paid = F.coalesce(F.col(_SALARY) > F.col("high"), F.lit(False))
    return paid.join(F.broadcast(typical), on=c.SALARY_CURRENCY, how="left").withColumns(
        {
            _WELL_PAID: well_paid.cast("double"),
            _SALARY: F.try_divide(_SALARY, "median"),
            _SENIORITY: F.when(level > 0, (level - 1).cast("double")),
        }
    )


def _id(key: str) -> Column:
    return F.trim(F.col(key).cast("string"))


def _in_order(structs: Column, field: str) -> Column:
    return F.coalesce(F.transform(structs, lambda one: one[field]), F.array().cast("array<double>"))
