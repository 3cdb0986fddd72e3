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
        """float32 [len(texts), dimension], unit length; a text without tokens is zero."""
        ...


@lru_cache(maxsize=1)
def load_student(folder: Path, batch_texts: int) -> Student:
    """The student in `folder`, verified, on one thread.

    Raises:
        ArtifactError: the folder is no student, or damaged.
    """
    from pipelines.embedding.encoders import open_student  # brings torch: seconds, which a driver need not wait

    artifacts.verify(folder, kind="student")
    return open_student(folder, batch_texts)
