"""Stage: members' scored matches as short rows that stay where they are, while prices go round."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ranking.exposure import Doubles, Ints, Matched, lists_of_postings, parts_paid, side_by_side
from pipelines.ranking.fatigue import STANDING
from schemas import columns as c
from schemas.table import columns_of

ORDER: Final = "order"
NUMBER, PAID, PRICE, LISTS = "number", "paid", "price", "lists"
_COUNTED = columns_of(**{NUMBER: T.LongType(), LISTS: T.LongType()})
_PAYING = columns_of(**{c.MEMBER_ID: T.StringType(), PAID: T.DoubleType()})


def numbered(scored: DataFrame) -> DataFrame:
    """A row (posting_id, number) for each posting that anybody may take, numbered from 0 in the order of ids."""
    ids = scored.select(c.POSTING_ID).distinct()
    return ids.withColumn(NUMBER, (F.row_number().over(Window.orderBy(c.POSTING_ID)) - 1).cast("long"))


def as_rows(scored: DataFrame, numbers: DataFrame) -> DataFrame:
    """A row (member_id, postings, scores) for each member, both arrays by rising number of the posting."""
    pairs = scored.select(c.MEMBER_ID, c.POSTING_ID, STANDING).join(numbers, on=c.POSTING_ID, how="inner")
    sorted_pairs = F.array_sort(F.collect_list(F.struct(NUMBER, STANDING)))
    return (
        pairs.groupBy(c.MEMBER_ID)
        .agg(sorted_pairs.alias("pairs"))
        .select(
            c.MEMBER_ID,
            F.transform("pairs", lambda pair: pair[NUMBER]).alias("postings"),
            F.transform("pairs", lambda pair: pair[STANDING]).alias("scores"),
        )
    )


def counted(rows: DataFrame, prices: Doubles, *, k: int, max_loss: float) -> DataFrame:
    """Rows (number, lists): on how many lists each posting is at these prices; those on none are left out."""

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        lists = np.zeros(len(prices), dtype=np.int64)
        for batch in batches:
            matched = _matched(batch, len(prices))
            lists += lists_of_postings(matched, prices, parts_paid(matched, prices, k, max_loss), k)
        held = np.flatnonzero(lists)
        yield pa.record_batch([pa.array(held), pa.array(lists[held])], names=[NUMBER, LISTS])

    parts = rows.mapInArrow(count, schema=_COUNTED)
    return parts.groupBy(NUMBER).agg(F.sum(LISTS).alias(LISTS))


def paying(rows: DataFrame, prices: Doubles, *, k: int, max_loss: float) -> DataFrame:
    """Rows (member_id, paid): the part of the prices at which each member chooses."""

    def pay(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            paid = parts_paid(_matched(batch, len(prices)), prices, k, max_loss)
            yield pa.record_batch([batch.column(c.MEMBER_ID), pa.array(paid)], names=[c.MEMBER_ID, PAID])

    return rows.mapInArrow(pay, schema=_PAYING)


def with_order(scored: DataFrame, priced: DataFrame | None, paid: DataFrame | None) -> DataFrame:
    """The scored matches with `order`, by which lists are cut: the standing less what the member pays.

    Args:
        scored: columns member_id, posting_id, standing and any others.
        priced: columns posting_id and price; None: nothing has a price.
        paid: columns member_id and paid.
    """
    if priced is None or paid is None:
        return scored.withColumn(ORDER, F.col(STANDING))
    order = F.col(STANDING) - F.coalesce(PAID, F.lit(0.0)) * F.coalesce(PRICE, F.lit(0.0))
    together = scored.join(priced, on=c.POSTING_ID, how="left").join(paid, on=c.MEMBER_ID, how="left")
    return together.withColumn(ORDER, order).drop(PRICE, PAID)


def _matched(batch: pa.RecordBatch, postings: int) -> Matched:
    lists: pa.ListArray = batch.column("postings")
    lengths: Ints = np.diff(lists.offsets.to_numpy()).astype(np.int64)
    scores = batch.column("scores").flatten().to_numpy(zero_copy_only=False)
    return side_by_side(lengths, lists.flatten().to_numpy(zero_copy_only=False), scores, postings)
