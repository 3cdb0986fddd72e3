"""Kernel: the static tier, from texts and teacher vectors to a table of token vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pipelines.distillation.bags import TokenBags, mean_vectors, token_bags
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.lessons import Lessons
from pipelines.distillation.start import Matrix, least_squares, rotation, token_features, unit
from pipelines.distillation.vocabulary import frequent_entries, token_parts, with_entries
from pipelines.teaching.teacher import Encoder


class StaticStudent(NamedTuple):
    """A tokenizer, a vector per token, and the directions of the teacher's space that the vectors stand for.

    Args:
        table: int8 [n_tokens, dimension]; times `scales`, a token's vector.
        scales: float32 [n_tokens].
        directions: float32 [d, dimension], orthonormal columns.
    """

    tokenizer: Tokenizer
    table: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    directions: Matrix

    def encode(self, texts: Sequence[str]) -> Matrix:
        """float32 [len(texts), dimension], unit length; a text without tokens is zero."""
        return unit(mean_vectors(token_bags(texts, self.tokenizer), self.table * self.scales[:, None]))


def static_student(
    lessons: Lessons,
    vectors: Matrix,
    *,
    teacher: Encoder,
    config: DistillationConfig,
    checkpoint: Path,
    progress: Callable[[str], None],
) -> StaticStudent:
    """A student that looks up the tokens of a text and adds their vectors.

    Args:
        vectors: float32 [len(lessons.taught), d], the teacher's.
        checkpoint: folder for the state of the training.
    """
    from pipelines.distillation.tiers import StaticTier  # brings torch: seconds, and most nights distil nothing
    from pipelines.distillation.training import train

    pieces = teacher.tokenizer
    pieces.no_padding()
    pieces.no_truncation()
    entries = frequent_entries(lessons.texts, pieces, min_texts=config.min_entry_texts, max_entries=config.max_entries)
    features = token_features(teacher, progress)
    tokenizer = with_entries(pieces, entries)
    parts = token_parts(pieces, entries, len(features))
    bags = token_bags(lessons.texts, tokenizer).replaced(parts)
    progress(f"vocabulary: {len(features)} pieces, {len(entries)} words and phrases")
    directions = rotation(vectors, config.dimension)
    targets = unit(vectors @ directions)
    spelt = token_bags([lessons.texts[row] for row in lessons.taught], pieces)
    start = np.zeros((len(parts.lengths), config.dimension), dtype=np.float32)
    start[: len(features)] = features @ least_squares(mean_vectors(spelt, features), targets)
    tier = StaticTier(bags, start, device())
    train(tier, lessons, targets, config=config.training, checkpoint=checkpoint, progress=progress)
    return StaticStudent(tokenizer, *quantised(summed(tier.rows, parts)), directions)


def summed(rows: Matrix, parts: TokenBags) -> Matrix:
    """float32 [n_tokens, dimension], the sum of each token's parts."""
    return np.asarray(mean_vectors(parts, rows) * parts.lengths[:, None], dtype=np.float32)


def quantised(table: Matrix) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """The table in steps of a 127th of each row's largest value, and the steps.

    >>> table, steps = quantised(np.array([[127.0, -254.0], [0.0, 0.0]], dtype=np.float32))
    >>> table.tolist(), steps.tolist()
    ([[64, -127], [0, 0]], [2.0, 0.0])
    """
    steps = np.abs(table).max(axis=1) / 127
    levels = np.rint(table / np.where(steps == 0, 1, steps)[:, None])
    return levels.astype(np.int8), steps.astype(np.float32)


def device() -> str:
    """Where to train."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
