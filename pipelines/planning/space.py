"""Kernel: bytes of a night: in memory, on disk, on the wire."""

from dataclasses import dataclass

from pipelines.planning.config import CapacityConfig
from pipelines.planning.constants import Memory, RowBytes
from pipelines.planning.counts import BFLOAT16_BYTES, FLOAT32_BYTES, Counts

MIB, GIB = 2**20, 2**30
_LOOKUP_BYTES = 32  # of a row: hashes of the posting and of its text, each with its place in a sorted array


@dataclass(frozen=True)
class ExecutorMemory:
    """What one executor should be given."""

    java_bytes: float
    workers_bytes: float
    page_cache_bytes: float  # so that the first pass over the index never waits for the disk

    @property
    def total_bytes(self) -> float:
        """All three.

        >>> ExecutorMemory(1.0, 2.0, 3.0).total_bytes
        6.0
        """
        return self.java_bytes + self.workers_bytes + self.page_cache_bytes


@dataclass(frozen=True)
class Disk:
    """Where bytes lie; staged files are the published ones, so a night that ends well has them once."""

    sources_bytes: float
    tables_bytes: float  # of one night
    matches_bytes: float  # of those
    embeddings_bytes: float  # one vector per text, whatever the night
    index_bytes: float
    kept_bytes: float  # embeddings, and of the kept nights tables and indexes, which share what did not change
    local_bytes: float  # of an executor: its copy of the index and its part of the shuffled bytes


def executor_memory(asked: CapacityConfig, counts: Counts, memory: Memory, shard_row_bytes: float) -> ExecutorMemory:
    """Memory of an executor; a core runs one task, which has one Python worker.

    A worker looks fresh postings up among all rows of the last index, or holds a shard that it writes.
    """
    shard_bytes = memory.shard_bytes_per_component * counts.fresh_postings / counts.shards * asked.dimension
    lookup_bytes = _LOOKUP_BYTES * counts.postings if counts.fresh_postings < counts.postings else 0.0
    worker_bytes = memory.worker_mib * MIB + max(shard_bytes, lookup_bytes)
    return ExecutorMemory(
        java_bytes=asked.cores_per_executor * memory.java_mib_per_core * MIB,
        workers_bytes=asked.cores_per_executor * worker_bytes,
        page_cache_bytes=counts.postings * (asked.dimension * BFLOAT16_BYTES + shard_row_bytes),
    )


def disk(asked: CapacityConfig, counts: Counts, rows: RowBytes, shuffle_bytes: float, executors: int) -> Disk:
    """Bytes on disk of a night, of all that is kept, and of one executor."""
    matches = (counts.matches + counts.search_matches + counts.posting_matches) * rows.match
    entities = counts.postings * rows.posting + counts.members * rows.member
    tables = entities + matches + counts.recommendations * rows.recommendation
    older = (asked.kept_nights - 1) * counts.index_bytes * counts.fresh_postings / counts.postings
    embeddings = counts.texts * asked.dimension * FLOAT32_BYTES
    return Disk(
        sources_bytes=counts.postings * rows.source_posting + counts.members * rows.source_member,
        tables_bytes=tables,
        matches_bytes=matches,
        embeddings_bytes=embeddings,
        index_bytes=counts.index_bytes,
        kept_bytes=embeddings + asked.kept_nights * tables + counts.index_bytes + older,
        local_bytes=counts.index_bytes + shuffle_bytes / executors,
    )
