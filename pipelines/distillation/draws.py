"""Kernel: what one training step looks at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.distillation.config import TrainingConfig
from pipelines.distillation.lessons import Group, Lessons, Rows

_SIZE_EXPONENT = 0.75  # a group with 16 times the titles is drawn 8 times as often
_JOINED_TEXTS = (3, 9)  # least, and first that is too many
_BOTH_JOINED_SHARE = 0.3  # of the pairs with joined texts: texts against other texts, no title


@dataclass(frozen=True)
class Pairs:
    """Pairs of one job each: every side the rows of one or more texts that are read as one.

    Args:
        masked: bool [n, n], off the diagonal true where the two jobs are the same or related.
    """

    anchors: Sequence[Rows]
    others: Sequence[Rows]
    masked: npt.NDArray[np.bool_]


class PairDraws:
    """Draws pairs of texts that mean one job."""

    def __init__(self, lessons: Lessons, config: TrainingConfig) -> None:
        self._lessons = lessons
        self._config = config
        sizes = np.array([max(1, len(group.titles)) for group in lessons.groups], dtype=np.float64) ** _SIZE_EXPONENT
        self._chances = sizes / sizes.sum()

    def draw(self, draws: np.random.Generator) -> Pairs:
        """`batch_pairs` pairs; the same state of `draws` gives the same ones."""
        groups = draws.choice(len(self._chances), size=self._config.batch_pairs, p=self._chances)
        sides = [self._pair(self._lessons.groups[group], draws) for group in groups]
        masked = self._lessons.related[groups][:, groups].toarray()
        np.fill_diagonal(masked, False)
        return Pairs([one for one, _ in sides], [two for _, two in sides], masked)

    def _pair(self, group: Group, draws: np.random.Generator) -> tuple[Rows, Rows]:
        config, (names, titles, texts) = self._config, group
        anchor = _one(names if len(names) and draws.random() < config.name_share else titles, draws)
        chance = draws.random()
        if chance < config.joined_share and len(texts) >= 2 * _JOINED_TEXTS[0]:
            shuffled = draws.permutation(texts)
            size = int(draws.integers(_JOINED_TEXTS[0], min(_JOINED_TEXTS[1], len(texts) // 2 + 1)))
            return (shuffled[-size:] if draws.random() < _BOTH_JOINED_SHARE else anchor), shuffled[:size]
        others = titles[titles != anchor]
        wants_text = chance < config.joined_share + config.text_share or not len(others)
        return anchor, _one(texts if wants_text and len(texts) else others, draws)


def _one(rows: Rows, draws: np.random.Generator) -> Rows:
    place = int(draws.integers(len(rows)))
    return rows[place : place + 1]
