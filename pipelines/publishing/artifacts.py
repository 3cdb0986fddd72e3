"""Kernel: folders whose manifest is written last, and pointers that move at once."""

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from schemas.errors import ArtifactError, listed

MANIFEST = "manifest.json"
_LIBRARIES = ("faiss-cpu", "numpy", "sentence-transformers", "torch", "xgboost-cpu")


class Manifest(BaseModel):
    """What an artifact is, what it came from, and the sha256 of each of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str  # student, index, ranker
    artifact_id: str
    dimension: int
    metric: str
    parents: dict[str, str]  # kind -> id
    recipe: dict[str, Any]
    files: dict[str, str]  # path below the folder -> sha256, hex
    libraries: dict[str, str]
    written_at: datetime.datetime

    @field_validator("files")
    @classmethod
    def _lie_below_the_folder(cls, files: dict[str, str]) -> dict[str, str]:
        paths = [PurePath(name) for name in files]
        if any(path.is_absolute() or ".." in path.parts for path in paths):
            raise ValueError("a file lies outside the folder")
        return files


def seal(
    folder: Path,
    *,
    kind: str,
    artifact_id: str,
    dimension: int,
    parents: dict[str, str],
    recipe: dict[str, Any],
    known: Mapping[str, str] = MappingProxyType({}),
) -> Manifest:
    """The folder's manifest, written after every other file: from now on the artifact exists.

    Args:
        known: sha256 of files that were verified just now.
    """
    names = _files(folder)
    fresh = _sha256_of(folder, [name for name in names if name not in known])
    manifest = Manifest(
        kind=kind,
        artifact_id=artifact_id,
        dimension=dimension,
        metric="inner_product",
        parents=parents,
        recipe=recipe,
        files={name: fresh.get(name) or known[name] for name in names},
        libraries={name: metadata.version(name) for name in _LIBRARIES},
        written_at=datetime.datetime.now(datetime.UTC),
    )
    replace_text(folder / MANIFEST, manifest.model_dump_json(indent=2))
    return manifest


def verify(folder: Path, *, kind: str) -> Manifest:
    """The manifest of an artifact all of whose files are as they were sealed.

    Raises:
        ArtifactError: no or a broken manifest, another kind, or files missing, changed or added; all are listed.
    """
    manifest = read_manifest(folder)
    if manifest.kind != kind:
        raise ArtifactError(f"{folder} is a {manifest.kind}, not a {kind}")
    present = set(_files(folder))
    wrong = [f"{name}: not in the manifest" for name in sorted(present - set(manifest.files))]
    wrong += damage(folder, manifest.files)
    if wrong:
        raise ArtifactError(listed(f"{kind} {folder} is damaged; remove the folder and make it again:", wrong))
    return manifest


def damage(folder: Path, files: Mapping[str, str]) -> list[str]:
    """What is wrong with files below the folder, of which `files` has the sha256; nothing where all are as sealed."""
    found = _sha256_of(folder, [name for name in sorted(files) if (folder / name).is_file()])
    return [f"{name}: missing" for name in sorted(files.keys() - found.keys())] + [
        f"{name}: changed since it was written" for name, sha256 in found.items() if sha256 != files[name]
    ]


def link(source: Path, target: Path) -> None:
    """`target` is the same file as `source`, or a copy where the file system links none; neither is written again."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def copy(folder: Path, target: Path) -> None:
    """`target` is the same artifact, each file as it was sealed; it exists when all is copied.

    Raises:
        ArtifactError: no or a broken manifest, or a file is missing or not as it was sealed.
    """
    manifest = read_manifest(folder)
    for name in manifest.files:
        if (folder / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target / name)
    wrong = damage(target, manifest.files)
    if wrong:
        raise ArtifactError(listed(f"{folder} is damaged; remove the folder and make it again:", wrong))
    replace_text(target / MANIFEST, (folder / MANIFEST).read_text(encoding="utf-8"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of `folder`, its files not verified.

    Raises:
        ArtifactError: there is none, or it is broken.
    """
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ArtifactError(f"{folder} has no {MANIFEST}: it is missing or was never finished") from None
    except ValidationError as error:
        raise ArtifactError(f"{folder / MANIFEST} is broken: {error.error_count()} problem(s)") from None


def seal_draft(
    draft: Path, folder: Path, *, kind: str, dimension: int, parents: dict[str, str], recipe: dict[str, Any]
) -> None:
    """What the draft holds is the finished artifact `folder`, named by its contents; there may be one already."""
    if exists(folder):
        shutil.rmtree(draft)
        return
    shutil.rmtree(folder, ignore_errors=True)  # a broken try
    draft.rename(folder)
    seal(folder, kind=kind, artifact_id=folder.name, dimension=dimension, parents=parents, recipe=recipe)


def exists(folder: Path) -> bool:
    """Whether the artifact was finished."""
    return (folder / MANIFEST).exists()


def point(pointer: Path, target: str) -> None:
    """Readers of `pointer` see `target` from now on; there is no moment at which they see neither."""
    replace_text(pointer, target + "\n")


def pointed(pointer: Path) -> str | None:
    """What `pointer` names, None when it was never set."""
    return pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None


def replace_text(path: Path, text: str) -> None:
    """`path` holds `text`, wholly or not at all, and stays so after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_json(path: Path, value: object) -> None:
    """`path` holds `value` as JSON, wholly or not at all."""
    replace_text(path, json.dumps(value, indent=2, default=str))


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST
    )


def _sha256_of(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """The sha256 of each file, read by several threads: an index has gigabytes."""
    with ThreadPoolExecutor() as threads:
        return dict(zip(names, threads.map(lambda name: _sha256(folder / name), names), strict=True))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
