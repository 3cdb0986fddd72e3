"""Kernel: what is trained: a table of token vectors, or the first layers of the teacher."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.distillation.bags import TokenBags
from pipelines.distillation.lessons import Rows


class Tier(Protocol):
    """A student in training."""

    def vectors(self, readings: Sequence[Rows]) -> Tensor:
        """float32 [len(readings), d], unit length; each reading is rows of texts that are read as one."""
        ...

    def optimizer(self) -> torch.optim.Optimizer:
        """What moves its weights, at a rate that is set before each step; made once."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Its weights."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> object:
        """Take these weights."""
        ...


class StaticTier(nn.Module):
    """A vector per part of a token; a text is the sum of its parts."""

    def __init__(self, bags: TokenBags, start: npt.NDArray[np.float32], device: str) -> None:
        """Ready to train.

        Args:
            bags: the parts of every text.
            start: float32 [n_parts, dimension].
            device: of torch.
        """
        super().__init__()
        self._bags = bags
        self.table = nn.EmbeddingBag.from_pretrained(torch.from_numpy(start), freeze=False, mode="sum", sparse=True)
        self.to(device)

    def vectors(self, readings: Sequence[Rows]) -> Tensor:
        """The sums of their parts, at length 1."""
        bags = self._bags.joined(readings)
        device = self.table.weight.device
        ids, starts = torch.from_numpy(bags.ids).to(device), torch.from_numpy(bags.starts).to(device)
        return functional.normalize(self.table(ids, starts), dim=1)

    def optimizer(self) -> torch.optim.Optimizer:
        """Moves the rows that a step has looked at."""
        return torch.optim.SparseAdam(self.parameters())

    @property
    def rows(self) -> npt.NDArray[np.float32]:
        """float32 [n_parts, dimension], what it has learnt."""
        return np.asarray(self.table.weight.detach().cpu().numpy(), dtype=np.float32)


class TransformerTier(nn.Module):
    """A sentence-transformers model of few layers; a reading of several texts is one text of them all."""

    def __init__(self, model: nn.Module, texts: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self._texts = texts

    def vectors(self, readings: Sequence[Rows]) -> Tensor:
        """What the model makes of them."""
        joined = [" ".join(self._texts[row] for row in rows) for rows in readings]
        model: Any = self.model
        device = next(self.model.parameters()).device
        features = {name: part.to(device) for name, part in model.preprocess(joined).items() if hasattr(part, "to")}
        return functional.normalize(model(features)["sentence_embedding"].float(), dim=1)

    def optimizer(self) -> torch.optim.Optimizer:
        """Moves every weight that learns."""
        return torch.optim.AdamW(parameter for parameter in self.parameters() if parameter.requires_grad)
