"""Kernel: students as artifacts, and which of them is the current one.

`current` names the champion, `previous` those before it (latest last), `withdrawn` those that were rolled back from.
Each is a file that is replaced as a whole; `current` alone decides who serves, so that a crash between two of them
changes nothing for a night.
"""

import datetime
import hashlib
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.embedding.folders import raise_if_unsafe
from pipelines.publishing import artifacts
from schemas.errors import ArtifactError

_CURRENT, _PREVIOUS, _WITHDRAWN = "current", "previous", "withdrawn"


@dataclass(frozen=True)
class StudentArtifact:
    """A finished student."""

    folder: Path
    student_id: str
    dimension: int


def student(models: Path, student_id: str) -> StudentArtifact:
    """The student of this id, verified.

    Raises:
        ArtifactError: it is missing or damaged, or loading it would run code.
    """
    manifest = artifacts.verify(models / student_id, kind="student")
    raise_if_unsafe(models / student_id, f"student {student_id}")
    return StudentArtifact(models / student_id, manifest.artifact_id, manifest.dimension)


def current_student(models: Path) -> StudentArtifact:
    """The student that `current` names, verified.

    Raises:
        ArtifactError: none was ever made current, or it is missing or damaged.
    """
    name = artifacts.pointed(models / _CURRENT)
    if name is None:
        raise ArtifactError(f"no student in {models}; run jobs.distill_student first")
    return student(models, name)


def pinned_student(models: Path, pin: Path) -> StudentArtifact:
    """The student that `pin` names, verified; the current one, which `pin` names from now on, when there is no pin.

    Raises:
        ArtifactError: it is missing or damaged, or there is neither a pin nor a current student.
    """
    name = artifacts.pointed(pin)
    if name is not None:
        return student(models, name)
    current = current_student(models)
    artifacts.point(pin, current.student_id)
    return current


def has_student(models: Path) -> bool:
    """Whether a student was ever made current."""
    return artifacts.pointed(models / _CURRENT) is not None


def student_of_the_time(models: Path, date: datetime.date) -> str | None:
    """The id of the last champion that had been sealed by the end of `date` (UTC), the first one where none had.

    None where no student was ever made current.
    """
    current = artifacts.pointed(models / _CURRENT)
    if current is None:
        return None
    champions = [*_before(models), current]
    by_then = [name for name in champions if artifacts.read_manifest(models / name).written_at.date() <= date]
    return (by_then or champions[:1])[-1]


def latest_challenger(models: Path) -> str | None:
    """The id of the student sealed last, when that was after the current one; those rolled back from do not count."""
    champion = artifacts.pointed(models / _CURRENT)
    withdrawn = _lines(models / _WITHDRAWN)
    sealed = {
        folder.name: artifacts.read_manifest(folder).written_at
        for folder in models.iterdir()
        if folder.is_dir() and not folder.name.startswith(".") and artifacts.exists(folder)
    }
    since = sealed.get(champion or "")
    later = [
        name
        for name, at in sealed.items()
        if name != champion and name not in withdrawn and (since is None or at > since)
    ]
    return max(later, key=lambda name: (sealed[name], name), default=None)


def needed_students(models: Path) -> set[str]:
    """Ids of students that may serve again: the current one, the one before, and a challenger that waits."""
    names = [artifacts.pointed(models / _CURRENT), *_before(models)[-1:]]
    return {name for name in [*names, latest_challenger(models) if models.exists() else None] if name}


@contextmanager
def workshop(models: Path) -> Iterator[Path]:
    """A folder for what a distillation has paid for; gone after the block, but not after a failure or a crash."""
    folder = models / ".workshop"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def draft_folder(models: Path) -> Iterator[Path]:
    """An empty folder to write a student into; gone after the block unless the student was sealed."""
    folder = models / f".draft-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seal_student(
    draft: Path, models: Path, *, dimension: int, teacher_id: str, recipe: dict[str, Any]
) -> StudentArtifact:
    """The student in `draft`, finished under an id that its weights give; a challenger until it is promoted."""
    weights = hashlib.sha256()
    for path in sorted(draft.rglob("*")):
        if path.suffix in (".safetensors", ".json"):
            weights.update(path.read_bytes())
    student_id = weights.hexdigest()[:12]
    folder, parents = models / student_id, {"teacher": teacher_id}
    artifacts.seal_draft(draft, folder, kind="student", dimension=dimension, parents=parents, recipe=recipe)
    return StudentArtifact(folder, student_id, dimension)


def adopt_student(
    draft: Path, models: Path, *, dimension: int, teacher_id: str, recipe: dict[str, Any]
) -> StudentArtifact:
    """The student in `draft`, sealed; current from now on when there is none yet, a challenger otherwise."""
    sealed = seal_student(draft, models, dimension=dimension, teacher_id=teacher_id, recipe=recipe)
    if not has_student(models):
        promote(models, sealed.student_id)
    return sealed


def is_current(models: Path, student_id: str) -> bool:
    """Whether `current` names this student."""
    return artifacts.pointed(models / _CURRENT) == student_id


def promote(models: Path, student_id: str) -> StudentArtifact:
    """The student, verified, and current from now on; the one before can be rolled back to.

    Raises:
        ArtifactError: it is missing or damaged; nothing has changed.
    """
    promoted = student(models, student_id)
    champion = artifacts.pointed(models / _CURRENT)
    if champion == student_id:
        return promoted
    if champion is not None:
        _keep(models / _PREVIOUS, [*_before(models), champion])
    _keep(models / _WITHDRAWN, [name for name in _lines(models / _WITHDRAWN) if name != student_id])
    artifacts.point(models / _CURRENT, student_id)
    return promoted


def rollback(models: Path) -> StudentArtifact:
    """The student before the current one, verified, and current again.

    The one left is withdrawn: a promotion takes it only when it is named.

    Raises:
        ArtifactError: there was none before, or it is missing or damaged; nothing has changed.
    """
    before = _before(models)
    if not before:
        raise ArtifactError(f"no student before the current one in {models}; there is nothing to roll back to")
    restored = student(models, before[-1])
    left = [name for name in [artifacts.pointed(models / _CURRENT)] if name is not None]
    _keep(models / _WITHDRAWN, [*(name for name in _lines(models / _WITHDRAWN) if name not in left), *left])
    artifacts.point(models / _CURRENT, restored.student_id)
    _keep(models / _PREVIOUS, before[:-1])
    return restored


def _before(models: Path) -> list[str]:
    """Earlier champions, latest last; one that is current is left of a move that broke off."""
    names = _lines(models / _PREVIOUS)
    while names and is_current(models, names[-1]):
        names = names[:-1]
    return names


def _lines(path: Path) -> list[str]:
    return (artifacts.pointed(path) or "").split()


def _keep(path: Path, names: Sequence[str]) -> None:
    if list(names) != _lines(path):
        artifacts.replace_text(path, "".join(f"{name}\n" for name in names))
