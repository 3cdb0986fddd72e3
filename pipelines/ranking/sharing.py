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
MEMBERS, PLACES, SCORES = "members", "places", "scores"
_TOLD: Final = "told"
_COUNTED = columns_of(**{PLACE: T.LongType(), LISTS: T.LongType()})
_PACKED = columns_of(**{MEMBERS: T.LongType(), PLACES: T.BinaryType(), SCORES: T.BinaryType()})


def matched_postings(gathered: DataFrame) -> Ints:
    """The keys of the postings that anybody may take within the wishes, each once."""
    matches = F.arrays_zip(*(F.col(MATCHES)[name].alias(name) for name in (KEY, WITHIN)))
    each = gathered.select(F.inline(matches))
    keys = each.where(F.col(WITHIN) > float("-inf")).select(KEY).distinct().toArrow()
    found: Ints = keys.column(KEY).to_numpy()
    return found


def packed(gathered: DataFrame, postings: Ints) -> DataFrame:
    """All that prices meet, thousands of members a row, as bytes: Spark hands those on without looking at them.

    A row is `members`, how many, and side by side (`width` is the most matches that one of them has): `places`, int32
    [members, width], where their postings stand in `postings`; and `scores`, float64 [members, width].

    Args:
        gathered: see `gathered.gather`.
        postings: keys, rising.
    """

    def pack(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        none = Prices.none(postings)
        for batch in batches:
            keys, scores = tables(batch.column(_TOLD), KEY, WITHIN)
            places = none.places(keys).astype(np.int32)
            row = [[len(keys)], [places.tobytes()], [scores.tobytes()]]
            yield pa.record_batch(row, names=_PACKED.names)

    return gathered.select(told(KEY, WITHIN).alias(_TOLD)).mapInArrow(pack, schema=_PACKED)


def lists_at(matches: DataFrame, prices: Prices, *, k: int, max_loss: float) -> Ints:
    """On how many lists each posting is at these prices, [n_postings]; caps and variety are left out of account.

    Args:
        matches: see `packed`.
        prices: of its postings.
        k: length of a list.
        max_loss: see `exposure.worth`.
    """
    of_posting = prices.prices

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        lists = np.zeros(len(of_posting), dtype=np.int64)
        for batch in batches:
            for members, *held in zip(*(batch.column(name) for name in _PACKED.names), strict=True):
                places, scores = (
                    np.frombuffer(table.as_buffer(), kind).reshape(members.as_py(), -1)
                    for table, kind in zip(held, (np.int32, np.float64), strict=True)
                )
                chosen = first(worth(scores, of_posting[places], k, max_loss), k)
                lists += np.bincount(places[chosen], minlength=len(lists))
        taken = np.flatnonzero(lists)
        yield pa.record_batch([pa.array(taken), pa.array(lists[taken])], names=[PLACE, LISTS])

    counted = matches.mapInArrow(count, schema=_COUNTED).groupBy(PLACE).agg(F.sum(LISTS).alias(LISTS)).toArrow()
    lists = np.zeros(len(of_posting), dtype=np.int64)
    lists[counted.column(PLACE).to_numpy()] = counted.column(LISTS).to_numpy()
    return lists
