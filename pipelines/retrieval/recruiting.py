"""Stage: members with vectors → an index of members; postings with vectors → their matches in it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.night import Night
from pipelines.publishing.attempts import attempts
from pipelines.retrieval.blocks import found_batch, member_shard_of, postings_of
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.directions import members_for
from pipelines.retrieval.indexing import searchable
from pipelines.retrieval.member_shards import open_member_index, write_member_shard
from pipelines.retrieval.precision import chosen, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.stage import Search, asking
from schemas import columns as c
from schemas.matches import POSTING_MATCHES

SHARD = T.StructType().add("shard", T.StringType()).add("members", T.LongType())
_CELLS = (c.COUNTRY, c.REGION, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.LANGUAGES)


def open_to_recruiters(members: DataFrame) -> DataFrame:
    """Those who have said that postings may find them; who has said nothing has not."""
    return members.where(F.coalesce(c.OPEN_TO_RECRUITERS, F.lit(False)))


def write_member_shards(members: DataFrame, *, folder: Path, shards: int) -> DataFrame:
    """One row per shard written for `folder`: its name and number of members. Writes when it is collected.

    Args:
        members: MEMBERS columns and `vector`.
        folder: of the index.
        shards: how many to cut the members into, neighbouring cohorts together.
    """
    into = attempts(folder)

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = [batch for batch in batches if batch.num_rows]
        if filled:
            prepare_worker()
            together = pa.Table.from_batches(filled).combine_chunks()
            task = TaskContext.get()
            name = f"shard-{task.partitionId() if task else 0:06d}-{uuid.uuid4().hex[:8]}"
            write_member_shard(into / name, member_shard_of(together.to_batches()[0]))
            yield pa.RecordBatch.from_pylist([{"shard": name, "members": together.num_rows}])

    order = ("cohort", c.MEMBER_ID)
    cut = asking(members).repartitionByRange(shards, *order).sortWithinPartitions(*order)
    return cut.mapInArrow(write, schema=SHARD)


def by_cell(postings: DataFrame, *, expected: int, config: RetrievalConfig) -> DataFrame:
    """What the search asks of postings, neighbouring cells in one task: a large one is cut, small ones share.

    Args:
        postings: POSTINGS columns and `vector`.
        expected: about how many postings there are; it decides the number of tasks.
    """
    order = (*_CELLS, c.POSTING_ID)
    return searchable(postings).repartitionByRange(config.tasks_for(expected), *order).sortWithinPartitions(*order)


def searching_members(*, index: Path, index_id: str, student_id: str, night: Night, config: RetrievalConfig) -> Search:
    """A function for `mapInArrow`: rows of `by_cell` to rows of the table of postings' matches, best first for each.

    Args:
        index: folder of the index of members.
        index_id: its id, for the rows.
        student_id: whose vectors the postings have.
        night: for the rows.
        config: how to search.
    """
    schema = to_arrow_schema(POSTING_MATCHES.schema)
    stamp = {
        c.RUN_DATE: night.run_date,
        c.RUN_ID: night.run_id,
        c.STUDENT_ID: student_id,
        c.INDEX_ID: index_id,
    }

    def search_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        prepare_worker()
        precision = chosen(config.first_pass)
        for batch in batches:
            if batch.num_rows:
                members = open_member_index(index, student_id)
                ids = {c.POSTING_ID: batch.column(c.POSTING_ID)}
                queries = members_for(postings_of(batch), members, config.unknown_excludes)
                for found in search(queries, members, k=config.members_per_posting, precision=precision):
                    yield found_batch(found, ids, members, c.MEMBER_ID, stamp, schema)

    return search_batches
