"""Kernel: wishes as vectors, read by the student and by its teacher.

A wish is a few colloquial words, and there is one where there are a hundred postings: it is worth a larger model's
reading. A linear map brings the teacher's vector into the student's space, where postings lie; the mean of both
readings finds more than either (docs/wishes.md).
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.embedding.student import Student, load_student
from pipelines.publishing import artifacts
from pipelines.teaching.teacher import Encoder
from schemas.errors import ArtifactError

Matrix = npt.NDArray[np.float32]

_MAP = "wish_map.safetensors"
_DISABLED = 'or set searches.wish_encoder = "student"'


class WishEncoder:
    """A `Student` for wishes, read one by one: no vector depends on what is read beside it, to the last bit."""

    def __init__(self, student: Student, teacher: Encoder, wish_map: Matrix) -> None:
        self._student, self._teacher, self._map = student, teacher, wish_map

    def encode(self, texts: Sequence[str]) -> Matrix:
        """float32 [len(texts), dimension], unit length; a text without tokens of the student's is zero."""
        vectors = self._student.encode(texts)
        for row, text in enumerate(texts):
            if vectors[row].any():
                taught = self._teacher.encode([text], _quiet)[0] @ self._map
                both = vectors[row] + taught / max(float(np.linalg.norm(taught)), 1e-9)
                vectors[row] = both / np.linalg.norm(both)
        return vectors


@lru_cache(maxsize=1)
def load_wish_encoder(folder: Path, teacher: str, batch_texts: int) -> WishEncoder:
    """The student in `folder` and the teacher called `teacher`, both verified, on one thread.

    Raises:
        ArtifactError: one of them is missing or damaged, or the student learnt from another teacher, or has no map.
    """
    from safetensors.numpy import load_file

    from pipelines.teaching.bi_encoder import load_bi_encoder

    manifest = artifacts.verify(folder, kind="student")
    if not (folder / _MAP).is_file():
        raise ArtifactError(
            f"student {manifest.artifact_id} has no map for wishes, it is of an earlier version: distil another with "
            f"jobs.distill_student, {_DISABLED}"
        )
    student = load_student(folder, batch_texts)
    encoder = load_bi_encoder(teacher)
    if manifest.parents["teacher"] != encoder.teacher_id:
        raise ArtifactError(
            f"student {manifest.artifact_id} learnt from {manifest.parents['teacher']}, and the teacher that would "
            f"read wishes beside it is {encoder.teacher_id}: set distillation.teacher, {_DISABLED}"
        )
    return WishEncoder(student, encoder, load_file(folder / _MAP)["map"])


def write_wish_map(folder: Path, wish_map: Matrix) -> None:
    """The map is part of the student in `folder`.

    Args:
        folder: of a student that is not sealed yet.
        wish_map: float32 [d, dimension], times which a vector of the teacher's is one of the student's.
    """
    from safetensors.numpy import save_file

    save_file({"map": wish_map}, str(folder / _MAP))
    (folder / _MAP).chmod(0o644)  # safetensors writes 0600, and executors may be another account


def _quiet(_: str) -> None:
    """Nothing is told."""
