"""Kernel: what everyone likes, the plainest recommender there is."""

import math
from collections.abc import Mapping, Sequence, Set

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.baselines import Document, Places
from pipelines.evaluation.metrics import Relevant, accuracy_of
from pipelines.evaluation.retrieval import Array

Counts = npt.NDArray[np.int64]


class Popularity:
    """How many members liked each open posting; who liked it does not count for that member.

    Args:
        postings: what can be recommended.
        counts: posting_id -> members who liked it; a posting without a count was liked by none.
        own: member_id -> postings among `counts` that the member liked.
        local: whether a member sees the postings in the member's own places only.
    """

    def __init__(
        self, postings: Sequence[Document], counts: Mapping[str, int], own: Mapping[str, Set[str]], *, local: bool
    ) -> None:
        self._postings = sorted(postings, key=lambda posting: posting.id)
        self._row = {posting.id: row for row, posting in enumerate(self._postings)}
        self._counts = np.array([counts.get(posting.id, 0) for posting in self._postings], dtype=np.int64)
        self._own = own
        self._places = Places(self._postings) if local else None

    def lists(self, members: Sequence[Document], k: int) -> dict[str, list[str]]:
        """Each member's `k` postings that most others liked; equal ones by id.

        >>> a, b = (Document(name, "", frozenset()) for name in "ab")
        >>> Popularity([a, b], {"a": 2, "b": 2}, {"m": {"a"}}, local=False).lists([Document("m", "", frozenset())], 1)
        {'m': ['b']}
        """
        found = {}
        for member in members:
            rows, counts = self._seen_by(member)
            above, tied = _cut(counts, k)
            best = np.concatenate([above[np.argsort(-counts[above], kind="stable")], tied])[:k]
            found[member.id] = [self._postings[row].id for row in rows[best]]
        return found

    def expected_accuracy(
        self, members: Sequence[Document], relevant: Relevant, cuts: Sequence[int]
    ) -> dict[str, Array]:
        """Metric -> float64 [n_members], the mean over all orders of postings that equally many liked.

        Every posting of such a group is as likely at each of the group's places. The group that a cut divides has no
        right posting before it with the hypergeometric probability of drawing none.

        Args:
            members: those of `relevant`, in its order.
            relevant: answer key; each member has at least one right posting.
            cuts: the metrics look at the first so many places.
        """
        gains = np.zeros((len(members), max(cuts)))
        hits = {k: np.zeros(len(members)) for k in cuts}
        for at, member in enumerate(members):
            groups = self._groups(member, relevant[member.id], max(cuts))
            chances = np.concatenate([[], *(np.full(min(n, max(cuts)), right / n) for n, right in groups)])[: max(cuts)]
            gains[at, : len(chances)] = chances
            for k in cuts:
                hits[k][at] = _chance_of_hit(groups, k)
        counts = np.array([len(relevant[member.id]) for member in members], dtype=np.int64)
        return accuracy_of(gains, hits, counts)

    def _groups(self, member: Document, right: Set[str], k: int) -> list[tuple[int, int]]:
        """(postings, right ones among them) of each count, highest first, as far as the first `k` places reach."""
        rows, counts = self._seen_by(member)
        is_right = np.isin(rows, [self._row[posting] for posting in right if posting in self._row])
        above, tied = _cut(counts, k)
        groups = []
        for count in np.unique(counts[above])[::-1]:
            group = above[counts[above] == count]
            groups.append((len(group), int(is_right[group].sum())))
        return [*groups, (len(tied), int(is_right[tied].sum()))] if len(tied) else groups

    def _seen_by(self, member: Document) -> tuple[Counts, Counts]:
        """Rows of the postings that the member may see, and how many others liked each."""
        counts = self._counts.copy()
        counts[[self._row[posting] for posting in self._own.get(member.id, ()) if posting in self._row]] -= 1
        rows = np.arange(len(counts)) if self._places is None else self._places.local(member)
        return rows, counts[rows]


def _cut(counts: Counts, k: int) -> tuple[Counts, Counts]:
    """Positions of the counts above the `k`-th highest, and of those equal to it; all are above where `k` fit."""
    if len(counts) <= k:
        return np.arange(len(counts)), np.arange(0)
    last = np.partition(counts, len(counts) - k)[len(counts) - k]
    return np.flatnonzero(counts > last), np.flatnonzero(counts == last)


def _chance_of_hit(groups: Sequence[tuple[int, int]], k: int) -> float:
    """Probability that one of the first `k` is right.

    Two places for three equal postings of which one is right: 1 - C(2, 2) / C(3, 2).

    >>> round(_chance_of_hit([(3, 1)], 2), 4)
    0.6667
    """
    left = k
    for n, right in groups:
        drawn = min(n, left)
        missed = math.comb(n - right, drawn) / math.comb(n, drawn)
        if missed < 1 or drawn == left:
            return 1 - missed
        left -= drawn
    return 0.0
