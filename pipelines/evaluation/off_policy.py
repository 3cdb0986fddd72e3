"""Kernel: what other lists would have brought, from what happened on lists that were partly drawn by lot."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.retrieval import Array, interval, resampled_means


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval over members."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OffPolicy:
    """Mean reward of a place under the target policy.

    Args:
        ips: by inverse propensities (Horvitz and Thompson 1952); without bias where nothing was clipped and whatever
            the target shows could have been drawn.
        snips: the same over the sum of the weights (Swaminathan and Joachims 2015): less variance, slight bias;
            None where the target shows nothing that was logged.
        effective_places: Kish's effective sample size of the weights; far below `places`, few rows decide.
        places: logged places.
        members: members with a logged place.
    """

    ips: Estimate
    snips: Estimate | None
    effective_places: float
    places: int
    members: int


def off_policy(
    rewards: Array,
    propensities: Array,
    target: Array,
    owners: npt.NDArray[np.int64],
    *,
    clip: float,
    resamples: int,
    seed: int,
) -> OffPolicy:
    """Value of the target policy from places that another policy filled.

    Args:
        rewards: float64 [n_places], what the posting at each logged place brought.
        propensities: float64 [n_places], probability in (0, 1] with which it got its place.
        target: float64 [n_places], probability that the target policy puts it there.
        owners: int64 [n_places], whose list it is; members are drawn whole for the intervals.
        clip: largest weight target / propensity; lower is less variance and more bias towards 0.
        resamples: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: there is no place, or a propensity is not in (0, 1].

    Two of four places are the target's, drawn with probability 1/2 and 1/4; the first brought 1:
    (2 x 1 + 4 x 0) / 4, and over the weights (2 x 1 + 4 x 0) / (2 + 4); (2 + 4)^2 / (4 + 16).

    >>> ones = np.array([1.0, 0, 1, 0])
    >>> shown, drawn = np.array([1.0, 1, 0, 0]), np.array([0.5, 0.25, 0.5, 1])
    >>> found = off_policy(ones, drawn, shown, np.array([0, 0, 1, 1]), clip=10, resamples=9, seed=0)
    >>> found.ips.value, round(found.snips.value, 4), found.effective_places
    (0.5, 0.3333, 1.8)
    """
    if not len(rewards) or (propensities <= 0).any() or (propensities > 1).any():
        raise ValueError("places with propensities in (0, 1] are needed")
    weights = np.minimum(target / propensities, clip)
    members, rows = np.unique(owners, return_inverse=True)
    columns = (weights * rewards, weights, np.ones(len(rewards)))
    sums = np.column_stack([np.bincount(rows, weights=column) for column in columns]).astype(np.float64)
    means = resampled_means(sums, resamples=resamples, seed=seed)
    brought, weight, places = sums.sum(axis=0)
    drawn = means[means[:, 1] > 0]
    return OffPolicy(
        ips=Estimate(float(brought / places), *interval(means[:, 0] / means[:, 2])),
        snips=Estimate(float(brought / weight), *interval(drawn[:, 0] / drawn[:, 1]))
        if weight and len(drawn)
        else None,
        effective_places=float(weight**2 / (weights**2).sum()) if weight else 0.0,
        places=len(rewards),
        members=len(members),
    )
