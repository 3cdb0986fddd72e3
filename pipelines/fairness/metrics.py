"""Kernel: what groups got, as shares, skew, divergence and ratios.

The last axis but one of every array is groups of one attribute.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def discounts(places: int) -> Array:
    """float64 [places], the attention that a place of a list gets: 1 / log2(1 + rank).

    >>> discounts(3).round(3).tolist()
    [1.0, 0.631, 0.5]
    """
    return np.asarray(1 / np.log2(np.arange(2, places + 2)))


def shares(totals: Array) -> Array:
    """Each group's share of what all groups got; not a number where nobody got anything.

    Args:
        totals: float64 [..., n_groups, n_measures], at least 0.

    >>> shares(np.array([[3.0], [1.0]])).tolist()
    [[0.75], [0.25]]
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / totals.sum(axis=-2, keepdims=True))


def skew(got: Array, reference: Array) -> Array:
    """ln(share / reference share), 0 where a group gets what its size says (Geyik et al. 2019, definition 3.1).

    >>> skew(np.array([0.25, 0.75]), np.array([0.5, 0.5])).round(3).tolist()
    [-0.693, 0.405]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(got / reference))


def impact_ratios(rates: Array) -> Array:
    """Each group's rate over that of the group with the highest; below 0.8 breaks the four-fifths rule (EEOC 1978).

    >>> impact_ratios(np.array([[0.5], [0.3], [0.25]])).ravel().tolist()
    [1.0, 0.6, 0.5]
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(rates / np.nanmax(rates, axis=-2, keepdims=True))


def ndkl(placed: Array, reference: Array) -> Array:
    """float64 [n_places], normalised discounted cumulative KL divergence of the first 1, 2, ... places; 0 is fair.

    Geyik et al. 2019, definition 3.4. Places before which nobody got anything diverge by 0.

    Args:
        placed: float64 [n_groups, n_places], what each group got at each place, at least 0.
        reference: float64 [n_groups], the groups' shares without a difference, above 0, summing to 1.

    >>> ndkl(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.5])).round(3).tolist()  # ln 2, then 0
    [0.693, 0.425]
    """
    got = shares(np.cumsum(placed, axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(got > 0, got * np.log(got / reference[:, None]), 0.0)
    weights = discounts(placed.shape[1])
    return np.asarray(np.cumsum(weights * terms.sum(axis=0)) / np.cumsum(weights))
