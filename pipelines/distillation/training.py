"""Kernel: training of the token table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from pipelines.distillation.bags import TokenBags
from pipelines.distillation.config import DistillationConfig

Matrix = npt.NDArray[np.float32]

_MAP_RATE = 0.1  # the map, which all tokens share, learns this much slower than a token's own row


def trained_table(
    bags: TokenBags,
    targets: Matrix,
    features: Matrix,
    start: Matrix,
    *,
    config: DistillationConfig,
    progress: Callable[[str], None],
) -> Matrix:
    """float32 [n_tokens, dimension], the row of each token: its features mapped, plus what it learnt for itself.

    A token that occurs in no text is its mapped features alone, so it keeps the meaning that the teacher gives it.
    The same arguments give the same bits.

    Args:
        bags: the texts.
        targets: float32 [n_texts, dimension], unit length.
        features: float32 [n_tokens, width].
        start: float32 [width, dimension], the map to start from.
        config: `epochs`, `batch_texts`, `learning_rate`, `shrinkage`, `seed` and the two of `distillation_loss` count.
        progress: told after each epoch.
    """
    used, local_ids = np.unique(bags.ids, return_inverse=True)
    local = TokenBags(local_ids.astype(np.int64), bags.lengths)
    seen = torch.from_numpy(features[used])
    shared = nn.Parameter(torch.from_numpy(start.copy()))
    own = nn.Parameter(torch.zeros(len(used), targets.shape[1]))
    optimizer = torch.optim.Adam(
        [
            {"params": [own], "lr": config.learning_rate, "weight_decay": config.shrinkage},
            {"params": [shared], "lr": config.learning_rate * _MAP_RATE},
        ]
    )
    batches = max(1, len(targets) // config.batch_texts)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1e-3, total_iters=config.epochs * batches)
    draws = np.random.default_rng(config.seed)
    with _one_thread():
        for epoch in range(config.epochs):
            total = 0.0
            for rows in np.array_split(draws.permutation(len(targets)), batches):
                batch = local.take(rows)
                ids, starts = torch.from_numpy(batch.ids), torch.from_numpy(batch.starts)
                mapped = functional.embedding_bag(ids, seen, starts, mode="mean") @ shared
                vectors = mapped + functional.embedding_bag(ids, own, starts, mode="mean")
                loss = distillation_loss(vectors, torch.from_numpy(targets[rows]), config=config)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
                slower.step()
                total += loss.item()
            progress(f"training: epoch {epoch + 1} of {config.epochs}, mean loss {total / batches:.4f}")
        table = torch.from_numpy(features) @ shared.detach()
        table[torch.from_numpy(used)] += own.detach()
    return table.numpy()


def distillation_loss(vectors: torch.Tensor, targets: torch.Tensor, *, config: DistillationConfig) -> torch.Tensor:
    """Mean cosine distance to the targets, plus how far the similarities within the batch are from the teacher's.

    The second part is the Kullback-Leibler divergence between the two softmax distributions, at `temperature`, of each
    text's similarities to the other texts; `similarity_weight` weighs it.

    Args:
        vectors: float32 [n, dimension], of any length.
        targets: float32 [n, dimension], unit length.
        config: `similarity_weight` and `temperature` count.
    """
    student = functional.normalize(vectors, dim=1)
    cosine_distance = 1 - (student * targets).sum(dim=1).mean()
    others = ~torch.eye(len(targets), dtype=torch.bool)
    if config.similarity_weight == 0 or len(targets) < 2:
        return cosine_distance
    learnt, taught = (
        functional.log_softmax((side @ side.T)[others].view(len(targets), -1) / config.temperature, dim=1)
        for side in (student, targets)
    )
    divergence = functional.kl_div(learnt, taught, log_target=True, reduction="batchmean")
    return cosine_distance + config.similarity_weight * divergence


@contextmanager
def _one_thread() -> Iterator[None]:
    """The same sums on every machine; batches this small gain little from more, and beside other work lose much."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
