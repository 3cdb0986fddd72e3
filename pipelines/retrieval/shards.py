"""Kernel: shards on disk, written once, memory-mapped by every worker that reads them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.publishing import artifacts
from pipelines.retrieval.eligibility import Cells, PostingTerms
from schemas.errors import ArtifactError

_TERMS = ("posting_id", "min_years", "salary_max", "currency", "company")
_CELL_VALUES = ("country", "region", "work_mode", "employment_type", "languages")


@dataclass(frozen=True)
class Shard:
    """Postings in the order of their cells."""

    vectors: npt.NDArray[np.float32]  # [n_postings, d], unit
    terms: PostingTerms
    cells: Cells


def write_shard(folder: Path, vectors: npt.NDArray[np.float32], terms: PostingTerms, cells: Cells) -> None:
    """`folder` holds the shard; its rows are in the order of `cells`."""
    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", np.ascontiguousarray(vectors, dtype=np.float32))
    for name in _TERMS:
        np.save(folder / f"{name}.npy", getattr(terms, name))
    table = {name: getattr(cells, name).tolist() for name in (*_CELL_VALUES, "stop")}
    (folder / "cells.json").write_text(json.dumps(table), encoding="utf-8")


def open_shard(folder: Path) -> Shard:
    """The shard in `folder`, its arrays mapped, not read."""
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _TERMS}
    table = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    values = {name: np.array(table[name], dtype=np.str_) for name in _CELL_VALUES}
    return Shard(
        vectors=np.load(folder / "vectors.npy", mmap_mode="r"),
        terms=PostingTerms(**arrays),
        cells=Cells(**values, stop=np.array(table["stop"], dtype=np.int64)),
    )


@lru_cache(maxsize=1)
def open_index(folder: Path, student_id: str) -> list[Shard]:
    """The shards of a finished index.

    Raises:
        ArtifactError: the index is missing, or made by another student.
    """
    manifest = artifacts.read_manifest(folder)
    made_by = manifest.parents.get("student")
    if made_by != student_id:
        raise ArtifactError(f"index {folder} was made by student {made_by}, the members' vectors by {student_id}")
    names = sorted({name.split("/")[0] for name in manifest.files})
    return [open_shard(folder / name) for name in names]


def ranges(chosen: npt.NDArray[np.bool_], stop: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Row ranges (start, stop) of the chosen cells, neighbours joined.

    >>> list(ranges(np.array([True, True, False, True]), np.array([3, 5, 9, 12])))
    [(0, 5), (9, 12)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    bounds = np.concatenate([[0], stop])
    for first, after in edges.reshape(-1, 2):
        yield int(bounds[first]), int(bounds[after])
