"""Stage: texts that have no vector of this student yet, and their vectors."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.student import load_student
from pipelines.night import Night
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS

_ENCODED = T.StructType().add(c.CONTENT_HASH, T.StringType()).add(c.VECTOR, T.ArrayType(T.FloatType()))


def find_new_texts(entities: DataFrame, known: DataFrame) -> DataFrame:
    """Each distinct text (content_hash, text) of `entities` without a vector in `known`, once."""
    texts = entities.where(F.col(c.CONTENT_HASH).isNotNull()).groupBy(c.CONTENT_HASH).agg(F.min(c.TEXT).alias(c.TEXT))
    return texts.join(known.select(c.CONTENT_HASH), on=c.CONTENT_HASH, how="left_anti")


def encode_texts(
    texts: DataFrame, *, student_folder: Path, student_id: str, night: Night, config: EmbeddingConfig
) -> DataFrame:
    """One row of the embeddings table per text."""

    def encode(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        student = load_student(student_folder, config.batch_texts)
        for batch in batches:
            if batch.num_rows:
                vectors = student.encode(batch.column(c.TEXT).to_pylist())
                lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
                yield pa.RecordBatch.from_arrays(
                    [batch.column(c.CONTENT_HASH), lists.cast(pa.list_(pa.float32()))], names=_ENCODED.names
                )

    encoded = texts.select(c.CONTENT_HASH, c.TEXT).mapInArrow(encode, schema=_ENCODED)
    return encoded.withColumns(
        {
            c.STUDENT_ID: F.lit(student_id),
            c.RUN_DATE: F.lit(night.run_date),
            c.RUN_ID: F.lit(night.run_id),
        }
    ).select(*POSTING_EMBEDDINGS.columns)


def with_vectors(entities: DataFrame, embeddings: DataFrame) -> DataFrame:
    """The entities that have a vector, with it."""
    return entities.join(embeddings.select(c.CONTENT_HASH, c.VECTOR), on=c.CONTENT_HASH, how="inner")
