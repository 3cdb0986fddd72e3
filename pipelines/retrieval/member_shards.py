"""Kernel: shards of members, and the index that they make; a cohort is to them what a cell is to postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.retrieval.eligibility import Cohort, Lists, MemberTerms
from pipelines.retrieval.precision import Floats
from pipelines.retrieval.vectors import (
    Array,
    Rows,
    VectorIndex,
    VectorShard,
    make_vectors,
    open_vectors,
    shard_folders,
    write_vectors,
)

_NUMBERS = ("years", "min_salary", "currency")
_LISTS = ("excluded_companies", "excluded_postings")
_SETS = ("work_modes", "employment_types", "languages")


@dataclass(frozen=True)
class MemberShard(VectorShard):
    """Members in the order of their cohorts."""

    terms: MemberTerms
    cohorts: list[Cohort]
    stop: Rows  # row after the last of each cohort


def make_member_shard(
    vectors: Floats, ids: pa.Array, terms: MemberTerms, cohorts: list[Cohort], stop: Rows
) -> MemberShard:
    """The shard of rows that are in the order of `cohorts`, each of which ends at its `stop`."""
    made = make_vectors(vectors, ids, stop, np.zeros(len(vectors), dtype=np.int32))
    return MemberShard(**vars(made), terms=terms, cohorts=cohorts, stop=stop)


def write_member_shard(folder: Path, shard: MemberShard) -> None:
    """`folder` holds the shard."""
    terms: dict[str, Array] = {name: getattr(shard.terms, name) for name in _NUMBERS}
    for name in _LISTS:
        lists: Lists = getattr(shard.terms, name)
        terms |= {f"{name}_values": lists.values, f"{name}_stops": lists.stops}
    cohorts = [_written(cohort) for cohort in shard.cohorts]
    write_vectors(folder, shard, terms=terms, cells={"cohorts": cohorts, "stop": shard.stop.tolist()})


def open_member_shard(folder: Path) -> MemberShard:
    """The shard in `folder`, its arrays mapped, not read."""
    parts = [f"{name}_{part}" for name in _LISTS for part in ("values", "stops")]
    shard, arrays, table = open_vectors(folder, [*_NUMBERS, *parts])
    terms: dict[str, Any] = {name: arrays[name] for name in _NUMBERS}
    terms |= {name: Lists(arrays[f"{name}_values"], arrays[f"{name}_stops"]) for name in _LISTS}
    return MemberShard(
        **vars(shard),
        terms=MemberTerms(**terms),
        cohorts=[_read(cohort) for cohort in table["cohorts"]],
        stop=np.array(table["stop"], dtype=np.int64),
    )


class MemberIndex(VectorIndex[MemberShard]):
    """Shards of members read as one."""

    def __init__(self, shards: Sequence[MemberShard]) -> None:
        super().__init__(shards, [shard.stop for shard in shards])
        self.cohorts = [cohort for shard in self.shards for cohort in shard.cohorts]


@lru_cache(maxsize=1)
def open_member_index(folder: Path, student_id: str) -> MemberIndex:
    """The shards of a finished index of members, in the order of their cohorts.

    Raises:
        ArtifactError: the index is missing, or made by another student.
    """
    return MemberIndex([open_member_shard(one) for one in shard_folders(folder, student_id)])


def _written(cohort: Cohort) -> dict[str, Any]:
    return {name: sorted(getattr(cohort, name)) for name in ("places", *_SETS)}


def _read(cohort: dict[str, Any]) -> Cohort:
    places = frozenset((country, region) for country, region in cohort["places"])
    work_modes, employment_types, languages = (frozenset(cohort[name]) for name in _SETS)
    return Cohort(places, work_modes, employment_types, languages)
