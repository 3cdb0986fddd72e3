"""Kernel: challenger and champion on the same questions, with paired intervals, whole and in slices."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.benchmark import Benchmark
from pipelines.evaluation.figures import ALL, per_query, slices
from pipelines.evaluation.metrics import Lists, Relevant
from pipelines.evaluation.rankers import Encode, vectors
from pipelines.evaluation.retrieval import Array, average_precision, interval, ndcg, reciprocal_rank, resampled_means

GATED = "ndcg@10"
_REPORTED = (GATED, "map@100", "mrr@100")


@dataclass(frozen=True)
class Answers:
    """One evaluation set, answered by one student.

    Args:
        name: of the set.
        values: metric -> float64 [n_queries].
        slices: slice -> rows of the queries that belong to it; `all` first.
    """

    name: str
    values: Mapping[str, Array]
    slices: Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Comparison:
    """A metric's mean over one slice, and the challenger's minus the champion's with its 95 % interval."""

    dataset: str
    slice: str
    metric: str
    queries: int
    champion: float
    challenger: float
    difference: float
    low: float
    high: float


def answered(benchmark: Benchmark, encode: Encode) -> Answers:
    """What a student's vectors find."""
    found = per_query(benchmark, vectors(encode))
    return Answers(benchmark.name, {name: found[name] for name in _REPORTED}, dict(slices(benchmark)))


def listed_answers(name: str, lists: Lists, relevant: Relevant, member_slices: Mapping[str, Sequence[str]]) -> Answers:
    """How good lists are for the members of `relevant`, each of whom has at least one right posting.

    Args:
        name: of the set.
        lists: a student's lists; a member without one has an empty one.
        relevant: answer key.
        member_slices: member -> names of the slices that the member belongs to.

    >>> answers = listed_answers("t", {"a": ["1", "2"], "b": ["3"]}, {"a": {"2"}, "b": {"3"}}, {"b": ["new"]})
    >>> answers.values["mrr@10"].tolist(), answers.slices["new"].tolist()
    ([0.5, 1.0], [1])
    """
    k = 10
    gains, ideal = np.zeros((len(relevant), k)), np.zeros((len(relevant), k))
    for row, (member, right) in enumerate(relevant.items()):
        gains[row] = _places(lists.get(member, ()), right, k)
        ideal[row, : len(right)] = 1.0
    counts = np.array([len(right) for right in relevant.values()], dtype=np.int64)
    values = {
        GATED: ndcg(gains, ideal, k),
        "map@10": average_precision(gains, counts, k),
        "mrr@10": reciprocal_rank(gains, k),
    }
    rows: dict[str, list[int]] = {}
    for row, member in enumerate(relevant):
        for part in member_slices.get(member, ()):
            rows.setdefault(part, []).append(row)
    parts = {part: np.array(rows[part], dtype=np.int64) for part in sorted(rows)}
    return Answers(name, values, {ALL: np.arange(len(relevant)), **parts})


def compared(champion: Answers, challenger: Answers, *, resamples: int, seed: int) -> list[Comparison]:
    """Every metric in every slice; both students answered the same queries in the same order."""
    found = []
    for part, rows in champion.slices.items():
        for metric, before in champion.values.items():
            pair = np.column_stack([before[rows], challenger.values[metric][rows]])
            means = resampled_means(pair, resamples=resamples, seed=seed)
            low, high = interval(means[:, 1] - means[:, 0])
            old, new = (float(value) for value in pair.mean(axis=0))
            found.append(Comparison(champion.name, part, metric, len(rows), old, new, new - old, low, high))
    return found


def list_overlap(before: Lists, after: Lists) -> dict[str, float]:
    """Share of each member's earlier list that the later one holds too; members without an earlier list are left out.

    >>> list_overlap({"a": ["1", "2"], "b": ["3"], "c": []}, {"a": ["2", "4"], "c": ["1"]})
    {'a': 0.5, 'b': 0.0}
    """
    return {
        member: len(set(postings) & set(after.get(member, ()))) / len(postings)
        for member, postings in before.items()
        if postings
    }


def _places(postings: Sequence[str], right: Set[str], k: int) -> list[float]:
    places = [float(posting in right) for posting in postings[:k]]
    return places + [0.0] * (k - len(places))
