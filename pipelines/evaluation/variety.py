"""Kernel: what lists are like beside right or wrong: surprising, varied, changed since yesterday, fair to postings.

A figure per member is NaN where it is not defined, as of a member without a list.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.metrics import Lists
from pipelines.evaluation.retrieval import Array

PERSISTENCE = 0.9  # of a reader who goes on to the next place; the first ten then weigh 86 % (Webber et al., 2010)


def novelty(lists: Lists, members: Sequence[str], counts: Mapping[str, int], *, likers: int, k: int) -> Array:
    """float64 [n_members], mean self-information of the postings in bits (Zhou et al. 2010), which popularity lowers.

    -log2 of the share of members who liked the posting; one is added to both, so that what nobody knows has a share.

    Args:
        lists: what was put before the members.
        members: whose figures.
        counts: posting_id -> members who liked it.
        likers: members who liked anything.
        k: how much of a list counts.

    Of 7 members 3 liked x and none liked y: -log2 4/8 = 1 and -log2 1/8 = 3.

    >>> novelty({"m": ["x", "y"]}, ["m", "n"], {"x": 3}, likers=7, k=2).tolist()
    [2.0, nan]
    """

    def mean(shown: Sequence[str]) -> float:
        bits = [math.log2((likers + 1) / (counts.get(posting, 0) + 1)) for posting in shown]
        return sum(bits) / len(bits) if bits else math.nan

    return np.array([mean(lists.get(member, ())[:k]) for member in members])


def diversity(
    lists: Lists, members: Sequence[str], rows: Mapping[str, int], vectors: npt.NDArray[np.float32], *, k: int
) -> Array:
    """float64 [n_members], mean of 1 - cosine over all pairs of a list (intra-list distance, Ziegler et al. 2005).

    Args:
        lists: what was put before the members.
        members: whose figures.
        rows: posting_id -> row of `vectors`; other postings are passed over.
        vectors: float32 [n_postings, dimension], of unit length.
        k: how much of a list counts.

    Two pairs at right angles and one that is the same: (1 + 1 + 0) / 3.

    >>> three = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    >>> diversity({"m": ["x", "y", "z"]}, ["m"], {"x": 0, "y": 1, "z": 2}, three, k=3).round(3).tolist()
    [0.667]
    """

    def mean(shown: Sequence[str]) -> float:
        chosen = vectors[[rows[posting] for posting in shown if posting in rows]].astype(np.float64)
        n = len(chosen)
        if n < 2:
            return math.nan
        total = chosen.sum(axis=0)  # its square holds every ordered pair, and each vector with itself
        return float(1 - (total @ total - (chosen**2).sum()) / (n * (n - 1)))

    return np.array([mean(lists.get(member, ())[:k]) for member in members])


def churn(lists: Lists, earlier: Lists, members: Sequence[str], *, k: int) -> Array:
    """float64 [n_members], share of the first `k` that the earlier list's first `k` did not hold.

    >>> churn({"m": ["x", "y"], "n": ["x"]}, {"m": ["y", "z"]}, ["m", "n"], k=2).tolist()
    [0.5, nan]
    """

    def share(now: Sequence[str], before: Sequence[str]) -> float:
        return len(set(now) - set(before)) / len(now) if now and before else math.nan

    return np.array([share(lists.get(member, ())[:k], earlier.get(member, ())[:k]) for member in members])


def overlap(lists: Lists, earlier: Lists, members: Sequence[str], *, k: int) -> Array:
    """float64 [n_members], rank-biased overlap of the first `k` with the earlier list's.

    >>> overlap({"m": ["x", "y"]}, {"m": ["x", "y"]}, ["m"], k=2).round(6).tolist()
    [1.0]
    """

    def one(now: Sequence[str], before: Sequence[str]) -> float:
        return rank_biased_overlap(now, before, PERSISTENCE) if now and before else math.nan

    return np.array([one(lists.get(member, ())[:k], earlier.get(member, ())[:k]) for member in members])


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], p: float) -> float:
    """Extrapolated rank-biased overlap of two lists, 0 to 1 (Webber, Moffat and Zobel 2010, equation 32).

    What lies beyond the ends is taken to agree as the lists do at their ends.

    Args:
        one: ids, best first, each once; not empty.
        other: the same.
        p: chance in (0, 1) that a reader goes on to the next place.

    Agreement is 0 at the first place and 1 at the second: 0.5 / 0.5 x (0 + 0.25) + 0.25.

    >>> rank_biased_overlap(["x", "y"], ["y", "x"], p=0.5)
    0.5
    """
    short, long = sorted((one, other), key=len)
    s, depth = len(short), len(long)
    shared = [len(set(short[:d]) & set(long[:d])) for d in range(1, depth + 1)]
    total = sum(shared[d - 1] / d * p**d for d in range(1, depth + 1))
    total += sum(shared[s - 1] * (d - s) / (s * d) * p**d for d in range(s + 1, depth + 1))
    return (1 - p) / p * total + ((shared[-1] - shared[s - 1]) / depth + shared[s - 1] / s) * p**depth


def coverage(exposures: npt.NDArray[np.int64], postings: npt.NDArray[np.int64]) -> float:
    """Share of the postings that are on any list.

    Args:
        exposures: int64 [n], lists that a posting is on, each number once.
        postings: int64 [n], postings that are on so many.

    >>> coverage(np.array([0, 2]), np.array([3, 1]))
    0.25
    """
    return float(postings[exposures > 0].sum() / postings.sum())


def gini(exposures: npt.NDArray[np.int64], postings: npt.NDArray[np.int64]) -> float:
    """How unequally postings are shown: 0 where all are on as many lists, near 1 where one is on all.

    The mean difference of two postings over twice the mean (Gini 1912). NaN where none is shown.

    Args:
        exposures: int64 [n], lists that a posting is on, each number once.
        postings: int64 [n], postings that are on so many.

    Of two postings one has all: the mean difference of ordered pairs is 2 x 4 / 4 = 2, over 2 x 2.

    >>> gini(np.array([0, 4]), np.array([1, 1]))
    0.5
    """
    order = np.argsort(exposures)
    x, n = exposures[order].astype(np.float64), postings[order].astype(np.float64)
    held = (x * n).sum()
    if not held:
        return math.nan
    lorenz = np.concatenate([[0.0], np.cumsum(x * n) / held])
    return float(1 - ((lorenz[1:] + lorenz[:-1]) * n / n.sum()).sum())
