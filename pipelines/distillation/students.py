"""Kernel: students as artifacts, and which of them is the current one."""

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.publishing import artifacts
from schemas.errors import ArtifactError

_CURRENT = "current"


@dataclass(frozen=True)
class StudentArtifact:
    """A finished student."""

    folder: Path
    student_id: str
    dimension: int


def current_student(models: Path) -> StudentArtifact:
    """The student that `current` names, verified.

    Raises:
        ArtifactError: none was ever made, or it is missing or damaged.
    """
    name = artifacts.pointed(models / _CURRENT)
    if name is None:
        raise ArtifactError(f"no student in {models}; run jobs.distill_student first")
    manifest = artifacts.verify(models / name, kind="student")
    return StudentArtifact(models / name, manifest.artifact_id, manifest.dimension)


def has_student(models: Path) -> bool:
    """Whether a student was ever made current."""
    return artifacts.pointed(models / _CURRENT) is not None


@contextmanager
def draft_folder(models: Path) -> Iterator[Path]:
    """An empty folder to write a student into; gone after the block unless the student was adopted."""
    folder = models / f".draft-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def adopt_student(
    draft: Path, models: Path, *, dimension: int, teacher_id: str, recipe: dict[str, Any]
) -> StudentArtifact:
    """The student in `draft`, sealed under an id that its weights give, and current from now on."""
    weights = hashlib.sha256()
    for path in sorted(draft.rglob("*")):
        if path.suffix in (".safetensors", ".json"):
            weights.update(path.read_bytes())
    student_id = weights.hexdigest()[:12]
    folder = models / student_id
    if artifacts.exists(folder):
        shutil.rmtree(draft)
    else:
        shutil.rmtree(folder, ignore_errors=True)  # a broken try
        draft.rename(folder)
        artifacts.seal(
            folder,
            kind="student",
            artifact_id=student_id,
            dimension=dimension,
            parents={"teacher": teacher_id},
            recipe=recipe,
        )
    artifacts.point(models / _CURRENT, student_id)
    return StudentArtifact(folder, student_id, dimension)
