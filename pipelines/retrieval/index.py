"""Kernel: an index folder from its first shard to its manifest."""

import hashlib
import shutil
import uuid
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from pipelines.publishing import artifacts
from pipelines.publishing.attempts import take
from pipelines.retrieval.quantiser import Quantiser, as_bytes
from schemas.errors import ArtifactError

Kind = Literal["index", "member_index"]
QUANTISER = "quantiser.npz"
BASE, DELTA = "shard", "delta"  # kinds of shards: of a whole night, and of what one night added
FORMAT = 3  # of a shard's files and of what its fingerprints are made of
_HOLDS: dict[Kind, str] = {"index": "posting", "member_index": "member"}


@dataclass(frozen=True)
class Made:
    """How an index was made."""

    upon: str = ""  # id of the index whose shards it took over
    quantiser: Literal["", "trained", "reused"] = ""
    known: Mapping[str, str] = field(default_factory=dict)  # sha256 of files that were taken over, verified


AFRESH = Made()


def new_index(indexes: Path, run_id: str) -> Path:
    """An empty folder for one run's index; what broken tries of the run left is gone."""
    for broken in indexes.glob(f"{run_id}.*"):
        if not artifacts.exists(broken):
            shutil.rmtree(broken)
    folder = indexes / f"{run_id}.{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


@contextmanager
def passing_index(indexes: Path, run_id: str) -> Iterator[Path]:
    """An empty folder for an index that is gone after the block; what a killed try of the run left is gone before."""
    for left in indexes.glob(f"{run_id}.*"):
        shutil.rmtree(left)
    folder = new_index(indexes, run_id)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def keep_quantiser(folder: Path, quantiser: Quantiser) -> None:
    """The index has the quantiser that its places are of."""
    (folder / QUANTISER).write_bytes(as_bytes(quantiser))


def empty(folder: Path) -> None:
    """Nothing lies in the folder."""
    shutil.rmtree(folder)
    folder.mkdir()


def seal_index(
    folder: Path,
    shards: AbstractSet[str],
    *,
    student_id: str,
    run_id: str,
    kind: Kind = "index",
    made: Made = AFRESH,
) -> artifacts.Manifest:
    """The manifest of an index of exactly these shards, and its quantiser if it has one.

    Args:
        folder: of the index.
        shards: names.
        student_id: whose vectors they hold.
        run_id: of the night.
        kind: of artifact, which says whether they hold postings or members.
        made: how.

    Raises:
        ArtifactError: there is no shard.
    """
    if not shards:
        raise ArtifactError(
            f"no {_HOLDS[kind]} of this night has a vector, so there is nothing to search; "
            f"look at {_HOLDS[kind]}s_rejected for why, or check that the sources are today's"
        )
    take(folder, shards - {path.name for path in folder.iterdir()})  # the others were taken over
    dimension = np.load(folder / min(shards) / "vectors.npy", mmap_mode="r").shape[1]
    return artifacts.seal(
        folder,
        kind=kind,
        artifact_id=hashlib.sha256(folder.name.encode()).hexdigest()[:12],
        dimension=dimension,
        parents={"student": student_id, "run": run_id, **({"index": made.upon} if made.upon else {})},
        recipe={"format": FORMAT, "shards": len(shards), **({"quantiser": made.quantiser} if made.quantiser else {})},
        known=made.known,
    )
