"""The prices of postings at which attention is shared, found in rounds over all members' scored matches."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame

from jobs.start import Context, log
from pipelines.evaluation.variety import coverage, gini
from pipelines.ranking.config import ExposureConfig
from pipelines.ranking.exposure import Doubles, Ints, moved
from pipelines.ranking.sharing import LISTS, NUMBER, PRICE, as_rows, counted, numbered, paying


@dataclass(frozen=True)
class Shared:
    """What postings cost and which part of it members pay; frames that are small beside the matches."""

    priced: DataFrame  # posting_id, price
    paid: DataFrame  # member_id, paid


@contextmanager
def shared(run: Context, scored: DataFrame, k: int) -> Iterator[Shared | None]:
    """The prices after the configured rounds; None where attention is not shared, or there is nothing to share.

    What they are computed from is held for the time of the block.

    Args:
        scored: columns member_id, posting_id, score.
        k: length of a list.
    """
    config = run.config.ranking.exposure
    if not config.enabled:
        yield None
        return
    numbers = numbered(scored).persist(StorageLevel.MEMORY_AND_DISK)
    rows = as_rows(scored, numbers).persist(StorageLevel.MEMORY_AND_DISK)
    try:
        postings = numbers.count()
        yield found(run, rows, numbers, postings, config, k) if postings else None
    finally:
        rows.unpersist()
        numbers.unpersist()


def found(run: Context, rows: DataFrame, numbers: DataFrame, postings: int, config: ExposureConfig, k: int) -> Shared:
    """The prices after the configured rounds."""
    prices = np.zeros(postings)
    before = lists = lists_at(rows, prices, config, k)
    for turn in range(config.rounds):
        prices = moved(prices, lists, config.strength, turn)
        lists = lists_at(rows, prices, config, k)
    log.info("rank: attention shared: %s before, %s after", spread(before), spread(lists))
    priced = run.spark.createDataFrame(list(enumerate(prices.tolist())), f"{NUMBER} long, {PRICE} double")
    paid = paying(rows, prices, k=k, max_loss=config.max_loss)
    return Shared(numbers.join(priced, on=NUMBER, how="inner").drop(NUMBER), paid)


def lists_at(rows: DataFrame, prices: Doubles, config: ExposureConfig, k: int) -> Ints:
    """On how many lists each posting is at these prices, [n_postings]."""
    lists = np.zeros(len(prices), dtype=np.int64)
    for row in counted(rows, prices, k=k, max_loss=config.max_loss).collect():
        lists[row[NUMBER]] = row[LISTS]
    return lists


def spread(lists: Ints) -> str:
    """Gini and coverage, in words."""
    exposures, numbers = np.unique(lists, return_counts=True)
    return f"Gini {gini(exposures, numbers):.3f}, {coverage(exposures, numbers):.1%} on some list"
