"""Kernel: models side by side on a benchmark, with intervals, whole and in slices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.benchmark import Benchmark
from pipelines.evaluation.rankers import Ranker
from pipelines.evaluation.retrieval import CUT, METRICS, Array, interval, resampled_means

ALL = "all"
LENGTHS = {"1-2 words": (1, 2), "3-5 words": (3, 5), "6-20 words": (6, 20), "over 20 words": (21, None)}
RESAMPLES = 1_000
SEED = 7


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """The mean of a metric over the queries of one slice, with its 95 % interval.

    Args:
        difference: interval of this model's mean minus the first model's, same queries; None for the first model.
    """

    dataset: str
    slice: str
    method: str
    metric: str
    value: float
    low: float
    high: float
    queries: int
    difference: Interval | None = None


def evaluate(
    benchmark: Benchmark, models: Mapping[str, Ranker], *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Figure]:
    """Every metric of every model, in every slice that has queries; the slice `all` first.

    Args:
        benchmark: what to find.
        models: name -> what ranks; the first is the one that the others are compared with.
        resamples: bootstrap draws behind the intervals.
        seed: of the draws.
    """
    columns = [(method, metric) for method in models for metric in METRICS]
    values = np.column_stack([column for rank in models.values() for column in per_query(benchmark, rank).values()])
    figures = []
    for name, rows in slices(benchmark):
        means = resampled_means(values[rows], resamples=resamples, seed=seed)
        for j, (method, metric) in enumerate(columns):
            first = j % len(METRICS)
            against = None if j == first else Interval(*interval(means[:, j] - means[:, first]))
            value = float(values[rows, j].mean())
            low, high = interval(means[:, j])
            figures.append(Figure(benchmark.name, name, method, metric, value, low, high, len(rows), against))
    return figures


def per_query(benchmark: Benchmark, rank: Ranker) -> dict[str, Array]:
    """Metric -> float64 [n_queries], in the order of the benchmark's queries."""
    found = rank(list(benchmark.queries.values()), list(benchmark.corpus.values()), CUT)
    positions = {document: position for position, document in enumerate(benchmark.corpus)}
    gains, ideal = np.zeros(found.shape), np.zeros((len(found), CUT))
    for row, query in enumerate(benchmark.queries):
        right = benchmark.relevant[query]
        gain_at = {positions[document]: gain for document, gain in right.items()}
        gains[row] = [gain_at.get(position, 0.0) for position in found[row].tolist()]
        best = sorted(right.values(), reverse=True)[:CUT]
        ideal[row, : len(best)] = best
    relevant = np.array([len(benchmark.relevant[query]) for query in benchmark.queries], dtype=np.int64)
    return {name: metric(gains, relevant, ideal) for name, metric in METRICS.items()}


def slices(benchmark: Benchmark) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Name and query positions of the whole, of each query length and of each slice of the benchmark that has any."""
    words = np.array([len(text.split()) for text in benchmark.queries.values()])
    yield ALL, np.arange(len(words))
    chosen = {name: (words >= low) & (words <= (high or words.max())) for name, (low, high) in LENGTHS.items()}
    for name, members in benchmark.slices.items():
        chosen[name] = np.array([query in members for query in benchmark.queries])
    for name, mask in chosen.items():
        if mask.any():
            yield name, np.flatnonzero(mask)
