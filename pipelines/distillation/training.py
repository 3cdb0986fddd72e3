"""Kernel: training, a checkpoint after each epoch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipelines.distillation.checkpoint import restore, save
from pipelines.distillation.config import TrainingConfig
from pipelines.distillation.draws import PairDraws
from pipelines.distillation.lessons import Lessons, Rows
from pipelines.distillation.losses import (
    contrast,
    cosine_distance,
    graded_divergence,
    nested_contrast,
    similarity_divergence,
)
from pipelines.distillation.tiers import Tier

_MAX_COMPARED = 512  # texts of a batch whose likeness to each other is learnt


def train(
    tier: Tier,
    lessons: Lessons,
    targets: npt.NDArray[np.float32],
    *,
    config: TrainingConfig,
    checkpoint: Path,
    progress: Callable[[str], None],
) -> None:
    """The tier has learnt its lessons.

    Each epoch's draws depend on the seed and the epoch alone, so a training that was killed goes on after its last
    finished epoch and ends with the same weights, bit for bit on the same machine. The learning rate falls in a line
    to 0.

    Args:
        targets: float32 [len(lessons.taught), d], the teacher's vectors of the taught texts, unit length.
        checkpoint: folder of the state after the last finished epoch.
        progress: told after each epoch.
    """
    optimizer = tier.optimizer()
    steps = max(1, len(targets) // config.batch_texts)
    done = restore(checkpoint, tier, optimizer)
    if done:
        progress(f"training: goes on after epoch {done}")
    with _few_threads():
        for epoch in range(done, config.epochs):
            step = _Step(tier, lessons, targets, config, np.random.default_rng([config.seed, epoch]))
            total = 0.0
            for number, positions in enumerate(np.array_split(step.draws.permutation(len(targets)), steps)):
                for group in optimizer.param_groups:
                    group["lr"] = config.learning_rate * (1 - (epoch + number / steps) / config.epochs)
                loss = step.loss(positions)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
                total += loss.item()
            save(checkpoint, tier, optimizer, epochs=epoch + 1)
            progress(f"training: epoch {epoch + 1} of {config.epochs}, mean loss {total / steps:.4f}")


class _Step:
    def __init__(
        self,
        tier: Tier,
        lessons: Lessons,
        targets: npt.NDArray[np.float32],
        config: TrainingConfig,
        draws: np.random.Generator,
    ) -> None:
        self._tier, self._lessons, self._targets, self._config = tier, lessons, targets, config
        self._pairs = PairDraws(lessons, config) if config.contrast_weight and lessons.groups else None
        self.draws = draws

    def loss(self, positions: Rows) -> Tensor:
        """The weighted sum of all parts, for these taught texts and for pairs drawn beside them."""
        config = self._config
        learnt = self._tier.vectors([row[None] for row in self._lessons.taught[positions]])
        taught = torch.from_numpy(self._targets[positions]).to(learnt.device)
        loss = config.cosine_weight * cosine_distance(learnt, taught)
        if config.similarity_weight and len(positions) > 1:
            few = slice(_MAX_COMPARED)
            divergence = similarity_divergence(learnt[few], taught[few], config.temperature)
            loss = loss + config.similarity_weight * divergence
        if self._pairs:
            loss = loss + config.contrast_weight * self._contrast(self._pairs)
        if config.graded_weight and len(self._lessons.scores):
            loss = loss + config.graded_weight * self._graded()
        return loss

    def _contrast(self, pairs: PairDraws) -> Tensor:
        config = self._config
        drawn = pairs.draw(self.draws)
        both = self._tier.vectors([*drawn.anchors, *drawn.others])
        anchors, others = both[: len(drawn.anchors)], both[len(drawn.anchors) :]
        masked = torch.from_numpy(drawn.masked).to(both.device)
        loss = contrast(anchors, others, masked, config.temperature)
        if config.nested_weight and config.nested_dimensions:
            inner = nested_contrast(anchors, others, masked, config.temperature, config.nested_dimensions)
            loss = loss + config.nested_weight * inner
        return loss

    def _graded(self) -> Tensor:
        lessons = self._lessons
        size = min(self._config.batch_graded, len(lessons.scores))
        some = self.draws.choice(len(lessons.scores), size=size, replace=False)
        both = self._tier.vectors([row[None] for row in [*lessons.left[some], *lessons.right[some]]])
        scores = torch.from_numpy(lessons.scores[some]).to(both.device)
        return graded_divergence(both[:size], both[size:], scores, self._config.temperature)


@contextmanager
def _few_threads() -> Iterator[None]:
    """Two threads at most: the same sums wherever there are two cores, and batches this small gain little from more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(min(2, threads))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
