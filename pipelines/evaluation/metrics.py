"""Kernel: how good lists are, given what was right; one value per member, whose mean is the figure."""

from collections.abc import Mapping, Sequence, Set

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.retrieval import Array, ndcg

Lists = Mapping[str, Sequence[str]]  # member_id -> posting_ids, best first
Relevant = Mapping[str, Set[str]]  # member_id -> posting_ids that are right


def accuracy(lists: Lists, relevant: Relevant, cuts: Sequence[int]) -> dict[str, Array]:
    """Metric -> float64 [n_members], in the order of `relevant`; a member without a list has an empty one.

    Args:
        lists: what was put before the members.
        relevant: answer key; each member has at least one right posting.
        cuts: the metrics look at the first so many places.

    Right are 1 of 2 that member a has at place 2, and none of 1 that b has.

    >>> found = accuracy({"a": ["1", "2"], "b": ["3"]}, {"a": {"2", "5"}, "b": {"4"}}, cuts=[2])
    >>> {name: values.round(3).tolist() for name, values in found.items()}
    {'hit@2': [1.0, 0.0], 'precision@2': [0.5, 0.0], 'recall@2': [0.5, 0.0], 'ndcg@2': [0.387, 0.0]}
    """
    gains = np.zeros((len(relevant), max(cuts)))
    for row, (member, right) in enumerate(relevant.items()):
        shown = lists.get(member, ())[: max(cuts)]
        gains[row, : len(shown)] = [posting in right for posting in shown]
    hits = {k: np.asarray(gains[:, :k].any(axis=1), dtype=np.float64) for k in cuts}
    counts = np.array([len(right) for right in relevant.values()], dtype=np.int64)
    return accuracy_of(gains, hits, counts)


def accuracy_of(gains: Array, hits: Mapping[int, Array], counts: npt.NDArray[np.int64]) -> dict[str, Array]:
    """Metric -> float64 [n_members] of the chances that places are right.

    Args:
        gains: float64 [n_members, n_places], probability that the posting at a place is right; 0 for an empty place.
        hits: cut -> float64 [n_members], probability that any of the first so many is right.
        counts: int64 [n_members], right postings of each member, at least 1.
    """
    ideal = np.asarray(np.arange(gains.shape[1]) < counts[:, None], dtype=np.float64)
    found = {}
    for k, hit in hits.items():
        right = gains[:, :k].sum(axis=1)
        found[f"hit@{k}"] = hit
        found[f"precision@{k}"] = right / k
        found[f"recall@{k}"] = right / counts
        found[f"ndcg@{k}"] = ndcg(gains, ideal, k)
    return found
