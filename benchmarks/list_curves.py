"""Kernel: what each way of making lists costs in relevance and what it buys, over one night's matches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.evaluation.variety import coverage, gini
from pipelines.ranking.config import ExposureConfig, RankingConfig
from pipelines.ranking.exposure import Doubles, Ints, Prices, first, moved, worth
from pipelines.ranking.gathered import Gathered
from pipelines.ranking.listing import Listing, Vectors
from pipelines.ranking.lists import NOTHING, Lists

Figures = dict[str, float | None]

_BLOCK = 512


@dataclass(frozen=True)
class Matched:
    """One night's matches.

    Args:
        matches: of all members.
        scores: [n_members, width].
        gains: how right a match is, [n_members, width]; None where nobody knows.
        vectors: of postings.
    """

    matches: Gathered
    scores: Doubles
    gains: Doubles | None
    vectors: Vectors


@dataclass(frozen=True)
class Curve:
    """One switch, turned up.

    Args:
        name: of the setting.
        values: that it is given; the first is off.
        listing: how lists are made at a value.
    """

    name: str
    values: Sequence[float]
    listing: Callable[[float], Listing]


def curves(night: Matched, config: RankingConfig, floors: Sequence[float]) -> Iterator[Curve]:
    """Each switch by itself, all others off."""
    off = config.model_copy(
        update={"diversity": 0.0, "exploration": config.exploration.model_copy(update={"share": 0.0})}
    )

    def shared(strength: float) -> Listing:
        exposure = off.exposure.model_copy(update={"strength": strength})
        return Listing(off, settled(night, exposure, off.recommendations_per_member) if strength else None)

    def varied(weight: float) -> Listing:
        return Listing(off.model_copy(update={"diversity": weight}), None, night.vectors if weight else None)

    def explored(share: float) -> Listing:
        return Listing(off.model_copy(update={"exploration": off.exploration.model_copy(update={"share": share})}))

    yield Curve("exposure.strength", (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15), shared)
    yield Curve("diversity", (0.0, 0.1, 0.2, 0.3, 0.5), varied)
    yield Curve("exploration.share", (0.0, 0.05, 0.1, 0.2), explored)
    yield Curve("min_score", (0.0, *floors), lambda floor: Listing(off.model_copy(update={"min_score": floor})))


def measured(night: Matched, curve: Curve) -> Iterator[Figures]:
    """Figures of the lists at each value."""
    plain: Figures = {}
    for value in curve.values:
        listing = curve.listing(value)
        found = figures(night, listing, lists_of(night, listing))
        plain = plain or found
        losses = {f"{name}_loss": _loss(found[name], plain[name]) for name in ("score_dcg", "true_dcg")}
        shortened = (plain["shown"] or 0) - (found["shown"] or 0)
        yield {"value": value, **found, **losses, "rows_left_out": shortened}


def lists_of(night: Matched, listing: Listing) -> Lists:
    """All members' lists, some members at a time."""
    floor = night.scores >= listing.config.min_score
    cut = {name: np.where(floor, getattr(night.matches, name), -np.inf) for name in ("standing", "within")}
    given = Gathered(**{**vars(night.matches), **cut})
    parts = []
    for start in range(0, len(night.scores), _BLOCK):
        rows = slice(start, start + _BLOCK)
        seeds = np.arange(len(night.scores))[rows]
        parts.append(listing.of(Gathered(*(column[rows] for column in vars(given).values())), seeds))
    return Lists(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("match", "by_lot", "propensity"))
    )


def figures(night: Matched, listing: Listing, lists: Lists) -> Figures:
    """Relevance, evenness and variety of the lists."""
    there = lists.match != NOTHING
    at = np.maximum(lists.match, 0)
    shown = np.take_along_axis(night.matches.postings, at, axis=1)
    could = np.unique(night.matches.postings[np.isfinite(night.matches.within)])
    counts = np.bincount(np.searchsorted(could, shown[there]), minlength=len(could))
    spread = np.unique(counts, return_counts=True)
    gains = None if night.gains is None else np.where(there, np.take_along_axis(night.gains, at, axis=1), 0.0)
    full = there.all(axis=1)
    return {
        "score_dcg": _dcg(np.where(there, np.take_along_axis(night.scores, at, axis=1), 0.0)),
        "true_dcg": None if gains is None else _dcg(gains),
        "right": None if gains is None else float((gains > 0).sum() / there.sum()),
        "gini": gini(*spread),
        "coverage": coverage(*spread),
        "unlike": unlike(night, shown, full),
        "shown": float(there.sum()),
        "full": float(full.mean()),
        "empty": float((~there.any(axis=1)).mean()),
    }


def unlike(night: Matched, shown: Ints, full: np.ndarray) -> float:
    """Mean of 1 - cosine over all pairs of a list, over 2,000 of the full lists."""
    rows = np.flatnonzero(full)
    vectors = night.vectors.of(shown[rows[:: max(1, len(rows) // 2000)]]).astype(np.float64)
    k, total = vectors.shape[1], vectors.sum(axis=1)
    return float((1 - ((total**2).sum(axis=1) - (vectors**2).sum(axis=(1, 2))) / (k * (k - 1))).mean())


def settled(night: Matched, config: ExposureConfig, k: int) -> Prices:
    """The prices after the configured rounds, as `jobs.share_exposure` finds them."""
    within = night.matches.within
    prices = Prices.none(np.unique(night.matches.postings[np.isfinite(within)]))
    places = prices.places(night.matches.postings)
    lists = np.zeros(len(prices.postings), dtype=np.int64)
    for turn in range(config.rounds + 1):
        chosen = first(worth(within, prices.prices[places], k, config.max_loss), k)
        lists = np.bincount(places[chosen], minlength=len(prices.postings))
        if turn < config.rounds:
            prices = Prices(prices.postings, moved(prices.prices, lists, turn, config))
    return prices


def _dcg(gains: Doubles) -> float:
    return float((gains / np.log2(np.arange(2, gains.shape[1] + 2))).sum(axis=1).mean())


def _loss(value: float | None, plain: float | None) -> float | None:
    return None if value is None or not plain else 1 - value / plain


def floors_of(scores: Doubles, shares: Sequence[float]) -> list[float]:
    """Scores below which such shares of the first matches lie, to two digits.

    >>> floors_of(np.array([[0.1, 0.2], [0.3, -np.inf]]), [0.5])
    [0.2]
    """
    return [round(float(np.quantile(scores[np.isfinite(scores)], share)), 2) for share in shares]


Row = Mapping[str, float | None]
