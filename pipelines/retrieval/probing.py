"""Kernel: the fast search, of queries that look only into clusters that promise something.

Queries of one kind look into their nearest clusters first, until k rows that they may take prove a limit. Then
they look into every other cluster whose centre, raised by `effort` times its spread, reaches that limit. A cluster is
read once for all that look into it, and its rows are multiplied with them as one product.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.candidates import Bools, Candidates, Pairs, Rows, reaching, together
from pipelines.retrieval.precision import Floats, Keys, Precision, padded
from pipelines.retrieval.vectors import ROWS, AnyIndex, Run, multiplied

_DEPTHS = (1, 3, 12, 48)  # how many of the nearest clusters are looked into for a limit, by turns
_TILE_ROWS = 8192
_NEAR_PAIRS = 1 << 23  # of clusters and queries whose nearness is held at once, 4 bytes each
_BATCH = 1 << 18  # pairs that are held against the rules at once

Places = npt.NDArray[np.intp]  # of clusters among those looked into, of queries among all


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
        fresh = np.isfinite(near[cluster, query])
        visits.prove(cluster[fresh], query[fresh])
        near[cluster, query] = -np.inf
    proved = ~candidates.open
    limit = np.where(proved, precision.decode(candidates.limit), np.inf).astype(np.float32)
    near += (effort * spread)[:, None]
    visits.look(*np.nonzero(near >= limit))
    return proved


def probed_together(clusters: int) -> int:
    """How many queries look into so many clusters together, so that what is held of each of their pairs stays bounded.

    >>> probed_together(1_000), probed_together(100_000)
    (8388, 83)
    """
    return max(1, _NEAR_PAIRS // clusters)


def _nearest(near: Floats, count: int) -> Places:
    """The nearest clusters of each query, [count, n], or as many as there are."""
    count = min(count, len(near))
    last = near.argmax(axis=0)[None] if count == 1 else np.argpartition(near, len(near) - count, axis=0)[-count:]
    return cast(Places, last)


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

    def prove(self, cluster: Places, query: Places) -> None:
        """What the queries find in their clusters is a candidate; their limits rise if it is enough."""
        for tile, rows, who in self._tiles(cluster, query):
            self._candidates.add(tile, rows, who)
        self._candidates.prune()

    def look(self, cluster: Places, query: Places) -> None:
        """What reaches its query's limit is a candidate; limits are proved and near, so rules are held in batches."""
        waiting, count = list[Pairs](), 0
        for tile, rows, who in self._tiles(cluster, query):
            waiting.append(reaching(tile, self._candidates.limit[who], rows, who))
            count += len(waiting[-1])
            if count >= _BATCH:
                self._candidates.offer(together(waiting, self._precision))
                waiting, count = [], 0
                if self._candidates.ripe:
                    self._candidates.prune()
        self._candidates.offer(together(waiting, self._precision))

    def _tiles(self, cluster: Places, query: Places) -> Iterator[tuple[Keys, Rows, Rows]]:
        """Products of each cluster with those that look into it, as `Candidates.add` takes them."""
        order = np.argsort(cluster, kind="stable")
        counts = np.bincount(cluster, minlength=len(self._start))
        ends = np.cumsum(counts)
        for one in np.flatnonzero(counts).tolist():
            who, stop = query[order[ends[one] - counts[one] : ends[one]]], int(self._stop[one])
            encoded = self._encoded[who[np.arange(padded(len(who))) % len(who)]]
            for first in range(int(self._start[one]), stop, _TILE_ROWS):
                run = first, min(first + _TILE_ROWS, stop)
                buffer = np.empty((padded(run[1] - first, ROWS), len(encoded)), dtype=self._precision.key)
                tile = multiplied([run], run[1] - first, encoded, self._index, self._precision, buffer)
                yield tile[:, : len(who)], np.arange(*run), who
