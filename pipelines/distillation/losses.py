"""Kernel: the parts of what a student is trained to make small; all vectors have unit length."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

_NEVER = -1e4


def cosine_distance(learnt: Tensor, taught: Tensor) -> Tensor:
    """Mean of 1 - cosine of the student's and the teacher's vector of a text.

    Args:
        learnt: float32 [n, d].
        taught: float32 [n, d].

    >>> cosine_distance(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])).item()
    0.5
    """
    return 1 - (learnt * taught).sum(dim=1).mean()


def similarity_divergence(learnt: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Mean Kullback-Leibler divergence of both softmax distributions of a text's likeness to the others.

    Args:
        learnt: float32 [n, d].
        taught: float32 [n, any width].

    >>> side = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    >>> abs(similarity_divergence(side, side, 0.05).item()) < 1e-6
    True
    """
    others = ~torch.eye(len(taught), dtype=torch.bool, device=learnt.device)
    ours, theirs = (
        functional.log_softmax((side @ side.T)[others].view(len(taught), -1) / temperature, dim=1)
        for side in (learnt, taught)
    )
    return functional.kl_div(ours, theirs, log_target=True, reduction="batchmean")


def contrast(anchors: Tensor, others: Tensor, masked: Tensor, temperature: float) -> Tensor:
    """Symmetric cross entropy of finding each anchor's other side among all of the batch (InfoNCE, van den Oord 2018).

    Args:
        anchors: float32 [n, d].
        others: float32 [n, d], the i-th belongs to the i-th anchor.
        masked: bool [n, n], true where a pair is no counterexample.

    >>> side = torch.eye(2)
    >>> round(contrast(side, side, torch.zeros(2, 2, dtype=torch.bool), 1.0).item(), 4)  # ln(1 + 1/e)
    0.3133
    """
    likeness = (anchors @ others.T / temperature).masked_fill(masked, _NEVER)
    right = torch.arange(len(anchors), device=anchors.device)
    return (functional.cross_entropy(likeness, right) + functional.cross_entropy(likeness.T, right)) / 2


def nested_contrast(
    anchors: Tensor, others: Tensor, masked: Tensor, temperature: float, dimensions: Sequence[int]
) -> Tensor:
    """Mean `contrast` in the leading dimensions alone (Matryoshka representation learning, Kusupati 2022)."""
    parts = [
        contrast(
            functional.normalize(anchors[:, :inner], dim=1),
            functional.normalize(others[:, :inner], dim=1),
            masked,
            temperature,
        )
        for inner in dimensions
    ]
    return torch.stack(parts).mean()


def graded_divergence(left: Tensor, right: Tensor, scores: Tensor, temperature: float) -> Tensor:
    """Mean shortfall in telling better pairs from worse: softplus of how much nearer a pair is that was scored lower.

    Every two pairs whose scores differ count, by the difference (CoSENT's ranking loss, weighted); the level of the
    scores is not learnt, since a cosine and a grade have no common scale.

    Args:
        left: float32 [n, d].
        right: float32 [n, d].
        scores: float32 [n], in [0, 1].

    >>> sides = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> same = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> good, bad = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    >>> graded_divergence(same, sides, good, 0.05).item() < 1e-6 < graded_divergence(same, sides, bad, 0.05).item()
    True
    """
    likeness = (left * right).sum(dim=1)
    margin = (scores[:, None] - scores[None, :]).clamp(min=0)
    wrong = functional.softplus((likeness[None, :] - likeness[:, None]) / temperature)
    return (margin * wrong).sum() / margin.sum().clamp(min=1e-9)
