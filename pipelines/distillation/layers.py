"""Kernel: the transformer tier, a student of its teacher's first layers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.lessons import Lessons
from pipelines.distillation.start import Matrix
from pipelines.distillation.static import device
from pipelines.teaching.bi_encoder import model_folder
from schemas.errors import ConfigError


def write_transformer_student(
    name: str,
    lessons: Lessons,
    vectors: Matrix,
    *,
    config: DistillationConfig,
    folder: Path,
    checkpoint: Path,
    progress: Callable[[str], None],
) -> None:
    """A student in `folder` of the first layers of the model called `name`, taught as the static one is.

    Raises:
        ConfigError: `dimension` is not the model's own, or it has fewer layers.
    """
    from torch import nn  # brings torch: seconds, and most nights distil nothing

    from pipelines.distillation.tiers import TransformerTier
    from pipelines.distillation.training import train
    from pipelines.embedding.encoders import safe_model

    model = safe_model(model_folder(name), device())
    model.max_seq_length = config.max_teacher_tokens
    transformer: Any = model.get_submodule("0.auto_model")
    if config.dimension != vectors.shape[1]:
        raise ConfigError(f"distillation.dimension is {config.dimension}; the transformer tier has {vectors.shape[1]}")
    if config.layers > len(transformer.encoder.layer):
        raise ConfigError(f"distillation.layers is {config.layers}; {name} has {len(transformer.encoder.layer)}")
    transformer.encoder.layer = transformer.encoder.layer[: config.layers]
    transformer.config.num_hidden_layers = config.layers
    transformer.get_input_embeddings().weight.requires_grad = False
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # so that a training that was killed goes on with the same numbers
    tier = TransformerTier(model, lessons.texts)
    train(tier, lessons, vectors, config=config.training, checkpoint=checkpoint, progress=progress)
    model.save_pretrained(str(folder), create_model_card=False)
