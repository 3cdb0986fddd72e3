"""Kernel: the student that runs every night, loaded once per process."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipelines.publishing import artifacts


class Student(Protocol):
    """Anything that turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """float32 [len(texts), dimension], unit length."""
        ...


@lru_cache(maxsize=1)
def load_student(folder: Path, batch_texts: int) -> Student:
    """The sentence-transformers model in `folder`, verified, on one thread.

    Raises:
        ArtifactError: the folder is no student, or damaged.
    """
    artifacts.verify(folder, kind="student")
    return _SentenceTransformerStudent(folder, batch_texts)


class _SentenceTransformerStudent:
    """A sentence-transformers folder: safetensors only, no remote code."""

    def __init__(self, folder: Path, batch_texts: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)  # cores are Spark's to share
        self._batch = batch_texts
        self._model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)
