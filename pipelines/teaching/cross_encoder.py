"""Kernel: sentence-transformers cross-encoders, found, verified and asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines.teaching.bi_encoder import model_folder, teacher_id, weights_digest
from pipelines.teaching.config import CrossEncoderConfig
from pipelines.teaching.teacher import Pair, Teacher, Verdict
from schemas.errors import ArtifactError

_GROUP_BATCHES = 16


def load_cross_encoder(config: CrossEncoderConfig) -> Teacher:
    """The cross-encoder that `config` names, from safetensors files only and without code of its own.

    Raises:
        ArtifactError: it is not there, or does not give one number per pair.
    """
    folder = model_folder(config.model)
    name = teacher_id(config.model, weights_digest(folder, config.model))
    return _CrossEncoder(folder, f"{name}+{config.max_tokens}", config)


class _CrossEncoder:
    """A sentence-transformers cross-encoder on the CPU."""

    policy_version = ""

    def __init__(self, folder: Path, teacher_id: str, config: CrossEncoderConfig) -> None:
        from sentence_transformers import CrossEncoder

        self.teacher_id = teacher_id
        self._batch = config.batch_pairs
        try:
            self._model = CrossEncoder(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                max_length=config.max_tokens,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError) as error:
            raise ArtifactError(f"teacher {teacher_id} is no cross-encoder: {error}") from error
        if self._model.num_labels != 1:
            raise ArtifactError(f"teacher {teacher_id} gives {self._model.num_labels} numbers per pair, not one")

    def score(self, pairs: Sequence[Pair]) -> Iterator[Sequence[Verdict]]:
        """The sigmoid of the model's number, whatever activation its configuration declares.

        A model made for rankings declares none, one made for probabilities a sigmoid: the order is the same.
        """
        from torch import nn

        order = np.argsort([-len(pair.left) - len(pair.right) for pair in pairs], kind="stable")
        step = self._batch * _GROUP_BATCHES
        for start in range(0, len(order), step):
            places = [int(place) for place in order[start : start + step]]
            scores = self._model.predict(
                [tuple(pairs[place]) for place in places],
                batch_size=self._batch,
                show_progress_bar=False,
                activation_fn=nn.Sigmoid(),
            )
            yield [Verdict(place, float(score)) for place, score in zip(places, scores, strict=True)]
