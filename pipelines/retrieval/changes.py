"""Stage: tonight's postings → those that shards taken over do not hold, and which rows of those are still open."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.retrieval.increment import FOUND, Kept, open_kept
from pipelines.retrieval.indexing import marked
from schemas import columns as c

ROWS, FRESH = "rows", "fresh"


def looked_up(postings: DataFrame, *, folder: Path, shards: tuple[str, ...]) -> DataFrame:
    """Fresh postings, with a vector where a shard has one of their text; and of each task, how many, and rows it found.

    Args:
        postings: POSTINGS columns; those without a text are in no index.
        folder: of the new index.
        shards: that it took over, in the order of their rows.
    """
    asked = marked(postings.where(F.col(c.CONTENT_HASH).isNotNull()))
    fields = [*asked.schema.fields, T.StructField(c.VECTOR, T.ArrayType(T.FloatType()))]
    fields += [T.StructField(ROWS, T.BinaryType()), T.StructField(FRESH, T.LongType())]
    schema = T.StructType([T.StructField(field.name, field.dataType) for field in fields])
    arrow = to_arrow_schema(schema)

    def look_up(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found, fresh = [np.empty(0, dtype=FOUND)], 0
        for batch in batches:
            kept = open_kept(folder, shards)
            rows = kept.fingerprints.rows(batch.column("fingerprint").to_numpy())
            found.append(rows[rows >= 0].astype(FOUND))
            changed = batch.take(pa.array(np.flatnonzero(rows < 0)))
            fresh += changed.num_rows
            if changed.num_rows:
                columns = {name: changed.column(name) for name in changed.schema.names}
                yield _batch(arrow, columns | {c.VECTOR: _vectors(kept, changed)}, changed.num_rows)
        yield _batch(arrow, {ROWS: [np.concatenate(found).tobytes()], FRESH: [fresh]}, 1)

    return asked.mapInArrow(look_up, schema=schema)


def found_rows(looked: DataFrame) -> DataFrame:
    """Of each task of `looked_up`, the rows it found and how many postings were fresh."""
    return looked.where(F.col(ROWS).isNotNull()).select(ROWS, FRESH)


def fresh_postings(looked: DataFrame, embeddings: DataFrame) -> DataFrame:
    """The fresh postings of `looked_up` that have a vector, from a shard or among the embeddings, searchable."""
    fresh = looked.where(F.col(ROWS).isNull()).drop(ROWS, FRESH)
    of_new_texts = fresh.where(F.col(c.VECTOR).isNull()).drop(c.VECTOR)
    joined = of_new_texts.join(embeddings.select(c.CONTENT_HASH, c.VECTOR), on=c.CONTENT_HASH, how="inner")
    return fresh.where(F.col(c.VECTOR).isNotNull()).unionByName(joined).drop(c.CONTENT_HASH)


def _vectors(kept: Kept, postings: pa.RecordBatch) -> pa.Array:
    """Vectors of the postings whose text lies in a shard, null for the others."""
    rows = kept.contents.rows(postings.column("content").to_numpy())
    known = np.flatnonzero(rows >= 0)
    vectors: list[object] = [None] * len(rows)
    for place, vector in zip(known.tolist(), kept.index.vectors(rows[known]), strict=True):
        vectors[place] = vector
    return pa.array(vectors, pa.list_(pa.float32()))


def _batch(schema: pa.Schema, columns: dict[str, object], rows: int) -> pa.RecordBatch:
    """The columns in the order of the schema, null where they are not given."""
    return pa.record_batch(
        [
            _as(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _as(values: object, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)
