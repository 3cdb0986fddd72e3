"""Stage: postings with vectors → shards of an index."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.publishing.attempts import attempts
from pipelines.retrieval.asking import posting_facts
from pipelines.retrieval.blocks import shard_of, vectors_of
from pipelines.retrieval.index import BASE
from pipelines.retrieval.precision import prepare_worker
from pipelines.retrieval.quantiser import SAMPLED, Quantiser, as_bytes, train
from pipelines.retrieval.shards import write_shard
from schemas import columns as c

SHARD = T.StructType().add("shard", T.StringType()).add("postings", T.LongType())
QUANTISER = T.StructType().add("quantiser", T.BinaryType()).add("reused", T.BooleanType())
_CELLS = (c.COUNTRY, c.REGION, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.LANGUAGES)
_PLACE = "place"
_SEED = 7


def searchable(postings: DataFrame) -> DataFrame:
    """What the search asks of postings: their cell, their terms, their vector; and what tells whether they changed.

    Args:
        postings: POSTINGS columns and `vector`.
    """
    return marked(postings).drop(c.CONTENT_HASH)


def marked(postings: DataFrame) -> DataFrame:
    """As `searchable`, with the hash of the text, and of postings that may have no vector yet.

    Spark's hash leaves nulls out, so each value's place is hashed too: a value in another column is another posting.
    """
    rows = postings.select(
        c.POSTING_ID,
        c.COUNTRY,
        c.REGION,
        c.WORK_MODE,
        c.EMPLOYMENT_TYPE,
        F.array_join(F.sort_array(F.array_distinct(c.LANGUAGES)), ",").alias(c.LANGUAGES),
        c.MIN_YEARS,
        c.SALARY_MAX,
        c.SALARY_CURRENCY,
        F.when(F.col(c.COMPANY_KEY).isNull(), F.lit(0)).otherwise(F.xxhash64(c.COMPANY_KEY)).alias("company"),
        F.xxhash64(c.POSTING_ID).alias("posting"),
        *posting_facts(),
        c.CONTENT_HASH,
        *(name for name in postings.columns if name == c.VECTOR),
    )
    names = [name for name in rows.columns if name != c.VECTOR]
    placed = [part for place, name in enumerate(names) for part in (F.lit(place), F.col(name))]
    return rows.withColumns({"fingerprint": F.xxhash64(*placed), "content": F.xxhash64(c.CONTENT_HASH)})


def train_quantiser(postings: DataFrame, *, expected: int, clusters: int, before: Quantiser | None = None) -> DataFrame:
    """A quantiser of about so many clusters as bytes, and whether it is that of before; none without postings.

    Args:
        postings: columns posting_id and vector.
        expected: about how many there are; a sample by hash is trained on.
        clusters: how many.
        before: is taken again while it fits the vectors.
    """

    def trained(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = [batch for batch in batches if batch.num_rows]
        if filled:
            prepare_worker()
            rows = pa.Table.from_batches(filled).sort_by(c.POSTING_ID).combine_chunks()
            sample = vectors_of(rows.column(c.VECTOR).chunk(0))
            fits = before is not None and before.fits(sample, clusters)
            made = before if before and fits else train(sample, clusters=clusters, seed=_SEED)
            yield pa.RecordBatch.from_pylist([{"quantiser": as_bytes(made), "reused": fits}])

    every = max(1, expected // (SAMPLED * clusters))
    sampled = postings.where(F.pmod(F.xxhash64(c.POSTING_ID), F.lit(every)) == 0)
    return sampled.select(c.POSTING_ID, c.VECTOR).repartition(1).mapInArrow(trained, schema=QUANTISER)


def with_places(rows: DataFrame, quantiser: Quantiser | None) -> DataFrame:
    """The rows with the place of each vector; one place for all where there is no quantiser."""
    if quantiser is None:
        return rows.withColumn(_PLACE, F.lit(0))

    def placed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        prepare_worker()
        for batch in batches:
            place = quantiser.places(vectors_of(batch.column(c.VECTOR)))
            yield batch.append_column(_PLACE, pa.array(place))

    schema = T.StructType([*rows.schema.fields, T.StructField(_PLACE, T.IntegerType())])
    return rows.mapInArrow(placed, schema=schema)


def write_shards(rows: DataFrame, *, folder: Path, shards: int, kind: str = BASE) -> DataFrame:
    """One row per shard written for `folder`: its name and number of postings. Writes when it is collected.

    Args:
        rows: searchable postings with their places.
        folder: of the index.
        shards: how many to cut the postings into, neighbouring cells and places together.
        kind: what their names start with, `BASE` or `DELTA`.
    """
    into = attempts(folder)

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = [batch for batch in batches if batch.num_rows]
        if filled:
            together = pa.Table.from_batches(filled).combine_chunks()
            task = TaskContext.get()
            name = f"{kind}-{task.partitionId() if task else 0:06d}-{uuid.uuid4().hex[:8]}"
            write_shard(into / name, shard_of(together.to_batches()[0]))
            yield pa.RecordBatch.from_pylist([{"shard": name, "postings": together.num_rows}])

    return rows.repartitionByRange(shards, *_CELLS, _PLACE, c.POSTING_ID).mapInArrow(write, schema=SHARD)
