"""Kernel: the teacher's vectors, kept on disk as they come, so that a killed distillation reads no text twice."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.teaching.teacher import Encoder

_CHUNK_TEXTS = 2_000


def taught_vectors(
    texts: Sequence[str], teacher: Encoder, folder: Path, progress: Callable[[str], None]
) -> npt.NDArray[np.float32]:
    """float32 [len(texts), d], unit length: read from `folder` where it has them, and put there where it has not.

    Args:
        texts: not empty.
        folder: of one file per chunk of texts, named by teacher and texts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = np.argsort([-len(text) for text in texts], kind="stable")  # a batch is as slow as its longest text
    chunks: list[npt.NDArray[np.float32]] = []
    for start in range(0, len(order), _CHUNK_TEXTS):
        chunk = [texts[row] for row in order[start : start + _CHUNK_TEXTS]]
        path = folder / f"{_name(chunk, teacher)}.npy"
        if not path.exists():
            draft = path.with_suffix(".draft.npy")
            np.save(draft, teacher.encode(chunk, lambda _: None))
            draft.replace(path)
            progress(f"teacher: {start + len(chunk)} of {len(texts)} texts")
        chunks.append(np.load(path))
    vectors = np.empty((len(texts), chunks[0].shape[1]), dtype=np.float32)
    vectors[order] = np.concatenate(chunks)
    return vectors


def _name(texts: Sequence[str], teacher: Encoder) -> str:
    digest = hashlib.sha256(teacher.teacher_id.encode())
    for text in texts:
        digest.update(b"\n" + text.encode())
    return digest.hexdigest()[:24]
