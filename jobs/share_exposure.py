"""The prices of postings at which attention is shared, found in rounds over all members' gathered matches."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame

from jobs.start import log
from pipelines.evaluation.variety import coverage, gini
from pipelines.ranking.config import ExposureConfig
from pipelines.ranking.exposure import Ints, Prices, moved
from pipelines.ranking.sharing import lists_at, matched_postings, packed


def shared_prices(gathered: DataFrame, config: ExposureConfig, k: int) -> Prices | None:
    """The prices after the configured rounds; None where nobody may take anything within the wishes.

    Args:
        gathered: see `gathered.gather`; read twice.
        config: of the prices.
        k: length of a list.
    """
    prices = Prices.none(matched_postings(gathered))
    if not len(prices.postings):
        return None
    with held_while(packed(gathered, prices.postings)) as matches:
        before = lists = lists_at(matches, prices, k=k, max_loss=config.max_loss)
        for turn in range(config.rounds):
            prices = Prices(prices.postings, moved(prices.prices, lists, turn, config))
            lists = lists_at(matches, prices, k=k, max_loss=config.max_loss)
    log.info("rank: attention shared: %s before, %s after", spread(before), spread(lists))
    return prices


def spread(lists: Ints) -> str:
    """Gini and coverage, in words."""
    exposures, numbers = np.unique(lists, return_counts=True)
    return f"Gini {gini(exposures, numbers):.3f}, {coverage(exposures, numbers):.1%} on some list"


@contextmanager
def held_while(frame: DataFrame, held: bool = True) -> Iterator[DataFrame]:
    """The frame is kept for the time of the block, as it is read more than once."""
    if held:
        frame.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield frame
    finally:
        frame.unpersist()
