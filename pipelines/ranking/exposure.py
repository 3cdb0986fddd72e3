"""Kernel: attention shared out: a posting that many lists hold has a price, one that few hold a discount.

All members choose at once, each the postings of highest score less price; a price then moves towards where its
posting stands among all by the number of lists, which is the subgradient of the Gini index: where prices rest, what is
lost in score plus `strength` times the number of places times the Gini index is least, but for ties and the bounds on
losses. A member never loses more than `max_loss` of the score of the own best list: whoever would, chooses at a part of
the price. Prices are as in an auction (Bertsekas 1988), floor and ceiling as in LiJAR (Borisyuk, Zhang and Kenthapadi
2017).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.ranking.config import ExposureConfig

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_PARTS = (0.5, 0.25, 0.125, 0.0)  # of the prices, for those who would lose too much at all of them
_LEAST_STEP = 0.05  # of the way to where a price should be; the first is the whole way


@dataclass(frozen=True)
class Prices:
    """What postings cost.

    Args:
        postings: their keys, rising, [n_postings].
        prices: in points of score, [n_postings].
    """

    postings: Ints
    prices: Doubles

    @classmethod
    def none(cls, postings: Ints) -> "Prices":
        """All postings cost nothing.

        Args:
            postings: their keys, each once, in any order.
        """
        return cls(np.sort(postings), np.zeros(len(postings)))

    def places(self, keys: Ints) -> Ints:
        """Where postings of any keys stand in `postings`; any place for a key that is none of them."""
        return np.minimum(np.searchsorted(self.postings, keys), len(self.postings) - 1)


def worth(scores: Doubles, of_match: Doubles, k: int, max_loss: float) -> Doubles:
    """Scores less the part of the prices that each member pays, [n_members, width].

    Args:
        scores: [n_members, width]; -inf where a member has fewer matches.
        of_match: their prices, [n_members, width].
        k: length of a list.
        max_loss: most of the discounted score of the best list that a list may lack.
    """
    best = (1 - max_loss) * _gain(scores, first(scores, k), k)
    paid = scores - of_match
    poor = np.arange(len(scores))
    for part in _PARTS:
        poor = poor[_gain(scores[poor], first(paid[poor], k), k) < best[poor]]
        if not len(poor):
            break
        paid[poor] = scores[poor] - part * of_match[poor]
    return paid


def first(values: Doubles, k: int) -> Bools:
    """True at the `k` highest finite values of each row, equal ones from the left; fewer where there are fewer.

    >>> first(np.array([[0.1, 0.3, 0.3, 0.3], [0.2, -np.inf, -np.inf, 0.1]]), 2).astype(int).tolist()
    [[0, 1, 1, 0], [1, 0, 0, 1]]
    """
    k = min(k, values.shape[1])
    last = np.partition(values, -k, axis=1)[:, [-k]]
    above, equal = values > last, values == last
    fits = np.cumsum(equal, axis=1) <= k - above.sum(axis=1, keepdims=True)
    return np.asarray((above | (equal & fits)) & np.isfinite(values))


def moved(prices: Doubles, lists: Ints, turn: int, config: ExposureConfig) -> Doubles:
    """The prices after a round, the first of which is turn 0.

    Below the floor a price moves to -strength, above the ceiling to strength, and between them to the rank of its
    posting; equal numbers of lists, equal prices. As there is not attention for everything, the floor is at most half
    of the mean, and the ceiling at least twice the mean.

    Args:
        prices: [n_postings].
        lists: that each posting is on at these prices, [n_postings].
        turn: steps grow smaller with it, so that prices come to rest.
        config: how much a price can be.
    """
    ordered, n, mean = np.sort(lists), max(len(lists), 1), float(lists.mean()) if len(lists) else 0.0
    ranks = (np.searchsorted(ordered, lists, "left") + np.searchsorted(ordered, lists, "right")) / n - 1
    low, high = min(config.min_lists, mean / 2), max(config.max_lists, mean * 2)
    wanted = config.strength * np.where(lists < low, -1.0, np.where(lists > high, 1.0, ranks))
    return np.asarray(prices + max(2 / (turn + 2), _LEAST_STEP) * (wanted - prices))


def _gain(scores: Doubles, chosen: Bools, k: int) -> Doubles:
    """Discounted score of each list in the order of scores, as DCG has it."""
    shown = np.where(chosen, np.maximum(scores, 0.0), 0.0)
    width = min(k, scores.shape[1])
    best = -np.sort(np.partition(-shown, width - 1, axis=1)[:, :width], axis=1)
    return np.asarray((best / np.log2(np.arange(2, width + 2))).sum(axis=1))  # the same in any company of rows
