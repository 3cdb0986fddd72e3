"""Stage: members' gathered matches become lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]
from pyspark.sql.pandas.types import from_arrow_type

from pipelines.night import Night
from pipelines.ranking.config import RankingConfig
from pipelines.ranking.exposure import Prices, worth
from pipelines.ranking.gathered import MATCHES, Gathered, told
from pipelines.ranking.lists import NOTHING, Cap, Doubles, Floats, Ints, Lists, Lots, Variety, choose, ranked, with_lots
from pipelines.retrieval.cache import on_this_host
from pipelines.retrieval.shards import open_index
from schemas import columns as c

_BLOCK: Final = 512  # members: their matches' vectors are held at once, 100 KiB each at 100 matches
_PLACED: Final = pa.struct(
    [("match", pa.int32()), (c.RANK, pa.int32()), (c.BY_LOT, pa.bool_()), (c.PROPENSITY, pa.float64())]
)


@dataclass(frozen=True)
class Vectors:
    """Where workers find the vectors of postings.

    Args:
        index: folder of a finished index.
        cache: folder on the disk of a host, see `retrieval.cache_folder`.
        student_id: whose vectors they are.
    """

    index: Path
    cache: str
    student_id: str

    def of(self, postings: Ints) -> Floats:
        """Unit vectors by key, float32 [..., d]; zeros for what the index does not hold."""
        index = open_index(on_this_host(self.index, self.cache), self.student_id)
        rows = index.rows_of(postings.ravel())
        vectors = np.where((rows >= 0)[:, None], index.vectors(np.maximum(rows, 0)), np.float32(0))
        return vectors.reshape(*postings.shape, -1)


@dataclass(frozen=True)
class Listing:
    """How lists are made.

    Args:
        config: of lists.
        prices: of postings; None: they have none.
        vectors: by which a list is made varied; None: it is not.
    """

    config: RankingConfig
    prices: Prices | None = None
    vectors: Vectors | None = None

    def of(self, matches: Gathered, seeds: Ints) -> Lists:
        """The lists of some members, whose places are drawn by their seeds, [n_members]."""
        config, k = self.config, self.config.recommendations_per_member
        lots = Lots(config.exploration.share, config.exploration.first_rank)
        caps = [Cap(matches.companies, config.per_company), Cap(matches.clusters, config.per_cluster)]
        chosen = choose(
            np.where(matches.beyond, matches.standing, self._worth(matches)),
            matches.beyond,
            caps,
            k + (config.exploration.candidates if lots.share else 0),
            self._variety(matches),
        )
        others = np.where(chosen.tier == 0, chosen.match, NOTHING)[:, k:]
        return with_lots(ranked(chosen, matches.standing, k), others, seeds, matches.postings, lots)

    def _worth(self, matches: Gathered) -> Doubles:
        if self.prices is None:
            return matches.within
        of_match = self.prices.prices[self.prices.places(matches.postings)]
        k, max_loss = self.config.recommendations_per_member, self.config.exposure.max_loss
        return worth(matches.within, of_match, k, max_loss)

    def _variety(self, matches: Gathered) -> Variety | None:
        if self.vectors is None:
            return None
        found = self.vectors.of(matches.postings)
        return Variety(found @ found.transpose(0, 2, 1), self.config.diversity)


def make_lists(gathered: DataFrame, listing: Listing, night: Night, *, owner: str = c.MEMBER_ID) -> DataFrame:
    """At most `recommendations_per_member` rows of each owner, ranked from 1 without gaps, in `matches`' columns.

    Besides them: `rank`, `by_lot` and `propensity`.

    Args:
        gathered: see `gathered.gather`.
        listing: how.
        night: places are drawn for anew on each date.
        owner: id of whose lists they are.
    """

    def place(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        for batch in batches:
            parts = (batch.slice(start, _BLOCK) for start in range(0, len(batch), _BLOCK))
            yield pa.concat_arrays([_rows(listing.of(Gathered.of(part.field(0)), _seeds(part))) for part in parts])

    seed = F.xxhash64(F.lit(listing.config.exploration.seed), F.lit(night.run_date), owner)
    kind = from_arrow_type(pa.list_(_PLACED))
    placed = arrow_udf(place, kind)(F.struct(told().alias(MATCHES), seed.alias("seed")))
    shown = (c.RANK, c.BY_LOT, c.PROPENSITY)

    rows = F.transform(
        "rows", lambda row: F.struct(F.get(MATCHES, row["match"]).alias("match"), *(row[name] for name in shown))
    )
    return (
        gathered.select(owner, MATCHES, placed.alias("rows"))
        .select(owner, F.inline(rows).alias("match", *shown))
        .select(owner, "match.*", *shown)
    )


def _seeds(part: pa.StructArray) -> Ints:
    seeds: Ints = part.field(1).to_numpy()
    return seeds


def _rows(lists: Lists) -> pa.ListArray:
    """A list of `_PLACED` for each member."""
    there = lists.match != NOTHING
    ranks = np.broadcast_to(np.arange(1, there.shape[1] + 1), there.shape)
    columns = [column[there] for column in (lists.match, ranks, lists.by_lot, lists.propensity)]
    certain = [None, None, None, columns[-1] == 1]  # is null
    values = [pa.array(*one) for one in zip(columns, [field.type for field in _PLACED], certain, strict=True)]
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(values, fields=list(_PLACED))
    )
