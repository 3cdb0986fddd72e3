"""Stage: members' gathered matches stay where they are, while the prices of postings go round."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ranking.exposure import Ints, Prices, first, worth
from pipelines.ranking.gathered import KEY, MATCHES, WITHIN, tables, told
from schemas.table import columns_of

PLACE, LISTS = "place", "lists"
_TOLD: Final = "told"
_COUNTED = columns_of(**{PLACE: T.LongType(), LISTS: T.LongType()})


def matched_postings(gathered: DataFrame) -> Ints:
    """The keys of the postings that anybody may take within the wishes, each once."""
    matches = F.arrays_zip(*(F.col(MATCHES)[name].alias(name) for name in (KEY, WITHIN)))
    each = gathered.select(F.inline(matches))
    keys = each.where(F.col(WITHIN) > float("-inf")).select(KEY).distinct().toArrow()
    found: Ints = keys.column(KEY).to_numpy()
    return found


def lists_at(gathered: DataFrame, prices: Prices, *, k: int, max_loss: float) -> Ints:
    """On how many lists each posting is at these prices, [n_postings]; caps and variety are left out of account.

    Args:
        gathered: see `gathered.gather`.
        prices: of all postings in it.
        k: length of a list.
        max_loss: see `exposure.worth`.
    """

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        lists = np.zeros(len(prices.postings), dtype=np.int64)
        for batch in batches:
            keys, scores = tables(batch.column(_TOLD), KEY, WITHIN)
            places = prices.places(keys)
            chosen = first(worth(scores, prices.prices[places], k, max_loss), k)
            lists += np.bincount(places[chosen], minlength=len(lists))
        held = np.flatnonzero(lists)
        yield pa.record_batch([pa.array(held), pa.array(lists[held])], names=[PLACE, LISTS])

    parts = gathered.select(told(KEY, WITHIN).alias(_TOLD)).mapInArrow(count, schema=_COUNTED)
    counted = parts.groupBy(PLACE).agg(F.sum(LISTS).alias(LISTS)).toArrow()
    lists = np.zeros(len(prices.postings), dtype=np.int64)
    lists[counted.column(PLACE).to_numpy()] = counted.column(LISTS).to_numpy()
    return lists
