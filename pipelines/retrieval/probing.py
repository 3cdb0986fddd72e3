"""Kernel: the fast search, of queries that look only into clusters that promise something.

Queries of one kind look into their nearest clusters first, until k rows that they may take prove a limit. Then
they look into every other cluster whose centre, raised by `effort` times its spread, reaches that limit. A cluster is
read once for all that look into it, and its rows are multiplied with them as one product.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.candidates import STRIP, Bools, Candidates, Pairs, Rows, reaching, together
from pipelines.retrieval.precision import Floats, Keys, Precision
from pipelines.retrieval.vectors import AnyIndex, Run

_DEPTHS = (1, 3, 12, 48)  # how many of the nearest clusters are looked into for a limit, by turns
_TILE_ROWS = 8192


def probe(
    candidates: Candidates,
    queries: Floats,
    index: AnyIndex,
    runs: Sequence[Run],
    *,
    effort: float,
    precision: Precision,
) -> Bools:
    """Whether each query found k rows near; those that did not must be searched for otherwise.

    Args:
        candidates: of the queries; takes what is found.
        queries: the queries' vectors, [n, d].
        runs: rows that all of them may take, as far as cells say.
        effort: spreads by which a cluster's rows are expected to surpass its centre; more finds and costs more.
    """
    start, stop, near, spread = _clusters(index, runs, queries)
    visits = _Visits(candidates, precision.encode(queries), index, precision, start, stop)
    for count in _DEPTHS:
        open_ = np.flatnonzero(candidates.open)
        if not len(open_):
            break
        cluster = _nearest(near if len(open_) == len(queries) else near[:, open_], count)
        query = np.broadcast_to(open_, cluster.shape)
        near[cluster, query] = -np.inf
        visits.make(cluster.ravel(), query.ravel(), proving=True)
    proved = ~candidates.open
    limit = np.where(proved, precision.decode(candidates.limit), np.inf).astype(np.float32)
    near += (effort * spread)[:, None]
    visits.make(*np.nonzero(near >= limit), proving=False)
    return proved


def _nearest(near: Floats, count: int) -> npt.NDArray[np.intp]:
    """The nearest clusters of each query, [count, n], or as many as there are."""
    count = min(count, len(near))
    last = near.argmax(axis=0)[None] if count == 1 else np.argpartition(near, len(near) - count, axis=0)[-count:]
    return cast(npt.NDArray[np.intp], last)


def _clusters(index: AnyIndex, runs: Sequence[Run], queries: Floats) -> tuple[Rows, Rows, Floats, Floats]:
    """Bounds of the clusters inside the runs, their nearness to each query [n_clusters, n], and their spreads."""
    stop = index.clusters.stop
    first = np.searchsorted(stop, [run[0] for run in runs], "right")
    after = np.searchsorted(stop, [run[1] for run in runs], "left") + 1
    chosen = np.concatenate([np.arange(*one) for one in zip(first, after, strict=True)])
    start = np.concatenate([[0], stop[:-1]])
    near = index.clusters.centre[chosen] @ queries.T
    return start[chosen], stop[chosen], near, index.clusters.spread[chosen].astype(np.float32)


class _Visits:
    """Queries looking into clusters."""

    def __init__(
        self, candidates: Candidates, encoded: Keys, index: AnyIndex, precision: Precision, start: Rows, stop: Rows
    ) -> None:
        self._candidates, self._encoded, self._index, self._precision = candidates, encoded, index, precision
        self._start, self._stop = start, stop
        self._patience = 2 * candidates.patience

    def make(self, cluster: npt.NDArray[np.intp], query: npt.NDArray[np.intp], *, proving: bool) -> None:
        """What the queries find in their clusters is offered; with `proving`, no more of a tile than proves a limit."""
        waiting, count = list[Pairs](), 0
        for rows, who in self._tiles(cluster, query):
            waiting.append(self._reaching(rows, who, proving=proving))
            count += len(waiting[-1])
            if count > self._patience:
                self._offer(waiting)
                waiting, count = [], 0
        self._offer(waiting)

    def _tiles(self, cluster: npt.NDArray[np.intp], query: npt.NDArray[np.intp]) -> Iterator[tuple[Run, Rows]]:
        order = np.argsort(cluster, kind="stable")
        counts = np.bincount(cluster, minlength=len(self._start))
        ends = np.cumsum(counts)
        for one in np.flatnonzero(counts).tolist():
            who = query[order[ends[one] - counts[one] : ends[one]]]
            stop = int(self._stop[one])
            for first in range(int(self._start[one]), stop, _TILE_ROWS):
                yield (first, min(first + _TILE_ROWS, stop)), who

    def _reaching(self, run: Run, who: Rows, *, proving: bool) -> Pairs:
        count = run[1] - run[0]
        tile = np.empty((-(-count // STRIP) * STRIP, len(who)), dtype=self._precision.key)
        tile[count:] = self._precision.lowest
        self._precision.products(self._index.rough([run], self._precision), self._encoded[who], tile[:count])
        limit = self._candidates.limit[who]
        if proving:
            limit = np.maximum(limit, self._candidates.guess(tile))
        pairs = reaching(tile, limit, np.arange(*run))
        pairs.query = who[pairs.query]
        return pairs

    def _offer(self, waiting: Sequence[Pairs]) -> None:
        self._candidates.offer(together(waiting, self._precision))
        self._candidates.prune()
