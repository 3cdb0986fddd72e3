"""Stage: one narrow row per audited member or posting."""

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.fairness.config import FairnessConfig
from schemas import columns as c
from schemas.values import SENIORITIES

GROUPS, STRATUM = "groups", "stratum"
_SALARY, _SENIORITY, _WELL_PAID = "relative_salary", "level", "is_well_paid"


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
    return groups.join(more.withColumn(key, trimmed(key)), on=key, how="left")


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
            _mean(c.SIMILARITY).alias("matched_similarity"),
            _mean(_SALARY).alias("matched_salary"),
            _mean(_SENIORITY).alias("matched_seniority"),
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


def posting_rows(chosen: DataFrame, lists: Lists, *, places: int) -> DataFrame:
    """The chosen postings, each with how many members matched it, and at which of the first `places` it was shown."""
    ids = chosen.select(c.POSTING_ID)
    matched = (
        lists.matches.select(c.POSTING_ID)
        .join(ids, on=c.POSTING_ID, how="inner")
        .groupBy(c.POSTING_ID)
        .agg(F.count(F.lit(1)).alias("matches"))
    )
    return (
        chosen.join(matched, on=c.POSTING_ID, how="left")
        .fillna(0, subset=["matches"])
        .transform(_with_places, lists.recommendations, c.POSTING_ID, places)
        .select(*chosen.columns, "matches", "lists", "shown_at")
    )


def recruiting_rows(chosen: DataFrame, ranked: DataFrame, *, places: int) -> DataFrame:
    """The chosen members, each with how many postings' lists they are on, how near, and at which of the first `places`.

    Args:
        chosen: the frame of `choose_members`.
        ranked: posting_id, member_id, similarity and rank.
        places: how many are looked at.
    """
    near = _mean(c.SIMILARITY).alias("found_similarity")
    on_lists = chosen.transform(_with_places, ranked, c.MEMBER_ID, places, near)
    return on_lists.select(*chosen.columns, "lists", "found_similarity", "shown_at")


def _with_places(chosen: DataFrame, listed: DataFrame, key: str, places: int, *more: Column) -> DataFrame:
    """The chosen beside on how many lists each is, and how often at each of the first `places`."""
    shown_at = F.array(*(F.count_if(F.col(c.RANK) == rank).cast("double") for rank in range(1, places + 1)))
    on_lists = listed.join(chosen.select(key), on=key, how="inner").groupBy(key)
    counted = on_lists.agg(F.count(F.lit(1)).alias("lists"), shown_at.alias("shown_at"), *more)
    return (
        chosen.join(counted, on=key, how="left")
        .fillna(0, subset=["lists"])
        .withColumn("shown_at", F.coalesce("shown_at", F.array_repeat(F.lit(0.0), places)))
    )


def _chosen(rows: DataFrame, groups: DataFrame, key: str, names: Sequence[str], count: int) -> DataFrame:
    said = {name: F.nullif(F.trim(F.col(name).cast("string")), F.lit("")) for name in names}
    once = (  # a source may say the same of somebody twice
        groups.withColumns({**said, key: trimmed(key)})
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


def trimmed(key: str) -> Column:
    """An id as ingest has it."""
    return F.trim(F.col(key).cast("string"))


def _mean(name: str) -> Column:
    """The mean to nine decimals of each value, the same to the last bit in whatever order they come."""
    return F.mean(F.col(name).cast("decimal(38, 9)")).cast("double")


def _in_order(structs: Column, field: str) -> Column:
    return F.coalesce(F.transform(structs, lambda one: one[field]), F.array().cast("array<double>"))
