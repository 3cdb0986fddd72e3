"""Kernel: a night and the methods that it is compared with, all on the same members."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.baselines import Document, tfidf_lists
from pipelines.evaluation.figures import ALL, RESAMPLES, SEED
from pipelines.evaluation.metrics import Lists, Relevant, accuracy
from pipelines.evaluation.night_figures import NightFigure, off_policy_figures
from pipelines.evaluation.off_policy import off_policy
from pipelines.evaluation.popularity import Popularity
from pipelines.evaluation.retrieval import Array
from pipelines.evaluation.variety import churn, coverage, diversity, gini, novelty, overlap

NIGHT = "nightmatch"
POPULAR, LOCAL = "popularity", "popularity within the member's places"
AT_RANDOM = ", ties at random"
EVERYONE = "everyone"  # the slice of all members of the night, evaluated or not


class Documents(NamedTuple):
    """Both sides, as keyword matching sees them."""

    members: list[Document]
    postings: list[Document]


@dataclass(frozen=True)
class Liked:
    """What members liked, as far as a baseline may know.

    Args:
        counts: posting_id -> members who liked it.
        likers: members who liked anything.
        own: member_id -> postings among `counts` that popularity for that member leaves out.
    """

    counts: Mapping[str, int]
    likers: int
    own: Relevant


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of the postings that are on lists: posting_id -> row of `rows`, float32 [n, dimension]."""

    row_of: Mapping[str, int]
    rows: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Logged:
    """A place that was filled with a known probability."""

    member_id: str
    rank: int
    posting_id: str
    propensity: float


def popularities(documents: Documents, liked: Liked) -> dict[str, Popularity]:
    """Popularity everywhere, and within the member's places."""
    return {
        name: Popularity(documents.postings, liked.counts, liked.own, local=local)
        for name, local in ((POPULAR, False), (LOCAL, True))
    }


def baseline_lists(
    documents: Mapping[str, Documents], popular: Mapping[str, Popularity], *, k: int
) -> dict[str, Lists]:
    """Method -> lists of the members among the documents.

    Args:
        documents: what TF-IDF reads -> both sides.
        popular: method -> popularity.
        k: length of a list.
    """
    members = next(iter(documents.values())).members
    return {
        **{name: one.lists(members, k) for name, one in popular.items()},
        **{f"TF-IDF on {kind} within the member's places": tfidf_lists(*both, k) for kind, both in documents.items()},
    }


def tied_accuracy(
    documents: Documents, popular: Mapping[str, Popularity], relevant: Relevant, cuts: Sequence[int]
) -> dict[str, dict[str, Array]]:
    """Method -> metric -> float64 [n_members], of popularity whose ties are broken at random."""
    by_id = {member.id: member for member in documents.members}
    members = [by_id[member] for member in relevant]
    return {name + AT_RANDOM: one.expected_accuracy(members, relevant, cuts) for name, one in popular.items()}


def member_metrics(
    lists: Lists,
    relevant: Relevant,
    cuts: Sequence[int],
    *,
    liked: Liked | None,
    vectors: Vectors,
    earlier: Lists | None,
) -> dict[str, Array]:
    """Metric -> float64 [n_members] of one method, in the order of `relevant`; what lists are like at the first cut."""
    members, k = list(relevant), cuts[0]
    found = accuracy(lists, relevant, cuts)
    if liked is not None:
        found[f"novelty@{k}"] = novelty(lists, members, liked.counts, likers=liked.likers, k=k)
    found[f"diversity@{k}"] = diversity(lists, members, vectors.row_of, vectors.rows, k=k)
    if earlier is not None:
        found[f"churn@{k}"] = churn(lists, earlier, members, k=k)
        found[f"rbo@{k}"] = overlap(lists, earlier, members, k=k)
    return found


def spread_figures(
    method: str, lists: Lists, relevant: Relevant, open_postings: Set[str], *, k: int
) -> list[NightFigure]:
    """Coverage and Gini of the open postings over the evaluated members' lists."""
    shown = [posting for member in relevant for posting in lists.get(member, ())[:k] if posting in open_postings]
    counts = np.unique(shown, return_counts=True)[1]
    exposures, postings = np.unique(counts, return_counts=True)
    unseen = len(open_postings) - len(counts)
    return spread_of(ALL, method, np.append(exposures, 0), np.append(postings, unseen), members=len(relevant), k=k)


def spread_of(
    part: str,
    method: str,
    exposures: npt.NDArray[np.int64],
    postings: npt.NDArray[np.int64],
    *,
    members: int,
    k: int,
    of: str = "",
) -> list[NightFigure]:
    """Coverage and Gini of postings that are on so many lists.

    Args:
        part: the slice.
        method: whose lists.
        exposures: int64 [n], lists that a posting is on, each number once.
        postings: int64 [n], postings that are on so many.
        members: whose lists they are.
        k: how much of a list counts.
        of: which postings, where not the open ones.
    """
    values = {f"coverage@{k}{of}": coverage(exposures, postings), f"gini@{k}{of}": gini(exposures, postings)}
    return [
        NightFigure(part, method, None, name, value, None, None, members)
        for name, value in values.items()
        if not np.isnan(value)
    ]


def logged_figures(
    method: str, lists: Lists, logged: Sequence[Logged], relevant: Relevant, *, clip: float
) -> list[NightFigure]:
    """The off-policy estimate of a method's precision, from places that the night filled with known probabilities.

    Args:
        method: the target.
        lists: what it would have put before the members with logged places.
        logged: the places.
        relevant: answer key; a member who is not in it has no right posting.
        clip: largest weight.
    """
    rewards = [float(one.posting_id in relevant.get(one.member_id, ())) for one in logged]
    shown = [list(lists.get(one.member_id, ()))[one.rank - 1 : one.rank] == [one.posting_id] for one in logged]
    found = off_policy(
        np.array(rewards),
        np.array([one.propensity for one in logged]),
        np.array(shown, dtype=np.float64),
        np.unique([one.member_id for one in logged], return_inverse=True)[1],
        clip=clip,
        resamples=RESAMPLES,
        seed=SEED,
    )
    return list(off_policy_figures(method, found))
