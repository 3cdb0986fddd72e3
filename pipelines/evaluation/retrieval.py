"""Kernel: how good rankings are, one value per query, whose mean is the aggregate; and how sure that mean is.

Every metric takes `gains`, float [n_queries, n_places]: the gain of the document at each place, best place first, and 0
where the document is wrong or there is none. A metric at `k` looks at the first `k` places.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

CUT = 100  # places that any metric looks at


def average_precision(gains: Array, relevant: npt.NDArray[np.int64], k: int) -> Array:
    """float64 [n_queries], the sum of the precision at each right document among the first `k`, over min(relevant, k).

    Gains count as right or wrong. Dividing by min(relevant, k) makes 1 attainable for a query with more than `k`
    relevant documents.

    Args:
        gains: see above.
        relevant: int64 [n_queries], relevant documents of each query, at least 1.
        k: the cut.

    Right at places 1 and 3, two relevant: (1/1 + 2/3) / 2. Right at place 2, five relevant, three fit: (1/2) / 3.

    >>> average_precision(np.array([[1.0, 0, 1], [0, 1, 0]]), np.array([2, 5]), k=3).round(4).tolist()
    [0.8333, 0.1667]
    """
    right = gains[:, :k] > 0
    precisions = right.cumsum(axis=1) / np.arange(1, right.shape[1] + 1)
    return np.asarray((precisions * right).sum(axis=1) / np.minimum(relevant, k))


def reciprocal_rank(gains: Array, k: int) -> Array:
    """float64 [n_queries], 1 / the place of the first right document, 0 when none is among the first `k`.

    >>> reciprocal_rank(np.array([[0.0, 1, 1], [0, 0, 0]]), k=3).tolist()
    [0.5, 0.0]
    """
    right = gains[:, :k] > 0
    return np.where(right.any(axis=1), 1 / (right.argmax(axis=1) + 1), 0.0)


def ndcg(gains: Array, ideal: Array, k: int) -> Array:
    """float64 [n_queries], discounted gain over that of the best possible ranking.

    The gain itself is added, over log2(place + 1), as trec_eval and BEIR have it (Järvelin and Kekäläinen 2002).

    Args:
        gains: see above.
        ideal: float64 [n_queries, n_places], all gains of a query in falling order, filled up with 0.
        k: the cut.

    Gains 2 and 1 exist; place 2 holds the 2: (2 / log2 3) / (2 / log2 2 + 1 / log2 3) = 1.2619 / 2.6309.

    >>> ndcg(np.array([[0.0, 2]]), np.array([[2.0, 1]]), k=2).round(4).tolist()
    [0.4796]
    """
    return _discounted(gains[:, :k]) / _discounted(ideal[:, :k])


def recall(gains: Array, relevant: npt.NDArray[np.int64], k: int) -> Array:
    """float64 [n_queries], the share of all relevant documents that is among the first `k`.

    >>> recall(np.array([[1.0, 0, 1]]), np.array([4]), k=3).tolist()
    [0.5]
    """
    return np.asarray((gains[:, :k] > 0).sum(axis=1) / relevant)


METRICS: Mapping[str, Callable[[Array, npt.NDArray[np.int64], Array], Array]] = {
    f"map@{CUT}": lambda gains, relevant, ideal: average_precision(gains, relevant, CUT),
    f"mrr@{CUT}": lambda gains, relevant, ideal: reciprocal_rank(gains, CUT),
    "ndcg@10": lambda gains, relevant, ideal: ndcg(gains, ideal, 10),
    "recall@10": lambda gains, relevant, ideal: recall(gains, relevant, 10),
    f"recall@{CUT}": lambda gains, relevant, ideal: recall(gains, relevant, CUT),
}


def resampled_means(values: Array, *, resamples: int, seed: int) -> Array:
    """float64 [resamples, n_columns], means over queries drawn again with replacement; all columns share the draws.

    So the difference of two columns is a paired one.

    Args:
        values: float64 [n_queries, n_columns].
        resamples: how many draws.
        seed: of the draws.

    >>> resampled_means(np.array([[1.0, 2.0], [1.0, 2.0]]), resamples=2, seed=0).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    draws, n = np.random.default_rng(seed), len(values)
    counts = (np.bincount(draws.integers(0, n, n), minlength=n) for _ in range(resamples))
    return np.stack([count @ values / n for count in counts])


def interval(means: Array) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile: a 95 % interval (Efron's percentile bootstrap).

    >>> interval(np.arange(41.0))
    (1.0, 39.0)
    """
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _discounted(gains: Array) -> Array:
    return np.asarray((gains / np.log2(np.arange(2, gains.shape[1] + 2))).sum(axis=1))
