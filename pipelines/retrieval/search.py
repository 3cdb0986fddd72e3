"""Kernel: exact top k among the eligible rows of an index, independent of how rows lie in shards and blocks.

A first pass multiplies in low precision and keeps every pair that rounding may have kept out of the k best; those are
scored again in float64 and rounded. Rules between kinds of queries and cells of rows choose the rows to multiply, rules
between one query and one row are held against each pair before it counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipelines.retrieval.candidates import Allowed, Bools, Candidates, Pairs, Rows, by_query
from pipelines.retrieval.groups import Group, plan_groups, split, tile_rows, tiles
from pipelines.retrieval.precision import DECIMALS, Doubles, Floats, Precision, bounds, exact_similarity, padded
from pipelines.retrieval.probing import probe, probed_together
from pipelines.retrieval.vectors import AnyIndex, multiplied
from schemas.errors import ArtifactError


@dataclass(frozen=True)
class Queries:
    """Those who search together, and what each may find; which side they and the index are is nothing to the search."""

    vectors: Floats  # [n, d], unit
    kind: Rows  # of each query, a row of `eligible`
    eligible: Bools  # which cells of the index each kind may take, as far as cells say; [n_kinds, n_cells]
    allowed: Allowed  # of pairs (query, row of the index) in such cells, as far as rules between one and one say
    efforts: Mapping[int, float]  # of kinds that are searched fast, see `search`


@dataclass(frozen=True)
class Found:
    """Pairs, by query, best first."""

    query: Rows
    row: Rows  # of the index
    similarity: Doubles

    def where(self, kept: Bools) -> "Found":
        """Those at a mask."""
        return Found(self.query[kept], self.row[kept], self.similarity[kept])


def search(queries: Queries, index: AnyIndex, *, k: int, precision: Precision) -> list[Found]:
    """Top `k` eligible rows of each query, a part per group of queries; equal scores by the rows' ids.

    Args:
        queries: who searches, see `directions`. Kinds with an effort are searched fast, which misses some rows, see
            `probe`; no query of them gets fewer rows for that.
        index: where to search.
        k: most rows per query.
        precision: of the first pass; what is found does not depend on it.

    Raises:
        ArtifactError: the index has another dimension than the queries' vectors.
        ValueError: products lie outside their error bound: this processor does not multiply as it says.
    """
    if index.dimension != queries.vectors.shape[1]:
        raise ArtifactError(
            f"the index has dimension {index.dimension}, the vectors to search for {queries.vectors.shape[1]}"
        )
    fast = np.array([kind in queries.efforts for kind in range(len(queries.eligible))])
    asked = _Asked(queries, index, k, precision)
    found = list[Found]()
    for group in plan_groups(queries.kind, queries.eligible, index.cell_stop, fast):
        effort = queries.efforts.get(int(group.kind[0]))
        if effort is None:
            found.append(_scan(asked, group))
        else:
            for part in split(group, probed_together(len(index.clusters.stop))):
                found += _probe(asked, part, effort)
    return found


@dataclass(frozen=True)
class _Asked:
    """What `search` was asked."""

    queries: Queries
    index: AnyIndex
    k: int
    precision: Precision

    def vectors(self, group: Group) -> Floats:
        """Those of the group's queries."""
        return self.queries.vectors[group.queries]

    def error(self, group: Group) -> Doubles:
        """Bound on the error of each query's products."""
        vectors, exact = self.vectors(group), self.precision.name == "float32"
        query = np.linalg.norm(vectors.astype(np.float64), axis=1)
        query_loss = np.zeros(len(query)) if exact else self.precision.loss(vectors)
        row_loss = 0.0 if exact else self.index.loss
        return bounds(
            self.index.dimension, query=query, query_loss=query_loss, row=self.index.length, row_loss=row_loss
        )

    def candidates(self, group: Group) -> Candidates:
        """None yet, of the group's queries."""

        def allowed(query: Rows, row: Rows) -> Bools:
            return self.queries.allowed(group.queries[query], row)

        masked = group.eligible is not None
        return Candidates(len(group.queries), self.k, self.precision, self.error(group), allowed, masked)


