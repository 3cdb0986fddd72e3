"""Stage: each member's scored matches as one row, by which prices go round and lists are chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.ranking.fatigue import STANDING
from schemas import columns as c

MATCHES: Final = "matches"
GOOD: Final = "good"
KEY, WITHIN, BEYOND, COMPANY, CLUSTER = "key", "within", "beyond", "company", "cluster"

_FILLS: Final = {KEY: 0, STANDING: -np.inf, WITHIN: -np.inf, BEYOND: False, COMPANY: 0, CLUSTER: 0}

Bools = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def gather(scored: DataFrame, *, min_score: float, owner: str = c.MEMBER_ID, listed: str = c.POSTING_ID) -> DataFrame:
    """A row (owner, matches) for each member, or posting, with a match that is good enough.

    `matches` is an array of structs of all other columns, in the order of `listed`, and of what workers are told.

    Args:
        scored: see `stage.score_matches`.
        min_score: nothing below it is good enough.
        owner: id of whose lists are made.
        listed: id of what is on them.
    """
    good = scored.where(F.col(c.SCORE) >= min_score).withColumns(
        {
            KEY: F.xxhash64(listed),
            BEYOND: F.col(c.RELAXATION).isNotNull(),
            WITHIN: F.when(F.col(c.RELAXATION).isNull(), F.col(STANDING)).otherwise(F.lit(float("-inf"))),
            COMPANY: _kind(F.col(c.COMPANY_KEY)),
            CLUSTER: _kind(F.col(c.CLUSTER_ID)),
        }
    )
    others = [name for name in good.columns if name not in (owner, listed)]
    match = F.struct(listed, *others)
    return good.groupBy(owner).agg(F.sort_array(F.collect_list(match)).alias(MATCHES))


def good_matches(gathered: DataFrame) -> DataFrame:
    """Each member's number of matches that are good enough, under `GOOD`."""
    return gathered.select(c.MEMBER_ID, F.size(MATCHES).alias(GOOD))


def told(*names: str) -> Column:
    """What workers are told of `matches`: a struct of arrays, see `Gathered`; all of them, or those named."""
    return F.struct(*(F.col(MATCHES)[name].alias(name) for name in names or _FILLS))


def tables(rows: pa.StructArray, *names: str) -> Iterator[npt.NDArray[Any]]:
    """What `told` has told, as [n_members, width], in the order of the names."""
    lengths = rows.field(names[0]).value_lengths().to_numpy().astype(np.int64)
    for name in names:
        flat = rows.field(name).flatten().to_numpy(zero_copy_only=False)
        yield side_by_side(lengths, flat, _FILLS[name])


@dataclass(frozen=True)
class Gathered:
    """The matches of some members side by side, those of a member by posting_id; of postings, the other way round.

    Args:
        postings: keys, [n_members, width]; 0 where a member has fewer.
        standing: [n_members, width]; -inf where a member has fewer.
        within: the standing of what lies within the wishes, -inf else; [n_members, width].
        beyond: whether a match lies beyond a wish, [n_members, width].
        companies: 0: unknown, [n_members, width].
        clusters: 0: unknown, [n_members, width].
    """

    postings: Ints
    standing: Doubles
    within: Doubles
    beyond: Bools
    companies: Ints
    clusters: Ints

    @classmethod
    def of(cls, rows: pa.StructArray) -> "Gathered":
        """What `told` has told."""
        return cls(*tables(rows, *_FILLS))


def side_by_side(lengths: Ints, values: npt.NDArray[Any], fill: float) -> npt.NDArray[Any]:
    """Values given one member after the other as [n_members, width], `fill` where a member has fewer.

    >>> side_by_side(np.array([2, 0, 1]), np.array([5, 6, 7]), 0).tolist()
    [[5, 6], [0, 0], [7, 0]]
    """
    member = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    table = np.full((len(lengths), int(lengths.max(initial=1))), fill, dtype=values.dtype)
    table[member, place] = values
    return table


def _kind(key: Column) -> Column:
    return F.when(key.isNull(), F.lit(0).cast("long")).otherwise(F.xxhash64(key))
