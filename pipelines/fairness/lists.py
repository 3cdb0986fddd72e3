"""Stage: lists with the groups of those on them → the same lists in constrained order, and what that costs."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pipelines.fairness.constrained import UNKNOWN, constrained_order, shares_of, weigh
from pipelines.fairness.metrics import Array
from pipelines.fairness.stage import trimmed
from pipelines.night import Night
from schemas import columns as c
from schemas.matches import POSTING_LISTS

GROUP, COUNT, SUMS = "group", "count", "sums"
_IDS, _SCORES, _GROUPS = "ids", "scores", "groups"


def ranked_by_similarity(found: DataFrame) -> DataFrame:
    """The rows of POSTING_MATCHES with their `rank` in the posting's list."""
    best_first = Window.partitionBy(c.POSTING_ID).orderBy(F.col(c.SIMILARITY).desc(), c.MEMBER_ID)
    return found.withColumn(c.RANK, F.row_number().over(best_first))


def some_lists(rows: DataFrame, *, owner: str, count: int) -> DataFrame:
    """The rows of at most `count` lists, chosen by the hash of who has them."""
    owners = rows.select(owner).distinct().orderBy(F.xxhash64(owner), owner).limit(count)
    return rows.join(owners, on=owner, how="left_semi")


def group_sizes(ids: DataFrame, attributes: DataFrame, *, key: str, name: str) -> DataFrame:
    """How many of the night there are of each group of an attribute: `group`, `count`.

    Args:
        ids: the night's members or postings.
        attributes: `key` and a column per attribute, as a source gives them.
        key: the id.
        name: of the attribute.
    """
    known = _said(attributes, key, name).where(F.col(GROUP).isNotNull())
    return known.join(ids.select(key), on=key, how="inner").groupBy(GROUP).agg(F.count(F.lit(1)).alias(COUNT))


def grouped(attributes: DataFrame, *, key: str, name: str, groups: Sequence[str]) -> DataFrame:
    """The position of everybody's group among `groups`; who is of none of them is left out."""
    numbers = attributes.sparkSession.createDataFrame(list(enumerate(groups)), f"number int, {GROUP} string")
    said = _said(attributes, key, name)
    return said.join(F.broadcast(numbers), on=GROUP, how="inner").select(key, F.col("number").alias(GROUP))


def lists_of(rows: DataFrame, groups: DataFrame, *, owner: str, listed: str, score: str) -> DataFrame:
    """One row per list, in order of rank: its owner, `ids`, `scores` and `groups`.

    Args:
        rows: `owner`, `listed`, `score` and rank.
        groups: the frame of `grouped` about `listed`.
        owner: column of who has the list.
        listed: column of who or what is on it.
        score: column of what it is ordered by.
    """
    group = F.coalesce(GROUP, F.lit(UNKNOWN))
    entry = F.struct(c.RANK, F.col(listed).alias(_IDS), F.col(score).alias(_SCORES), group.alias(_GROUPS))
    return (
        rows.select(owner, listed, score, c.RANK)
        .join(groups, on=listed, how="left")
        .groupBy(owner)
        .agg(F.array_sort(F.collect_list(entry)).alias("entries"))
        .select(owner, *(F.col(f"entries.{name}").alias(name) for name in (_IDS, _SCORES, _GROUPS)))
    )


def reordered(lists: DataFrame, *, n_groups: int, targets: Array | None, night: Night) -> DataFrame:
    """Rows of POSTING_LISTS: the postings' lists of members in the order of `constrained_order`.

    Args:
        lists: the frame of `lists_of`.
        n_groups: how many groups there are.
        targets: float64 [n_groups], the share of every first k owed to each; None: its share of the list.
        night: for the rows.
    """

    def reorder(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            held = [groups.astype(np.int64) for groups in batch[_GROUPS]]
            orders = [constrained_order(one, _targets(one, n_groups, targets)) for one in held]
            members = [np.asarray(ids)[order] for ids, order in zip(batch[_IDS], orders, strict=True)]
            yield pd.DataFrame({c.POSTING_ID: batch[c.POSTING_ID], _IDS: members})

    schema = f"{c.POSTING_ID} string, {_IDS} array<string>"
    in_order = lists.mapInPandas(reorder, schema=schema).select(c.POSTING_ID, F.posexplode(_IDS))
    return in_order.select(
        F.lit(night.run_date).alias(c.RUN_DATE),
        F.lit(night.run_id).alias(c.RUN_ID),
        c.POSTING_ID,
        (F.col("pos") + 1).alias(c.RANK),
        F.col("col").alias(c.MEMBER_ID),
    ).select(*POSTING_LISTS.columns)


def weighed(lists: DataFrame, *, n_groups: int, targets: Array | None, places: Sequence[int]) -> DataFrame:
    """What reordering does to the lists: rows of `sums`, each `Weighed.flat` of some of them.

    Args:
        lists: the frame of `lists_of`.
        n_groups: how many groups there are.
        targets: as in `reordered`.
        places: the k that are looked at.
    """

    def weigh_all(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            both = zip(batch[_SCORES], (one.astype(np.int64) for one in batch[_GROUPS]), strict=True)
            each = [weigh(said, held, _targets(held, n_groups, targets), places).flat() for said, held in both]
            if each:
                yield pd.DataFrame({SUMS: [np.sum(each, axis=0)]})

    return lists.mapInPandas(weigh_all, schema=f"{SUMS} array<double>")


def _targets(groups: npt.NDArray[np.int64], n_groups: int, given: Array | None) -> Array:
    return shares_of(groups, n_groups) if given is None else given


def _said(attributes: DataFrame, key: str, name: str) -> DataFrame:
    """One row per id, with what is said of its group; a source may say the same of somebody twice."""
    said = F.nullif(F.trim(F.col(name).cast("string")), F.lit(""))
    return attributes.groupBy(trimmed(key).alias(key)).agg(F.min(said).alias(GROUP))
