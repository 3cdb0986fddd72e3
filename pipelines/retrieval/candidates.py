"""Kernel: the running best of a group of queries, from all pairs of a tile down to k with their exact similarity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.precision import Doubles, Keys, Precision

Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Allowed = Callable[[Rows, Rows], Bools]  # of pairs (query, row), both [n]

STRIP = 16  # rows of a tile whose maximum is compared first: most strips hold nothing


@dataclass
class Pairs:
    """Pairs of query and row, with the key of their product."""

    query: Rows
    row: Rows
    key: Keys

    def __len__(self) -> int:
        return len(self.query)

    def where(self, kept: Bools | Rows) -> "Pairs":
        """Those at a mask or at positions."""
        at = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        return Pairs(self.query.take(at), self.row.take(at), self.key.take(at))


def together(parts: Sequence[Pairs], precision: Precision) -> Pairs:
    """All pairs of the parts."""
    if not parts:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, precision.key))
    return Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("query", "row", "key")))


class Candidates:
    """Pairs that may be among the `k` best of their query; a limit per query rises as better ones come.

    A limit is always proved: by k pairs that the query may take. So no pair is lost, and nothing is searched twice.
    """

    def __init__(
        self, queries: int, k: int, precision: Precision, error: Doubles, allowed: Allowed, masked: bool
    ) -> None:
        self._open = precision.lowest + masked  # what every product reaches, and a masked pair does not
        self.limit: Keys = np.full(queries, self._open, dtype=precision.key)
        self._k, self._precision, self._error, self._allowed = k, precision, error, allowed
        self._kept: list[Pairs] = []
        self._fresh = 0
        self._patience = max(1, queries * k)  # fresh pairs that are worth a `prune`

    @property
    def open(self) -> Bools:
        """Whether no limit is proved yet, for each query."""
        open_: Bools = self.limit == self._open
        return open_

    @property
    def ripe(self) -> bool:
        """Whether `prune` would pay: some query has no limit yet, or many pairs are fresh."""
        return self._fresh >= self._patience or bool(self.open.any())

    def add(self, tile: Keys, rows: Rows, who: Rows) -> None:
        """Take what may count from a tile; a query that has no limit yet gives no more than what proves one.

        Args:
            tile: keys of the products of rows and queries, [n, m], `lowest` for masked pairs, of which there are none
                unless said; n is a multiple of `STRIP`, and what lies beyond `rows` is ignored.
            rows: int64 [<= n].
            who: the queries, [m].
        """
        limit = self.limit[who]
        if (limit == self._open).any():
            self._prove(tile, rows, who, limit)
        else:
            self._keep(self._taken(reaching(tile, limit, rows, who)))

    def offer(self, pairs: Pairs) -> None:
        """Take those of the pairs that their query may take; limits rise with the next `prune`."""
        self._keep(self._taken(pairs))

    def prune(self) -> Pairs:
        """The pairs that may still count, by query, best product first; limits are as high as they prove."""
        pairs = together(self._kept, self._precision)
        keys = np.iinfo(self._precision.key)
        pairs = pairs.where(by_query(pairs.query, keys.max - pairs.key.astype(np.int64), keys.bits))
        counts = np.bincount(pairs.query, minlength=len(self.limit))
        starts = np.cumsum(counts) - counts
        full = np.flatnonzero(counts >= self._k)
        kth = pairs.key[starts[full] + self._k - 1]
        self.limit[full] = np.maximum(self.limit[full], self._precision.limits(kth, self._error[full]))
        pairs = pairs.where(pairs.key >= self.limit[pairs.query])
        self._kept, self._fresh = [pairs], 0
        return pairs

    def _prove(self, tile: Keys, rows: Rows, who: Rows, limit: Keys) -> None:
        """As `add`, where some have no limit: pairs that reach a guess are enough, if k of them may be taken."""
        none = np.iinfo(self._precision.key).max
        guess = np.where(limit == self._open, self._guess(tile), none).astype(self._precision.key)
        raised = np.where(guess < none, self._precision.limits(guess, self._error[who]), limit)
        found = self._taken(reaching(tile, np.maximum(limit, raised), rows, who))
        place = np.empty(len(self.limit), dtype=np.int64)
        place[who] = np.arange(len(who))
        proving = place[found.query[found.key >= guess[place[found.query]]]]
        again = (raised > limit) & (np.bincount(proving, minlength=len(who)) < self._k)
        if again.any():  # the guess was too high for what these queries may take
            found = found.where(~again[place[found.query]])
            lowered = np.where(again, limit, none).astype(self._precision.key)
            self._keep(self._taken(reaching(tile, lowered, rows, who)))
        self._keep(found)

    def _guess(self, tile: Keys) -> Keys:
        """A key that twice k rows of the tile reach for each query, before rules; the lowest in a small tile."""
        wanted = 2 * self._k
        if len(tile) <= 2 * wanted:
            return np.full(tile.shape[1], self._open, dtype=self._precision.key)
        columns = tile.T.copy()
        columns.partition(len(tile) - wanted, axis=1)
        guess = columns[:, len(tile) - wanted]
        return np.where(guess > 0, guess, self._open).astype(self._precision.key)  # negatives have no order

    def _taken(self, pairs: Pairs) -> Pairs:
        allowed = self._allowed(pairs.query, pairs.row)
        return pairs if allowed.all() else pairs.where(allowed)

    def _keep(self, pairs: Pairs) -> None:
        self._kept.append(pairs)
        self._fresh += len(pairs)


def reaching(tile: Keys, limit: Keys, rows: Rows, who: Rows) -> Pairs:
    """Pairs of a tile that reach their query's limit, [m]; other arguments as of `Candidates.add`."""
    queries = tile.shape[1]
    strips = tile.reshape(-1, STRIP, queries)
    strip, query = np.divmod(np.flatnonzero(np.maximum.reduce(strips, axis=1) >= limit), queries)
    keys = strips[strip, :, query]
    hit, place = np.divmod(np.flatnonzero(keys >= limit[query, None]), STRIP)
    row = strip[hit] * STRIP + place
    pairs = Pairs(query[hit], row, keys[hit, place])
    if len(rows) < len(tile):
        pairs = pairs.where(row < len(rows))
    return Pairs(who[pairs.query], rows[pairs.row], pairs.key)


def by_query(query: Rows, value: Rows, bits: int) -> Rows:
    """Positions in the order of query, then value, then position.

    Sorting numbers is several times faster than sorting positions by them, so the position is part of the number.

    >>> by_query(np.array([1, 0, 0]), np.array([5, 9, 2]), bits=4).tolist()
    [2, 1, 0]

    Args:
        query: int64 [n], from 0.
        value: int64 [n], from 0, less than 2 ** bits.
    """
    place = max(len(query) - 1, 1).bit_length()
    if len(query) and int(query.max()).bit_length() + bits + place > 63:
        return np.lexsort((value, query))
    packed = (query << (bits + place)) | (value << place) | np.arange(len(query))
    packed.sort()
    return packed & ((1 << place) - 1)
