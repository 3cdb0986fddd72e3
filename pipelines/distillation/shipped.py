"""Kernel: the student that comes with Nightmatch."""

import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pipelines.distillation.students import (
    StudentArtifact,
    current_student,
    draft_folder,
    has_student,
    promote,
    student,
)
from pipelines.publishing import artifacts
from schemas.errors import ArtifactError

_SHIPPED = ("pipelines.embedding", "default_student")


def adopt_shipped(models: Path) -> StudentArtifact:
    """The student that comes with Nightmatch, current where there is none yet.

    Raises:
        ArtifactError: this installation has none, or a damaged one.
    """
    shipped = resources.files(_SHIPPED[0]) / _SHIPPED[1]
    if not (shipped / artifacts.MANIFEST).is_file():
        raise ArtifactError("this installation comes without a student; run jobs.distill_student")
    with draft_folder(models) as draft:
        _copy(shipped, draft)
        manifest = artifacts.verify(draft, kind="student")
        if not artifacts.exists(models / manifest.artifact_id):
            shutil.rmtree(models / manifest.artifact_id, ignore_errors=True)  # a broken try
            draft.rename(models / manifest.artifact_id)
    if not has_student(models):
        promote(models, manifest.artifact_id)
    return student(models, manifest.artifact_id)


def ship(models: Path, package: Path, more: str) -> StudentArtifact:
    """The current student is the one that comes with Nightmatch from now on.

    Args:
        package: folder of the shipped student in the source tree.
        more: what its card says besides.
    """
    current = current_student(models)
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir()
    _copy(current.folder, package)
    card = package / "README.md"
    card.write_text(card.read_text(encoding="utf-8") + more, encoding="utf-8")
    manifest = artifacts.read_manifest(current.folder)
    (package / artifacts.MANIFEST).unlink()
    artifacts.seal(
        package,
        kind="student",
        artifact_id=manifest.artifact_id,
        dimension=manifest.dimension,
        parents=manifest.parents,
        recipe=manifest.recipe,
    )
    return current


def _copy(source: Traversable, folder: Path) -> None:
    """`folder`, which exists, holds what `source` holds; a source may lie in a zip file."""
    for entry in source.iterdir():
        target = folder / entry.name
        if entry.is_dir():
            target.mkdir()
            _copy(entry, target)
        else:
            target.write_bytes(entry.read_bytes())
