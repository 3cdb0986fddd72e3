"""Stage: postings with vectors → shards of an index; members with vectors → their matches."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.night import Night
from pipelines.retrieval.blocks import member_block, search_block, shard_arrays
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.search import one_thread
from pipelines.retrieval.shards import open_index, write_shard
from schemas import columns as c
from schemas.matches import MATCHES

SHARD = T.StructType().add("shard", T.StringType()).add("postings", T.LongType())
_FOUND = (
    T.StructType().add(c.MEMBER_ID, T.StringType()).add(c.POSTING_ID, T.StringType()).add(c.SIMILARITY, T.DoubleType())
)


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
            name = f"shard-{uuid.uuid4().hex}"  # a task that is tried again writes another; only returned ones count
            write_shard(folder / name, *shard_arrays(rows.to_batches()[0]))
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
        c.VECTOR,
    )
    return terms.repartitionByRange(shards, *cells).mapInArrow(write, schema=SHARD)


def find_matches(
    members: DataFrame, *, index: Path, index_id: str, student_id: str, night: Night, config: RetrievalConfig
) -> DataFrame:
    """Each member's nearest eligible postings, at most `matches_per_member`, as rows of the matches table.

    Args:
        members: MEMBERS columns and `vector`.
    """

    def search(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        one_thread()
        for batch in batches:
            if batch.num_rows:
                shards = open_index(index, student_id)
                best = search_block(
                    member_block(batch),
                    shards,
                    k=config.matches_per_member,
                    margin=config.margin,
                    unknown_excludes=config.unknown_excludes,
                )
                member, place = (best.similarity > float("-inf")).nonzero()
                ids = pa.array(best.posting_id[member, place].tolist(), type=pa.binary()).cast(pa.string())
                yield pa.RecordBatch.from_arrays(
                    [batch.column(c.MEMBER_ID).take(pa.array(member)), ids, pa.array(best.similarity[member, place])],
                    names=_FOUND.names,
                )

    regions = F.transform(c.PLACES, lambda place: F.struct(place[c.COUNTRY], place[c.REGION]))
    sets = {c.PLACES: regions, **{name: F.col(name) for name in (c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES)}}
    wishes = F.to_json(F.struct(*(F.array_sort(F.array_distinct(one)).alias(name) for name, one in sets.items())))
    queries = members.select(
        c.MEMBER_ID,
        wishes.alias("cohort"),
        c.YEARS_OF_EXPERIENCE,
        c.MIN_SALARY,
        c.SALARY_CURRENCY,
        F.transform(c.EXCLUDED_COMPANY_KEYS, lambda key: F.xxhash64(key)).alias("companies"),
        c.EXCLUDED_POSTING_IDS,
        c.VECTOR,
    )
    return (
        queries.mapInArrow(search, schema=_FOUND)
        .withColumns(
            {
                c.RUN_DATE: F.lit(night.run_date),
                c.RUN_ID: F.lit(night.run_id),
                c.STUDENT_ID: F.lit(student_id),
                c.INDEX_ID: F.lit(index_id),
            }
        )
        .select(*MATCHES.columns)
    )
