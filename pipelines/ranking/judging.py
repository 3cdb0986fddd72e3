"""Kernel: how well pairs of a score are ordered, and whether it is the probability that it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.retrieval import interval, ndcg, resampled_means

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_RESAMPLES, _SEED = 1_000, 7
_BINS = 10


@dataclass(frozen=True)
class Judged:
    """A way of ordering, over all members with a right posting; each value is [n_members]."""

    hit: Doubles
    ndcg: Doubles


def judged(member: Rows, score: Doubles, right: Bools, posting: Sequence[str], wanted: Rows, k: int = 10) -> Judged:
    """Hit@k and nDCG@k of each member when pairs are ordered by falling score, equal ones by posting id.

    Args:
        member: of each pair, a position in `wanted`.
        score: of each pair.
        right: whether the pair is.
        posting: id of each pair's posting.
        wanted: right postings of each member, whether a pair of them exists or not; at least 1.
        k: places of a list.
    """
    order = np.lexsort((np.asarray(posting), -score, member))
    counts = np.bincount(member, minlength=len(wanted))
    place = np.arange(len(member)) - np.repeat(np.cumsum(counts) - counts, counts)
    gains = np.zeros((len(wanted), k))
    listed = place < k
    gains[member[order][listed], place[listed]] = right[order][listed]
    ideal = (np.arange(k) < np.minimum(wanted, k)[:, None]).astype(np.float64)
    return Judged((gains.sum(axis=1) > 0).astype(np.float64), ndcg(gains, ideal, k))


def compared(ways: Mapping[str, Doubles]) -> dict[str, tuple[float, float, float]]:
    """Mean of each way's values, and the 95 % interval of the first way's mean minus its own (paired bootstrap).

    The first way's interval is that of its mean.
    """
    values = np.column_stack([*ways.values()])
    means = resampled_means(values, resamples=_RESAMPLES, seed=_SEED)
    spans = [interval(means[:, 0]), *(interval(means[:, 0] - means[:, one]) for one in range(1, len(ways)))]
    return {name: (float(values[:, one].mean()), *spans[one]) for one, name in enumerate(ways)}


def calibration_error(probability: Doubles, happened: Bools, weight: Doubles | None = None) -> float:
    """Expected calibration error: mean distance of what is said and what happens, over ten bins of as many pairs.

    >>> calibration_error(np.array([0.5, 0.5]), np.array([True, False]))
    0.0
    """
    order = np.argsort(probability, kind="stable")
    weight = np.ones(len(order)) if weight is None else weight
    gaps = [
        abs(float((weight[one] * (probability[one] - happened[one])).sum()))
        for one in np.array_split(order, min(_BINS, max(1, len(order) // 2)))
    ]
    return sum(gaps) / float(weight.sum())


def reliability(probability: Doubles, happened: Bools) -> list[tuple[int, float, float]]:
    """Of ten bins of as many pairs, by rising probability: pairs, mean probability, share that happened."""
    order = np.argsort(probability, kind="stable")
    return [
        (len(one), float(probability[one].mean()), float(happened[one].mean()))
        for one in np.array_split(order, min(_BINS, max(1, len(order))))
    ]
