"""Kernel: boosted trees that turn the features of a pair into the probability that the member is interested.

Trees are shallow, few and monotone in every feature whose direction is known: with a few hundred people to learn from,
what holds for a stranger is what a person could have said beforehand, only weighed better. The direction also keeps out
what must not be learned: that a posting seen by nobody else is the one that a member of the log has opened.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from sklearn.linear_model import LogisticRegression

from pipelines.publishing import artifacts
from pipelines.ranking.config import LearnerConfig

KIND = "ranker"
BASE = "base"  # the part of a score that a pair of average features has
_TREES, _CALIBRATION = "trees.json", "calibration.json"

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Pairs to learn from."""

    features: Floats  # [n, n_features]; NaN: not known
    interested: Bools  # [n]
    weight: Doubles  # [n], in what is preferred to what; the probability is that of what was seen
    fold: npt.NDArray[np.int64]  # [n], the same for all pairs of a member

    def of(self, chosen: Bools) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.features[chosen], self.interested[chosen], self.weight[chosen], self.fold[chosen])


@dataclass(frozen=True)
class Ranker:
    """Trees and the line through their margins that makes them a probability."""

    trees: xgb.Booster
    slope: float
    offset: float

    def probability(self, features: Floats) -> Doubles:
        """float64 [n]; of features in the order of training."""
        return _logistic(self.slope * self._margin(features) + self.offset)

    def parts(self, features: Floats) -> Doubles:
        """float64 [n, n_features + 1]: what each feature adds to the probability, and the base; a row sums to it.

        Shapley values of the margin (Lundberg 2020), each scaled by the slope of the line from the base's probability
        to the pair's.
        """
        margins = self.trees.predict(xgb.DMatrix(features), pred_contribs=True).astype(np.float64) * self.slope
        base, added = margins[:, -1] + self.offset, margins[:, :-1]
        total = added.sum(axis=1)
        low, high = _logistic(base), self.probability(features)
        flat = np.abs(total) < 1e-9
        steep = np.where(flat, low * (1 - low), (high - low) / np.where(flat, 1.0, total))
        return np.column_stack([added * steep[:, None], np.where(flat, high - total * steep, low)])

    def _margin(self, features: Floats) -> Doubles:
        margins: Doubles = self.trees.predict(xgb.DMatrix(features), output_margin=True).astype(np.float64)
        return margins


def train(pairs: Pairs, directions: Sequence[int], config: LearnerConfig) -> tuple[Ranker, Doubles]:
    """A ranker of all pairs, and the probability of each pair by trees that have seen nobody of its fold.

    The two numbers of its line come from pairs outside the fold, by the trees of their own folds.

    Args:
        pairs: of members in at least two folds, with at least one pair of interest outside each.
        directions: of each feature: 1, -1 or 0.
        config: how the trees grow.

    Raises:
        ValueError: there is nothing to learn: no pair of interest, or no other, outside a fold.
    """
    margins = np.empty(len(pairs.fold))
    for fold in np.unique(pairs.fold).tolist():
        inside = pairs.fold == fold
        trees = _grow(pairs.of(~inside), directions, config)
        margins[inside] = trees.predict(xgb.DMatrix(pairs.features[inside]), output_margin=True)
    probability = np.empty(len(margins))
    for fold in np.unique(pairs.fold).tolist():
        inside = pairs.fold == fold
        slope, offset = _line(margins[~inside], pairs.of(~inside))
        probability[inside] = _logistic(slope * margins[inside] + offset)
    return Ranker(_grow(pairs, directions, config), *_line(margins, pairs)), probability


def save(ranker: Ranker, folder: Path) -> None:
    """`folder` holds the ranker: two JSON files, nothing that runs when it is read."""
    ranker.trees.save_model(folder / _TREES)
    artifacts.write_json(folder / _CALIBRATION, {"slope": ranker.slope, "offset": ranker.offset})


@lru_cache(maxsize=1)
def load(folder: Path) -> Ranker:
    """The ranker in `folder`, verified, on one thread.

    Raises:
        ArtifactError: the folder is no ranker, or damaged.
    """
    artifacts.verify(folder, kind=KIND)
    trees = xgb.Booster({"nthread": 1}, model_file=folder / _TREES)
    return Ranker(trees, **json.loads((folder / _CALIBRATION).read_text(encoding="utf-8")))


def _grow(pairs: Pairs, directions: Sequence[int], config: LearnerConfig) -> xgb.Booster:
    share = float(np.average(pairs.interested, weights=pairs.weight)) if len(pairs.interested) else 0.0
    if not 0 < share < 1:
        raise ValueError(f"{int(pairs.interested.sum())} of {len(pairs.interested)} pairs are of interest")
    grown: dict[str, Any] = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "monotone_constraints": "(" + ",".join(map(str, directions)) + ")",
        "base_score": share,
        "max_depth": config.depth,
        "eta": config.learning_rate,
        "min_child_weight": config.min_leaf_weight,
        "lambda": config.l2,
        "seed": config.seed,
        "nthread": 1,  # sums of floats depend on how many threads add them
    }
    matrix = xgb.DMatrix(pairs.features, pairs.interested, weight=pairs.weight)
    return xgb.train(grown, matrix, config.trees)


def _line(margins: Doubles, pairs: Pairs) -> tuple[float, float]:
    """Slope and offset under which margins are log odds of what was seen (Platt 1999); the slope is never negative."""
    fitted = LogisticRegression(C=np.inf).fit(margins[:, None], pairs.interested)
    return max(float(fitted.coef_[0, 0]), 0.0), float(fitted.intercept_[0])


def _logistic(margin: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-margin)))
