"""Kernel: the two directions of the search: members who look for postings, and postings that look for members.

Both ask `eligible_cells` and `allowed_pairs`; only who asks and who lies in the index is exchanged, so a pair is
eligible in one direction exactly when it is in the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.blending import Wishes
from pipelines.retrieval.candidates import Bools, Rows
from pipelines.retrieval.criteria import criteria_hold
from pipelines.retrieval.eligibility import (
    Cells,
    Cohort,
    MemberTerms,
    PostingTerms,
    allowed_pairs,
    cells_without_city,
    eligible_cells,
)
from pipelines.retrieval.member_shards import MemberIndex
from pipelines.retrieval.precision import Floats
from pipelines.retrieval.search import Queries
from pipelines.retrieval.shards import Index
from schemas.errors import ArtifactError


@dataclass(frozen=True)
class Members:
    """Members searched for together."""

    vectors: Floats  # [n, d], unit
    terms: MemberTerms
    cohorts: list[Cohort]
    cohort: npt.NDArray[np.int64]  # of each member, a position in `cohorts`
    wishes: Wishes | None = None  # of saved searches, whose vectors are their blends; None: there is none among them


@dataclass(frozen=True)
class Postings:
    """Postings searched for together."""

    vectors: Floats  # [n, d], unit
    terms: PostingTerms
    cells: Cells  # neighbouring postings of equal values are one cell


def postings_for(
    members: Members,
    index: Index,
    unknown_excludes: Collection[str] = (),
    efforts: Mapping[Cohort, float] = MappingProxyType({}),
) -> Queries:
    """The members as queries over an index of postings.

    Args:
        members: whom to search for.
        index: where to search.
        unknown_excludes: rules that an unknown value of the posting fails.
        efforts: of the cohorts that are searched fast, see `search`.
    """

    def allowed(member: Rows, posting: Rows) -> Bools:
        may = allowed_pairs(members.terms, member, index.terms(posting), unknown_excludes)
        may &= index.alive(posting)
        if members.wishes is not None:
            asking = np.flatnonzero(may & members.wishes.is_search[member])
            may[asking] = as_asked(members.wishes, members.cohort, free, index, member[asking], posting[asking])
        return may

    free = cities_free(members.cohorts, index) if members.wishes is not None else np.empty((0, 0), dtype=np.bool_)

    return Queries(
        vectors=members.vectors,
        kind=members.cohort,
        eligible=np.array([eligible_cells(cohort, index.cells, unknown_excludes) for cohort in members.cohorts]),
        allowed=allowed,
        efforts={kind: efforts[cohort] for kind, cohort in enumerate(members.cohorts) if cohort in efforts},
    )


def cities_free(cohorts: Sequence[Cohort], index: Index) -> Bools:
    """In which cells a saved search asks for no city; [n_cohorts, n_cells], all true for members' cohorts."""
    every = np.ones(len(index.cell_stop), dtype=np.bool_)
    return np.array([cells_without_city(one, index.cells) if one.is_search else every for one in cohorts])


def as_asked(wishes: Wishes, kind: Rows, free: Bools, index: Index, query: Rows, row: Rows) -> Bools:
    """Whether each posting is what its saved search asks for, as `criteria_hold` says; [n_pairs].

    Args:
        wishes: of the queries.
        kind: of each query, a row of `free`.
        free: see `cities_free`.
        index: where the postings are.
        query: of each pair.
        row: of each pair.

    Raises:
        ArtifactError: the index holds nothing that saved searches ask for.
    """
    holds = np.empty(len(row), dtype=np.bool_)
    city_is_free = free[kind[query], np.searchsorted(index.cell_stop, row, "right")]
    for which, at in index.by_shard(row):
        shard, local = index.shards[which], row[at] - index.starts[which]
        if shard.facts is None:
            raise ArtifactError("the index was built without what saved searches ask for; build it again")
        companies = shard.terms.company[local]
        holds[at] = criteria_hold(wishes.criteria, query[at], shard.facts, local, companies, city_is_free[at])
    return holds


def members_for(postings: Postings, index: MemberIndex, unknown_excludes: Collection[str] = ()) -> Queries:
    """The postings as queries over an index of members; arguments as of `postings_for`."""

    def allowed(posting: Rows, member: Rows) -> Bools:
        may = np.empty(len(member), dtype=np.bool_)
        for which, at in index.by_shard(member):
            shard, asked = index.shards[which], postings.terms.at(posting[at])
            may[at] = allowed_pairs(shard.terms, member[at] - index.starts[which], asked, unknown_excludes)
        return may

    by_cohort = [eligible_cells(cohort, postings.cells, unknown_excludes) for cohort in index.cohorts]
    stop = postings.cells.stop
    return Queries(
        vectors=postings.vectors,
        kind=np.repeat(np.arange(len(stop)), np.diff(stop, prepend=0)),
        eligible=np.ascontiguousarray(np.array(by_cohort).T),
        allowed=allowed,
        efforts={},
    )
