"""Kernel: attention shared out: a posting that many lists hold has a price, one that few hold a discount.

All members choose at once, each the postings of highest score less price; a price then moves towards
`strength * log(lists / fair share)`, in smaller and smaller steps, until crowded postings are dear enough to leave
room. A member never pays more than `max_loss` of the score of the own best list: whoever would chooses at a part of the
price.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTS = (1.0, 0.5, 0.25, 0.125, 0.0)  # of the prices, that a member may choose at
_NOBODY = 0.3  # lists that a posting on none counts as: its discount must be finite


@dataclass(frozen=True)
class Matched:
    """Members' matches side by side.

    Args:
        postings: number of each posting, [n_members, width], rising in a row; `absent` where a member has fewer.
        scores: [n_members, width]; -inf where a member has fewer.
    """

    postings: Ints
    scores: Doubles


def side_by_side(lengths: Ints, postings: Ints, scores: Doubles, absent: int) -> Matched:
    """Matches given one member after the other, those of a member by rising number.

    Args:
        lengths: matches of each member, [n_members].
        postings: [n_matches].
        scores: [n_matches].
        absent: number for nothing: how many postings there are.
    """
    width = int(lengths.max(initial=0))
    member = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(postings)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    matched = Matched(np.full((len(lengths), width), absent), np.full((len(lengths), width), -np.inf))
    matched.postings[member, place] = postings
    matched.scores[member, place] = scores
    return matched


def parts_paid(matched: Matched, prices: Doubles, k: int, max_loss: float) -> Doubles:
    """The part of the prices at which each member chooses: the largest of `PARTS` that keeps the loss in bounds.

    Args:
        matched: of the members.
        prices: of each posting, [n_postings].
        k: length of a list.
        max_loss: most of the discounted score of the best list that a list may lack.
    """
    best = _worth(matched, _chosen(matched, prices, np.zeros(len(matched.scores)), k))
    paid = np.zeros(len(matched.scores))
    for part in sorted(PARTS):
        tried = np.full(len(paid), part)
        worth = _worth(matched, _chosen(matched, prices, tried, k))
        paid = np.where(worth >= (1 - max_loss) * best, part, paid)
    return paid


def lists_of_postings(matched: Matched, prices: Doubles, paid: Doubles, k: int) -> Ints:
    """On how many lists each posting is, [n_postings], when each member chooses at a part of the prices."""
    chosen = np.take_along_axis(matched.postings, _chosen(matched, prices, paid, k), axis=1)
    return np.bincount(chosen.ravel(), minlength=len(prices) + 1)[: len(prices)]


def moved(prices: Doubles, lists: Ints, strength: float, turn: int) -> Doubles:
    """The prices after a round, the first of which is turn 0.

    The fair share is the mean over all postings.

    >>> moved(np.zeros(2), np.array([30, 10]), strength=0.1, turn=0).round(3).tolist()
    [0.021, -0.033]
    """
    share = lists.mean() or 1.0
    wanted = strength * np.log((lists + _NOBODY) / share)
    return np.asarray(prices + (wanted - prices) / (2 + turn / 2))


def _chosen(matched: Matched, prices: Doubles, paid: Doubles, k: int) -> Ints:
    """Places of each member's first `k`, equal ones by number; [n_members, min(k, width)]."""
    adjusted = matched.scores - paid[:, None] * np.append(prices, 0.0)[matched.postings]
    return np.argsort(-adjusted, axis=1, kind="stable")[:, :k]


def _worth(matched: Matched, chosen: Ints) -> Doubles:
    """Discounted score of each list in the order of scores, as DCG has it."""
    scores = np.maximum(np.take_along_axis(matched.scores, chosen, axis=1), 0.0)
    ordered = -np.sort(-scores, axis=1)
    return np.asarray(ordered @ (1 / np.log2(np.arange(2, ordered.shape[1] + 2))))
