"""Stage: texts that have no vector of this student yet, and their vectors."""

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.embedding.student import Student
from pipelines.night import Night
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS

_ENCODED = T.StructType().add(c.CONTENT_HASH, T.StringType()).add(c.VECTOR, T.ArrayType(T.FloatType()))


def find_new_texts(entities: DataFrame, known: DataFrame) -> DataFrame:
    """Each distinct text of `entities` (content_hash, text, by_teacher) without a vector in `known`, once."""
    hashed = entities.where(F.col(c.CONTENT_HASH).isNotNull())
    texts = hashed.groupBy(c.CONTENT_HASH, c.BY_TEACHER).agg(F.min(c.TEXT).alias(c.TEXT))
    return texts.join(known.select(c.CONTENT_HASH), on=c.CONTENT_HASH, how="left_anti")


def encode_texts(texts: DataFrame, load: Callable[[], Student], *, student_id: str, night: Night) -> DataFrame:
    """One row of the embeddings table per text.

    Args:
        texts: `content_hash` and `text`.
        load: what encodes them, in each process of Spark's.
        student_id: in whose space the vectors lie.
        night: that encodes them.
    """

    def encode(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        student = load()
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
