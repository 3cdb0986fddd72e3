"""Kernel: exact top k among the eligible rows of an index, independent of how postings lie in shards and blocks.

A first pass multiplies in low precision and keeps every pair that rounding may have kept out of the k best; those are
scored again in float64 and rounded. Rules between cohorts and cells choose the rows to multiply, rules between one
member and one posting are held against each pair before it counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.candidates import STRIP, Bools, Candidates, Pairs, Rows, by_member
from pipelines.retrieval.eligibility import Cohort, MemberTerms, allowed_pairs, eligible_cells
from pipelines.retrieval.groups import Group, plan_groups, split, tile_rows, tiles
from pipelines.retrieval.precision import DECIMALS, Doubles, Floats, Precision, bounds, exact_similarity
from pipelines.retrieval.probing import probe
from pipelines.retrieval.shards import Index
from schemas.errors import ArtifactError


@dataclass(frozen=True)
class Members:
    """Members searched together."""

    vectors: Floats  # [n, d], unit
    terms: MemberTerms
    cohorts: list[Cohort]
    cohort: npt.NDArray[np.int64]  # of each member, a position in `cohorts`


@dataclass(frozen=True)
class Found:
    """Pairs, by member, best first."""

    member: Rows
    row: Rows  # of the index
    similarity: Doubles


def search(
    members: Members,
    index: Index,
    *,
    k: int,
    precision: Precision,
    unknown_excludes: Collection[str] = (),
    efforts: Mapping[Cohort, float] = MappingProxyType({}),
) -> list[Found]:
    """Top `k` eligible postings of each member, a part per group of members; equal scores by posting id.

    Args:
        members: whom to search for.
        index: where to search.
        k: most postings per member.
        precision: of the first pass; what is found does not depend on it.
        unknown_excludes: rules that an unknown value of the posting fails.
        efforts: cohorts of the fast search, which misses some postings, and their efforts, see `probe`; nobody of them
            gets fewer postings for that.

    Raises:
        ArtifactError: the index has another dimension than the members' vectors.
        ValueError: products lie outside their error bound: this processor does not multiply as it says.
    """
    if index.dimension != members.vectors.shape[1]:
        raise ArtifactError(
            f"the index has dimension {index.dimension}, the members' vectors {members.vectors.shape[1]}"
        )
    eligible = np.array([eligible_cells(cohort, index.cells, unknown_excludes) for cohort in members.cohorts])
    fast = np.array([cohort in efforts for cohort in members.cohorts])
    asked = _Asked(members, index, k, precision, unknown_excludes)
    found = list[Found]()
    for group in plan_groups(members.cohort, eligible, index.cells.stop, fast):
        effort = efforts.get(members.cohorts[group.cohort[0]])
        found += [_scan(asked, group)] if effort is None else _probe(asked, group, effort)
    return found


@dataclass(frozen=True)
class _Asked:
    """What `search` was asked."""

    members: Members
    index: Index
    k: int
    precision: Precision
    unknown_excludes: Collection[str]

    def queries(self, group: Group) -> Floats:
        """Vectors of the group's members."""
        return self.members.vectors[group.members]

    def error(self, group: Group) -> Doubles:
        """Bound on the error of each member's products."""
        queries, exact = self.queries(group), self.precision.name == "float32"
        query = np.linalg.norm(queries.astype(np.float64), axis=1)
        query_loss = np.zeros(len(query)) if exact else self.precision.loss(queries)
        row_loss = 0.0 if exact else self.index.loss
        return bounds(
            self.index.dimension, query=query, query_loss=query_loss, row=self.index.length, row_loss=row_loss
        )

    def candidates(self, group: Group) -> Candidates:
        """None yet, of the group's members."""

        def allowed(member: Rows, row: Rows) -> Bools:
            terms = self.index.terms(row)
            allowed = allowed_pairs(self.members.terms, group.members[member], terms, self.unknown_excludes)
            return allowed & self.index.alive(row)

        masked = group.eligible is not None
        return Candidates(len(group.members), self.k, self.precision, self.error(group), allowed, masked)


