"""Stage: postings with vectors → shards of an index; members with vectors → their matches."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.night import Night
from pipelines.retrieval.blocks import found_batch, members_of, shard_of
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.precision import chosen, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import open_index, write_shard
from schemas import columns as c
from schemas.matches import MATCHES

SHARD = T.StructType().add("shard", T.StringType()).add("postings", T.LongType())
Search = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def write_shards(postings: DataFrame, *, folder: Path, shards: int) -> DataFrame:
    """One row per shard written under `folder`: its name and number of postings. Writes when it is collected.

    Args:
        postings: POSTINGS columns and `vector`.
        shards: how many to cut the postings into, neighbouring cells together.
    """

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = [batch for batch in batches if batch.num_rows]
        if filled:
            rows = pa.Table.from_batches(filled).combine_chunks()
            task = TaskContext.get()  # a task that is tried again writes another shard; only returned ones count
            name = f"shard-{task.partitionId() if task else 0:06d}-{uuid.uuid4().hex[:8]}"
            write_shard(folder / name, shard_of(rows.to_batches()[0]))
            yield pa.RecordBatch.from_pylist([{"shard": name, "postings": rows.num_rows}])

    cells = (c.COUNTRY, c.REGION, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.LANGUAGES, c.POSTING_ID)
    terms = postings.select(
        c.POSTING_ID,
        c.COUNTRY,
        c.REGION,
        c.WORK_MODE,
        c.EMPLOYMENT_TYPE,
        F.array_join(F.array_sort(F.array_distinct(c.LANGUAGES)), ",").alias(c.LANGUAGES),
        c.MIN_YEARS,
        c.SALARY_MAX,
        c.SALARY_CURRENCY,
        F.when(F.col(c.COMPANY_KEY).isNull(), F.lit(0)).otherwise(F.xxhash64(c.COMPANY_KEY)).alias("company"),
        F.xxhash64(c.POSTING_ID).alias("posting"),
        c.VECTOR,
    )
    return terms.repartitionByRange(shards, *cells).mapInArrow(write, schema=SHARD)


def find_matches(members: DataFrame, *, expected: int, search_batches: Search, config: RetrievalConfig) -> DataFrame:
    """Each member's nearest eligible postings as rows of the matches table; arguments as of the two functions below."""
    return by_cohort(members, expected=expected, config=config).mapInArrow(search_batches, schema=MATCHES.schema)


def by_cohort(members: DataFrame, *, expected: int, config: RetrievalConfig) -> DataFrame:
    """What the search asks of members, neighbouring cohorts in one task: a large one is cut, small ones share.

    Args:
        members: MEMBERS columns and `vector`.
        expected: about how many members there are; it decides the number of tasks.
    """
    regions = F.transform(c.PLACES, lambda place: F.struct(place[c.COUNTRY], place[c.REGION]))
    sets = {c.PLACES: regions, **{name: F.col(name) for name in (c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES)}}
    wishes = F.to_json(F.struct(*(F.array_sort(F.array_distinct(one)).alias(name) for name, one in sets.items())))
    queries = members.select(
        c.MEMBER_ID,
        wishes.alias("cohort"),
        c.YEARS_OF_EXPERIENCE,
        c.MIN_SALARY,
        c.SALARY_CURRENCY,
        F.array_sort(F.transform(c.EXCLUDED_COMPANY_KEYS, lambda key: F.xxhash64(key))).alias("companies"),
        F.array_sort(F.transform(c.EXCLUDED_POSTING_IDS, lambda key: F.xxhash64(key))).alias("excluded_postings"),
        c.VECTOR,
    )
    tasks = queries.repartitionByRange(config.tasks_for(expected), "cohort", c.MEMBER_ID)
    return tasks.sortWithinPartitions("cohort", c.MEMBER_ID)


def searching(*, index: Path, index_id: str, student_id: str, night: Night, config: RetrievalConfig) -> Search:
    """A function for `mapInArrow`: rows of `by_cohort` to rows of the matches table, best first for each member."""
    schema = to_arrow_schema(MATCHES.schema)
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
                shards = open_index(index, student_id)
                for found in search(
                    members_of(batch),
                    shards,
                    k=config.matches_per_member,
                    precision=precision,
                    unknown_excludes=config.unknown_excludes,
                ):
                    yield found_batch(found, batch.column(c.MEMBER_ID), shards, stamp, schema)

    return search_batches
