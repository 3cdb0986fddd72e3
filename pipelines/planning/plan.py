"""Kernel: a night's stages, the executors that end it in time, and what they need and cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipelines.planning.config import CapacityConfig
from pipelines.planning.constants import Constants
from pipelines.planning.counts import Counts, index_bytes
from pipelines.planning.space import MIB, Disk, ExecutorMemory, disk, executor_memory
from pipelines.planning.stages import Machines, StageSeconds, in_night, shuffled_bytes, stage_seconds
from pipelines.retrieval.config import RetrievalConfig
from schemas.errors import ConfigError

_PARTITION_BYTES = 128 * MIB  # that a task of a shuffle reads, so that it need not spill
# tables of a night with a file for each task of a shuffle; matches apart, which the tasks of the search write
_TABLES, _OF_SEARCHES, _OF_POSTINGS = 8, 4, 2
_MOST_EXECUTORS = 1 << 16


@dataclass(frozen=True)
class StagePlan:
    """One stage of the planned night."""

    one_core_s: float
    seconds: StageSeconds  # on all cores
    shuffle_bytes: float


@dataclass(frozen=True)
class Plan:
    """A night that ends in time with the fewest executors."""

    asked: CapacityConfig
    counts: Counts
    fast: bool  # whether the mean member's cohort is searched fast
    executors: int
    stages: Mapping[str, StagePlan]
    shuffle_partitions: int  # for spark.sql.shuffle.partitions
    network_bytes: float  # shuffled to other executors, the index to each, tables in and out
    memory: ExecutorMemory
    disk: Disk

    @property
    def hours(self) -> float:
        """From start to end."""
        return sum(stage.seconds.total_s for stage in self.stages.values()) / 3600

    @property
    def core_hours(self) -> float:
        """That are paid for, idle ones too."""
        return self.hours * self.executors * self.asked.cores_per_executor

    @property
    def cost(self) -> float:
        """Of the core-hours."""
        return self.core_hours * self.asked.price_per_core_hour


def plan(asked: CapacityConfig, retrieval: RetrievalConfig, constants: Constants) -> Plan:
    """The plan of a night.

    Raises:
        ConfigError: no number of executors ends it in time.
    """
    counts, fast = counted(asked, retrieval, constants)
    stages = {name: stage for name, stage in constants.stages.items() if in_night(name, counts)}
    constants = replace(constants, stages=stages)
    shuffles = {name: shuffled_bytes(name, stage, counts, asked.dimension) for name, stage in constants.stages.items()}
    partitions = math.ceil(max(1, *shuffles.values()) / _PARTITION_BYTES)
    tables = _TABLES + _OF_SEARCHES * (counts.searches > 0) + _OF_POSTINGS * (counts.posting_matches > 0)
    counts = replace(counts, files=counts.search_tasks + tables * partitions)
    executors = _fewest(asked, counts, shuffles, constants)
    alone = Machines(1, asked.efficiency)
    seconds = _seconds(asked, counts, shuffles, constants, executors)
    space = disk(asked, counts, constants.row_bytes, sum(shuffles.values()), executors)
    sent = sum(_sent(name, counts, shuffles, executors) for name in shuffles)
    return Plan(
        asked=asked,
        counts=counts,
        fast=fast,
        executors=executors,
        stages={
            name: StagePlan(stage_seconds(name, stage, counts, alone, 0).total_s, seconds[name], shuffles[name])
            for name, stage in constants.stages.items()
        },
        shuffle_partitions=partitions,
        network_bytes=sent + space.sources_bytes + space.tables_bytes + counts.index_bytes,
        memory=executor_memory(asked, counts, constants.memory, constants.row_bytes.shard),
        disk=space,
    )


def counted(asked: CapacityConfig, retrieval: RetrievalConfig, constants: Constants) -> tuple[Counts, bool]:
    """The counts of a night, its files apart; and whether the mean member's cohort is searched fast.

    Cohorts of a block with m members each are put together as long as multiplying more pairs is cheaper than copying
    the rows once more, so what is multiplied is at most 1 + copied_per_product / m times what they may take.

    A changed posting leaves a row that is gone and adds one; an index is built afresh where too many have.
    """
    eligible = asked.postings * asked.eligible_share
    fast = asked.search == "configured" and eligible >= retrieval.fast_min_postings
    share = (asked.fast_share or constants.fast_share) if fast else 1.0
    together = 1 + constants.copied_per_product / asked.cohort_members
    searches = asked.members * asked.searches_per_member
    askers = asked.members + searches
    pairs = askers * min(asked.postings, eligible * share * together)
    texts = asked.postings + askers
    found = min(asked.matches, eligible)
    members_found = min(asked.members_per_posting, asked.members * asked.eligible_share)
    fresh = asked.changed_share if 2 * asked.changed_share <= retrieval.max_stale_share else 1.0
    counts = Counts(
        postings=asked.postings,
        members=asked.members,
        searches=searches,
        askers=askers,
        texts=texts,
        changed_texts=texts * asked.changed_share,
        changed_searches=searches * asked.changed_share,
        fresh_postings=asked.postings * fresh,
        pairs=pairs,
        multiply_adds=pairs * asked.dimension,
        matches=asked.members * found,
        search_matches=searches * found,
        posting_matches=asked.postings * members_found,
        recommendations=askers * min(asked.recommendations, eligible)
        + asked.postings * min(asked.recommendations, members_found),
        index_bytes=index_bytes(asked.postings, asked.dimension, constants.row_bytes.shard),
        member_index_bytes=index_bytes(asked.members, asked.dimension, constants.row_bytes.shard)
        if members_found
        else 0.0,
        files=0,
        shards=retrieval.shards_for(math.ceil(asked.postings * fresh)),
        search_tasks=retrieval.tasks_for(math.ceil(askers)),
        posting_tasks=retrieval.tasks_for(math.ceil(asked.postings)),
    )
    return counts, fast


def _fewest(asked: CapacityConfig, counts: Counts, shuffles: Mapping[str, float], constants: Constants) -> int:
    def hours(executors: int) -> float:
        return sum(one.total_s for one in _seconds(asked, counts, shuffles, constants, executors).values()) / 3600

    enough = 1
    while hours(enough) > asked.hours:
        if enough >= _MOST_EXECUTORS:
            raise ConfigError(
                f"no number of executors ends this night in {asked.hours:g} hours: {enough:,} take {hours(enough):.2f}"
            )
        enough *= 2
    few = enough // 2  # too few
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if hours(middle) <= asked.hours else (middle, enough)
    return enough


def _seconds(
    asked: CapacityConfig, counts: Counts, shuffles: Mapping[str, float], constants: Constants, executors: int
) -> dict[str, StageSeconds]:
    rate = executors * asked.network_gbit * 1e9 / 8
    machines = Machines(executors * asked.cores_per_executor, asked.efficiency, rate)
    return {
        name: stage_seconds(name, stage, counts, machines, _sent(name, counts, shuffles, executors))
        for name, stage in constants.stages.items()
    }


def _sent(name: str, counts: Counts, shuffles: Mapping[str, float], executors: int) -> float:
    """Bytes of a stage that go to another executor: all shuffled ones but 1/executors, and the index to each."""
    copied = {"match": counts.index_bytes, "match_postings": counts.member_index_bytes}
    return shuffles[name] * (1 - 1 / executors) + executors * copied.get(name, 0.0)
