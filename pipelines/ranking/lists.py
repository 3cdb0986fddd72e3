"""Kernel: from a member's matches to the list: the best, not all of one kind, not all alike, some of them drawn by lot.

The list is chosen one place after the other, each time the best of what is left; what lies beyond a cap comes after all
that does not, and what lies beyond a wish after everything. What is chosen then stands in the order of `standing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOTHING: Final = -1  # instead of a place, where there are fewer
_CAPPED, _BEYOND, _GONE = 1, 2, 4  # the tiers in which matches are chosen: 0, and these or their sum


@dataclass(frozen=True)
class Cap:
    """At most `most` of one kind stand before all others.

    Args:
        kinds: of the matches, [n_members, width]; 0: of no known kind, and of those as many as there are.
        most: of one kind.
    """

    kinds: Ints
    most: int


@dataclass(frozen=True)
class Variety:
    """Maximal marginal relevance (Carbonell and Goldstein 1998).

    Args:
        likeness: cosine of each match with each of the same member, float32 [n_members, width, width].
        share: weight in [0, 1] of being unlike what is on the list already; the rest is the match's own worth, from 0
            for the member's worst match to 1 for the best.
    """

    likeness: Floats
    share: float


@dataclass(frozen=True)
class Chosen:
    """Matches in the order in which they were chosen.

    Args:
        match: where it stands among the member's, [n_members, count]; `NOTHING` where there are fewer.
        tier: 0 for what lies within caps and wishes, [n_members, count]; rises along a row.
    """

    match: Ints
    tier: Ints


def choose(worth: Doubles, beyond: Bools, caps: Sequence[Cap], count: int, variety: Variety | None = None) -> Chosen:
    """The first `count` matches of each member, equal ones from the left.

    Args:
        worth: [n_members, width]; -inf where a member has fewer matches.
        beyond: whether a match lies beyond a wish, [n_members, width].
        caps: what there may be only so much of.
        count: most per member.
        variety: None: worth alone counts.

    The second of the same company comes after the other's; nothing is left out.

    >>> company = np.array([[7, 7, 8]])
    >>> chosen = choose(np.array([[0.9, 0.8, 0.3]]), np.zeros((1, 3), bool), [Cap(company, 1)], 3)
    >>> chosen.match.tolist(), chosen.tier.tolist()
    ([[0, 2, 1]], [[0, 0, 1]])
    """
    n_members, width = worth.shape
    rows = np.arange(n_members)
    left, capped = np.isfinite(worth), np.zeros(worth.shape, dtype=np.bool_)
    counts = [np.zeros(worth.shape, dtype=np.int64) for _ in caps]
    own = worth if variety is None else _from_worst_to_best(worth)
    nearest = np.zeros(worth.shape)
    chosen = Chosen(np.full((n_members, count), NOTHING), np.full((n_members, count), _GONE))
    for place in range(min(count, width)):
        tier = np.where(left, _CAPPED * capped + _BEYOND * beyond, _GONE)
        first = tier.min(axis=1)
        value = own if variety is None else (1 - variety.share) * own - variety.share * nearest
        match = np.where(tier == first[:, None], value, -np.inf).argmax(axis=1)
        some = first < _GONE
        chosen.match[:, place] = np.where(some, match, NOTHING)
        chosen.tier[:, place] = first
        left[rows, match] = False
        for cap, number in zip(caps, counts, strict=True):
            number += (cap.kinds == cap.kinds[rows, match][:, None]) & (cap.kinds != 0)
            capped |= number >= cap.most
        if variety is not None:
            nearest = np.maximum(nearest, variety.likeness[rows, match])
    return chosen


def ranked(chosen: Chosen, standing: Doubles, k: int) -> Ints:
    """The first `k` chosen, tier by tier by standing, equal ones from the left; [n_members, k], the rest `NOTHING`."""
    match, tier = chosen.match[:, :k], chosen.tier[:, :k]
    high = np.take_along_axis(standing, np.maximum(match, 0), axis=1)
    return np.take_along_axis(match, np.lexsort((match, -high, tier), axis=1), axis=1)


@dataclass(frozen=True)
class Lots:
    """Which places are filled by lot.

    Args:
        share: probability of each place to be.
        first_rank: the first place that can be, from 1.
    """

    share: float
    first_rank: int


@dataclass(frozen=True)
class Lists:
    """What is shown.

    Args:
        match: by place, [n_members, k]; `NOTHING` where there are fewer.
        by_lot: whether it was drawn, [n_members, k].
        propensity: probability with which this match came to this place, [n_members, k]; 1 where it was not drawn for.
    """

    match: Ints
    by_lot: Bools
    propensity: Doubles


def with_lots(listed: Ints, others: Ints, seeds: Ints, keys: Ints, lots: Lots) -> Lists:
    """The lists with some of their places given to others, each of which is as likely to be drawn.

    Each place from `first_rank` on is drawn for with probability `share`, apart from all others. A list with fewer
    others than such places is left as it is.

    Args:
        listed: see `ranked`, [n_members, k].
        others: matches that could stand there as well, [n_members, n]; `NOTHING` at the end.
        seeds: of the members, [n_members]; equal seeds, equal lots.
        keys: of the matches, [n_members, width]; different ones in a row.
        lots: how many.
    """
    k = listed.shape[1]
    lists = Lists(listed.copy(), np.zeros(listed.shape, dtype=np.bool_), np.ones(listed.shape))
    places, candidates = np.arange(min(lots.first_rank - 1, k), k), (others != NOTHING).sum(axis=1)
    drawing = np.flatnonzero((candidates >= len(places)) & (listed != NOTHING).all(axis=1))
    if not lots.share or not len(places) or not len(drawing):
        return lists
    coins = uniform(seeds[drawing, None], places[None, :]) < lots.share
    of_others = np.take_along_axis(keys[drawing], np.maximum(others[drawing], 0), axis=1)
    draws = np.where(others[drawing] == NOTHING, np.inf, uniform(~seeds[drawing, None], of_others))
    in_turn = np.take_along_axis(others[drawing], np.argsort(draws, axis=1, kind="stable"), axis=1)
    drawn = np.take_along_axis(in_turn, np.maximum(np.cumsum(coins, axis=1) - 1, 0), axis=1)
    at = np.ix_(drawing, places)
    lists.match[at] = np.where(coins, drawn, listed[at])
    lists.by_lot[at] = coins
    lists.propensity[at] = np.where(coins, lots.share / candidates[drawing, None], 1 - lots.share)
    return lists


def uniform(seeds: Ints, keys: Ints) -> Doubles:
    """Doubles in [0, 1), one for each seed and key, broadcast together (SplitMix64; Steele, Lea and Flood 2014)."""
    mixed = seeds.astype(np.uint64) + keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53)


def _from_worst_to_best(worth: Doubles) -> Doubles:
    """From 0 for a member's worst match to 1 for the best; 0 where all are equal."""
    known = np.isfinite(worth)
    best = np.where(known, worth, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    worst = np.where(known, worth, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known & (best > worst), (worth - worst) / (best - worst), 0.0)
