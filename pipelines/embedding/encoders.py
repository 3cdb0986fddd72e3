"""Kernel: sentence-transformers models, opened safely, and static ones read faster than their library does."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from torch.nn import functional

from pipelines.embedding.folders import raise_if_unsafe
from pipelines.embedding.reader import token_reader
from pipelines.embedding.student import Student


def safe_model(folder: Path, device: str = "cpu") -> SentenceTransformer:
    """The model in `folder`: nothing is fetched, no code of its own runs, weights come from safetensors only.

    Raises:
        ArtifactError: it would need more than that; nothing was loaded.
    """
    raise_if_unsafe(folder, str(folder))
    return SentenceTransformer(
        str(folder),
        device=device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    )


def open_student(folder: Path, batch_texts: int) -> Student:
    """The sentence-transformers model in `folder`, on one thread; a static one is read faster than its library does."""
    import torch

    torch.set_num_threads(1)  # cores are Spark's to share
    model = safe_model(folder)
    first, *rest = model
    if isinstance(first, StaticEmbedding) and all(isinstance(module, Normalize) for module in rest):
        return _StaticStudent(first, batch_texts)
    return _SentenceTransformerStudent(model, batch_texts)


class _StaticStudent:
    """A lookup table: the same vectors as the library's, to the last rounding."""

    def __init__(self, table: StaticEmbedding, batch_texts: int) -> None:
        self._reader = token_reader(table.tokenizer)
        self._table = table.embedding.weight.detach()
        self._batch = batch_texts

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), self._batch):
            ids = self._reader.ids_of(texts[start : start + self._batch])
            vectors[start : start + len(ids)] = self._looked_up(ids)
        return vectors

    def _looked_up(self, ids: list[list[int]]) -> npt.NDArray[np.float32]:
        flat = torch.from_numpy(np.fromiter(chain.from_iterable(ids), dtype=np.int64))
        ends = np.cumsum([len(one) for one in ids])
        starts = torch.from_numpy(np.concatenate([[0], ends[:-1]]))
        means = functional.embedding_bag(flat, self._table, starts, mode="mean")
        return np.asarray(functional.normalize(means, dim=1).numpy(), dtype=np.float32)


class _SentenceTransformerStudent:
    """Any other sentence-transformers model."""

    def __init__(self, model: SentenceTransformer, batch_texts: int) -> None:
        self._model = model
        self._batch = batch_texts

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)
