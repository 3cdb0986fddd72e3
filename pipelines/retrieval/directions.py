"""Kernel: the two directions of the search: members who look for postings, and postings that look for members.

Both ask `eligible_cells` and `allowed_pairs`; only who asks and who lies in the index is exchanged, so a pair is
eligible in one direction exactly when it is in the other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.candidates import Bools, Rows
from pipelines.retrieval.eligibility import Cells, Cohort, MemberTerms, PostingTerms, allowed_pairs, eligible_cells
from pipelines.retrieval.member_shards import MemberIndex
from pipelines.retrieval.precision import Floats
from pipelines.retrieval.search import Queries
from pipelines.retrieval.shards import Index


@dataclass(frozen=True)
class Members:
    """Members searched for together."""

    vectors: Floats  # [n, d], unit
    terms: MemberTerms
    cohorts: list[Cohort]
    cohort: npt.NDArray[np.int64]  # of each member, a position in `cohorts`


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
        return may & index.alive(posting)

    return Queries(
        vectors=members.vectors,
        kind=members.cohort,
        eligible=np.array([eligible_cells(cohort, index.cells, unknown_excludes) for cohort in members.cohorts]),
        allowed=allowed,
        efforts={kind: efforts[cohort] for kind, cohort in enumerate(members.cohorts) if cohort in efforts},
    )


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
