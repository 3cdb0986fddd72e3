"""Kernel: rankers as artifacts; `current` names the one that nights rank by, `previous` the one before it."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.publishing import artifacts
from pipelines.ranking.learner import KIND, Ranker, save
from schemas.errors import ArtifactError

_CURRENT, _PREVIOUS = "current", "previous"


@dataclass(frozen=True)
class RankerArtifact:
    """A finished ranker."""

    folder: Path
    ranker_id: str
    student_id: str  # whose similarity it has learned from
    names: tuple[str, ...]  # of its features, in their order


def seal_ranker(
    ranker: Ranker, rankers: Path, *, names: Sequence[str], student_id: str, recipe: dict[str, Any]
) -> RankerArtifact:
    """The ranker, finished under an id that its files give; nights do not rank by it until it is promoted."""
    draft = rankers / f".draft-{uuid.uuid4().hex[:8]}"
    draft.mkdir(parents=True)
    save(ranker, draft)
    learned = hashlib.sha256(json.dumps([*names, student_id]).encode())
    for path in sorted(draft.iterdir()):
        learned.update(path.read_bytes())
    folder, parents = rankers / learned.hexdigest()[:12], {"student": student_id}
    told = {"features": list(names), **recipe}
    artifacts.seal_draft(draft, folder, kind=KIND, dimension=len(names), parents=parents, recipe=told)
    return ranker_of(rankers, folder.name)


def ranker_of(rankers: Path, ranker_id: str) -> RankerArtifact:
    """The ranker of this id, verified.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    folder = rankers / ranker_id
    manifest = artifacts.verify(folder, kind=KIND)
    return RankerArtifact(folder, ranker_id, manifest.parents["student"], tuple(manifest.recipe["features"]))


def current_ranker(rankers: Path) -> RankerArtifact | None:
    """The ranker that `current` names, verified; None where none was ever promoted.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    name = artifacts.pointed(rankers / _CURRENT)
    return ranker_of(rankers, name) if name else None


def pinned_ranker(rankers: Path, pin: Path) -> RankerArtifact | None:
    """The ranker that `pin` names, verified; without a pin the current one, which `pin` names from now on."""
    name = artifacts.pointed(pin)
    if name is not None:
        return ranker_of(rankers, name)
    current = current_ranker(rankers)
    if current:
        artifacts.point(pin, current.ranker_id)
    return current


def promote_ranker(rankers: Path, ranker_id: str) -> RankerArtifact:
    """The ranker, verified, and current from now on; the one before can be gone back to.

    Raises:
        ArtifactError: it is missing or damaged; nothing has changed.
    """
    promoted = ranker_of(rankers, ranker_id)
    before = artifacts.pointed(rankers / _CURRENT)
    if before not in (None, ranker_id):
        artifacts.point(rankers / _PREVIOUS, str(before))
    artifacts.point(rankers / _CURRENT, ranker_id)
    return promoted


def rollback_ranker(rankers: Path) -> RankerArtifact:
    """The ranker before the current one, current again; called twice it comes back to where it was.

    Raises:
        ArtifactError: there was none before, or it is missing or damaged; nothing has changed.
    """
    before = artifacts.pointed(rankers / _PREVIOUS)
    if before is None:
        raise ArtifactError(f"no ranker before the current one in {rankers}; there is nothing to roll back to")
    return promote_ranker(rankers, before)
