"""Kernel: a training's state in safetensors, replaced as a whole."""

import json
import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from pipelines.distillation.tiers import Tier

_FILE = "checkpoint.safetensors"


def save(folder: Path, tier: Tier, optimizer: torch.optim.Optimizer, *, epochs: int) -> None:
    """The state after `epochs` finished epochs is kept, and no older one."""
    folder.mkdir(parents=True, exist_ok=True)
    moments = optimizer.state_dict()["state"]
    tensors = {f"weights.{name}": value.contiguous() for name, value in tier.state_dict().items()}
    tensors |= {
        f"optimizer.{number}.{name}": torch.as_tensor(value).contiguous()
        for number, state in moments.items()
        for name, value in state.items()
    }
    draft = folder / f".{_FILE}"
    save_file(tensors, str(draft), metadata={"state": json.dumps({"epochs": epochs})})
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(folder / _FILE)


def restore(folder: Path, tier: Tier, optimizer: torch.optim.Optimizer) -> int:
    """Finished epochs whose state tier and optimizer now have; 0 and nothing changed where there is no checkpoint."""
    path = folder / _FILE
    if not path.exists():
        return 0
    with safe_open(str(path), framework="pt") as file:
        epochs = int(json.loads(file.metadata()["state"])["epochs"])
    tensors = load_file(str(path))
    tier.load_state_dict(
        {name.removeprefix("weights."): v for name, v in tensors.items() if name.startswith("weights.")}
    )
    moments: dict[int, dict[str, object]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, number, part = name.split(".", 2)
            moments.setdefault(int(number), {})[part] = int(value) if value.dim() == 0 else value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
    return epochs
