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
        self.patience = max(1, queries * k)  # fresh pairs that are worth a `prune`

    @property
    def open(self) -> Bools:
        """Whether no limit is proved yet, for each query."""
        open_: Bools = self.limit == self._open
        return open_

    def add(self, tile: Keys, rows: Rows) -> None:
        """Take what may count from a tile of all queries.

        Args:
            tile: keys of the products of rows and all queries, [n, queries], `lowest` for masked pairs, of which there
                are none unless said; n is a multiple of `STRIP`, and what lies beyond `rows` is ignored.
            rows: int64 [<= n].
        """
        first = bool(self.open.any())
        guess = self.guess(tile) if first else self.limit
        limit = np.maximum(self.limit, self._precision.limits(guess, self._error)) if first else self.limit
        found = self._taken(reaching(tile, limit, rows))
        if first:
            proving = found.query[found.key >= guess[found.query]]
            again = (limit > self.limit) & (np.bincount(proving, minlength=len(limit)) < self._k)
            if again.any():  # the guess was too high for what these queries may take
                found = found.where(~again[found.query])
                none = np.iinfo(self._precision.key).max
                lowered = np.where(again, self.limit, none).astype(self._precision.key)
                self._keep(self._taken(reaching(tile, lowered, rows)))
        self._keep(found)
        if self._fresh >= self.patience or first:
            self.prune()

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

    def guess(self, tile: Keys) -> Keys:
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


def reaching(tile: Keys, limit: Keys, rows: Rows) -> Pairs:
    """Pairs of a tile that reach their query's limit; arguments as of `Candidates.add`."""
    queries = tile.shape[1]
    strips = tile.reshape(-1, STRIP, queries)
    strip, query = np.divmod(np.flatnonzero(np.maximum.reduce(strips, axis=1) >= limit), queries)
    keys = strips[strip, :, query]
    hit, place = np.divmod(np.flatnonzero(keys >= limit[query, None]), STRIP)
    row = strip[hit] * STRIP + place
    pairs = Pairs(query[hit], row, keys[hit, place])
    if len(rows) < len(tile):
        pairs = pairs.where(row < len(rows))
    pairs.row = rows[pairs.row]
    return pairs


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