def _scan(asked: _Asked, group: Group) -> Found:
    """All of the k best of each query."""
    candidates, index, precision = asked.candidates(group), asked.index, asked.precision
    everyone, width = np.arange(len(group.queries)), padded(len(group.queries))
    encoded = precision.encode(asked.vectors(group))[np.arange(width) % len(everyone)]
    buffer = np.empty((tile_rows(width), width), dtype=precision.key)
    for tile in tiles(group.runs, len(buffer)):
        rows = np.concatenate([np.arange(*run) for run in tile])
        products = multiplied(tile, len(rows), encoded, index, precision, buffer)[:, : len(everyone)]
        if group.eligible is not None:
            np.maximum(products, precision.lowest + 1, out=products)  # a negative zero is no mask
            cell = np.searchsorted(index.cell_stop, rows, "right")
            products[: len(rows)][~group.eligible.T[np.ix_(cell, group.kind)]] = precision.lowest
            products[len(rows) :] = precision.lowest
        candidates.add(products, rows, everyone)
        if candidates.ripe:
            candidates.prune()
    return _best(asked, group, candidates.prune())


def _probe(asked: _Asked, group: Group, effort: float) -> list[Found]:
    """Most of the k best, and all of them for queries that found too few rows near."""
    candidates = asked.candidates(group)
    proved = probe(candidates, asked.vectors(group), asked.index, group.runs, effort=effort, precision=asked.precision)
    pairs = candidates.prune()
    found = [_best(asked, group, pairs if proved.all() else pairs.where(proved[pairs.query]))]
    rest = replace(group, queries=group.queries[~proved], kind=group.kind[~proved])
    return found + [_scan(asked, part) for part in split(rest)]


def _best(asked: _Asked, group: Group, pairs: Pairs) -> Found:
    """The k best of each query among pairs that the query may take."""
    similarity = _scored(pairs, asked.vectors(group), asked.index)
    _check(pairs, similarity, asked.error(group), asked.precision)
    found = _ranked(Found(pairs.query, pairs.row, similarity), asked.index, asked.k)
    return Found(group.queries[found.query], found.row, found.similarity)


def _scored(pairs: Pairs, vectors: Floats, index: AnyIndex) -> Doubles:
    """Exact similarity of each pair; pairs are by query."""
    out, exact = np.empty(len(pairs), dtype=np.float64), vectors.astype(np.float64)
    stops = np.cumsum(np.bincount(pairs.query, minlength=len(vectors))).tolist()
    for query, start, stop in zip(exact, [0, *stops], stops, strict=False):
        out[start:stop] = exact_similarity(query, index.vectors(pairs.row[start:stop]))
    return out


def _check(pairs: Pairs, similarity: Doubles, error: Doubles, precision: Precision) -> None:
    product = precision.decode(pairs.key)
    if not (np.abs(product - similarity) <= error[pairs.query] + precision.unit * 1.01 * np.abs(product) + 1e-6).all():
        raise ValueError(
            f"products in {precision.name} are less exact than this processor's description promises; "
            "set retrieval.first_pass to float32"
        )


def _ranked(found: Found, index: AnyIndex, k: int) -> Found:
    """The k best of each query, best first, equal ones by the rows' ids."""
    units = np.rint(found.similarity * 10**DECIMALS).astype(np.int64)  # similarities have no more decimals
    order = by_query(found.query, (2 << 20) - units, bits=22)
    query, similarity = found.query[order], found.similarity[order]
    equal = (query[1:] == query[:-1]) & (similarity[1:] == similarity[:-1])
    tied = np.flatnonzero(np.concatenate([equal, [False]]) | np.concatenate([[False], equal]))
    if len(tied):
        ids = np.array(index.ids(found.row[order[tied]]).to_pylist())
        order[tied] = order[tied][np.lexsort((ids, -similarity[tied], query[tied]))]
    starts = np.flatnonzero(np.concatenate([[True], query[1:] != query[:-1]])) if len(query) else query
    counts = np.diff(np.append(starts, len(query)))
    best = order[np.arange(len(query)) - np.repeat(starts, counts) < k]
    return Found(found.query[best], found.row[best], found.similarity[best])