def _scan(asked: _Asked, group: Group) -> Found:
    """All of the k best of each member."""
    candidates, index, precision = asked.candidates(group), asked.index, asked.precision
    encoded, everyone = precision.encode(asked.queries(group)), np.arange(len(group.members))
    buffer = np.empty((tile_rows(len(encoded)), len(encoded)), dtype=precision.key)
    for tile in tiles(group.runs, len(buffer)):
        rows = np.concatenate([np.arange(*run) for run in tile])
        products = buffer[: -(-len(rows) // STRIP) * STRIP]
        products[len(rows) :] = precision.lowest
        precision.products(index.rough(tile, precision), encoded, products[: len(rows)])
        if group.eligible is not None:
            np.maximum(products, precision.lowest + 1, out=products)  # a negative zero is no mask
            cell = np.searchsorted(index.cells.stop, rows, "right")
            products[: len(rows)][~group.eligible.T[np.ix_(cell, group.cohort)]] = precision.lowest
        candidates.add(products, rows, everyone)
        if candidates.ripe:
            candidates.prune()
    return _best(asked, group, candidates.prune())


def _probe(asked: _Asked, group: Group, effort: float) -> list[Found]:
    """Most of the k best, and all of them for members who found too few postings near."""
    candidates = asked.candidates(group)
    proved = probe(candidates, asked.queries(group), asked.index, group.runs, effort=effort, precision=asked.precision)
    pairs = candidates.prune()
    found = [_best(asked, group, pairs if proved.all() else pairs.where(proved[pairs.member]))]
    rest = replace(group, members=group.members[~proved], cohort=group.cohort[~proved])
    return found + [_scan(asked, part) for part in split(rest)]


def _best(asked: _Asked, group: Group, pairs: Pairs) -> Found:
    """The k best of each member among pairs that the member may take."""
    similarity = _scored(pairs, asked.queries(group), asked.index)
    _check(pairs, similarity, asked.error(group), asked.precision)
    found = _ranked(Found(pairs.member, pairs.row, similarity), asked.index, asked.k)
    return Found(group.members[found.member], found.row, found.similarity)


def _scored(pairs: Pairs, queries: Floats, index: Index) -> Doubles:
    """Exact similarity of each pair; pairs are by member."""
    out, exact = np.empty(len(pairs), dtype=np.float64), queries.astype(np.float64)
    stops = np.cumsum(np.bincount(pairs.member, minlength=len(queries))).tolist()
    for query, start, stop in zip(exact, [0, *stops], stops, strict=False):
        out[start:stop] = exact_similarity(query, index.vectors(pairs.row[start:stop]))
    return out


def _check(pairs: Pairs, similarity: Doubles, error: Doubles, precision: Precision) -> None:
    product = precision.decode(pairs.key)
    if not (np.abs(product - similarity) <= error[pairs.member] + precision.unit * 1.01 * np.abs(product) + 1e-6).all():
        raise ValueError(
            f"products in {precision.name} are less exact than this processor's description promises; "
            "set retrieval.first_pass to float32"
        )


def _ranked(found: Found, index: Index, k: int) -> Found:
    """The k best of each member, best first, equal ones by posting id."""
    units = np.rint(found.similarity * 10**DECIMALS).astype(np.int64)  # similarities have no more decimals
    order = by_member(found.member, (2 << 20) - units, bits=22)
    member, similarity = found.member[order], found.similarity[order]
    equal = (member[1:] == member[:-1]) & (similarity[1:] == similarity[:-1])
    tied = np.flatnonzero(np.concatenate([equal, [False]]) | np.concatenate([[False], equal]))
    if len(tied):
        ids = np.array(index.ids(found.row[order[tied]]).to_pylist())
        order[tied] = order[tied][np.lexsort((ids, -similarity[tied], member[tied]))]
    starts = np.flatnonzero(np.concatenate([[True], member[1:] != member[:-1]])) if len(member) else member
    counts = np.diff(np.append(starts, len(member)))
    best = order[np.arange(len(member)) - np.repeat(starts, counts) < k]
    return Found(found.member[best], found.row[best], found.similarity[best])
