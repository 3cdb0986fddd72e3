"""Stage: source rows to clean, deduplicated postings and members; a refused row keeps all its reasons."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.text import content_hash, member_text, posting_text
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.fingerprints import EXACT, FINGERPRINT, GROUP, SIGNATURE, duplicates, fingerprint
from pipelines.ingest.members import read_interaction, read_member
from pipelines.ingest.postings import read_posting
from pipelines.ingest.reasons import DUPLICATE, UNREADABLE, member_reasons, posting_reasons
from pipelines.ingest.wire import read_rows, with_source_row
from pipelines.night import Night
from schemas import columns as c
from schemas import interactions as interactions_schema
from schemas import members as members_schema
from schemas import postings as postings_schema
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.table import columns_of

_READ_POSTING = T.StructType(
    [*postings_schema.SOURCE, *columns_of(**{c.COMPANY_KEY: T.StringType(), UNREADABLE: T.ArrayType(T.StringType())})]
)
_READ_MEMBER = T.StructType(
    [
        *members_schema.SOURCE,
        *columns_of(
            **{c.EXCLUDED_COMPANY_KEYS: T.ArrayType(T.StringType()), UNREADABLE: T.ArrayType(T.StringType())}
        ),
    ]
)
_READ_INTERACTION = columns_of(
    **{c.MEMBER_ID: T.StringType(), c.POSTING_ID: T.StringType(), c.OCCURRED_AT: T.DateType()}
)
_DUPLICATE = columns_of(**{c.SOURCE_ROW: T.StringType(), c.DUPLICATE_OF: T.StringType()})


class Ingested(NamedTuple):
    """Accepted and rejected rows, together every row read; `shared`: what both are computed from, for `persist`."""

    accepted: DataFrame
    rejected: DataFrame
    shared: tuple[DataFrame, ...]


def ingest_postings(source: DataFrame, *, night: Night, config: IngestConfig) -> Ingested:
    """Postings that are open on the night's date, one per cluster of duplicates; and the others, with the reasons.

    Args:
        source: columns of `schemas.postings.SOURCE`, of any type.
    """
    checked = (
        read_rows(source, partial(read_posting, config=config), _READ_POSTING)
        .withColumn(c.REASONS, posting_reasons(night.run_date, config.max_age_days))
        .transform(with_source_row, c.POSTING_ID, [c.POSTED_ON])
    )
    found = find_duplicates(checked.where(_is_accepted()), config=config)
    marked = checked.join(found, on=c.SOURCE_ROW, how="left").withColumn(
        c.REASONS,
        F.when(F.col(c.DUPLICATE_OF).isNull(), F.col(c.REASONS)).otherwise(F.array(F.lit(DUPLICATE))),
    )
    accepted = (
        marked.where(_is_accepted())
        .withColumn(c.CLUSTER_ID, F.col(c.POSTING_ID))
        .withColumn(c.TEXT, posting_text())
        .withColumn(c.CONTENT_HASH, content_hash())
        .transform(_on, night)
        .select(*POSTINGS.columns)
    )
    rejected = marked.where(~_is_accepted()).transform(_on, night).select(*POSTINGS_REJECTED.columns)
    return Ingested(accepted, rejected, (checked, found))


def ingest_members(
    source: DataFrame,
    interactions: DataFrame | None,
    *,
    night: Night,
    config: IngestConfig,
    embedding: EmbeddingConfig,
) -> Ingested:
    """Members who may be served; and the others, with the reasons, those who opted out without their row.

    Args:
        source: columns of `schemas.members.SOURCE`, of any type.
        interactions: columns of `schemas.interactions.SOURCE`, of any type; None: nothing is known of any.
    """
    of_member = Window.partitionBy(F.coalesce(c.MEMBER_ID, c.ROW))  # a wish in one of several rows holds for all
    checked = (
        read_rows(source, partial(read_member, run_date=night.run_date, config=config), _READ_MEMBER)
        .withColumn(c.OPTED_OUT, F.max(c.OPTED_OUT).over(of_member))
        .withColumn(c.REASONS, member_reasons())
        .transform(with_source_row, c.MEMBER_ID, [])
    )
    accepted = (
        checked.where(_is_accepted())
        .transform(_with_excluded_postings, interactions, night)
        .withColumn(c.TEXT, member_text(embedding.recent_experiences, embedding.max_text_chars))
        .withColumn(c.CONTENT_HASH, content_hash())
        .transform(_on, night)
        .select(*MEMBERS.columns)
    )
    rejected = (
        checked.where(~_is_accepted())
        .withColumn(c.ROW, F.when(~F.col(c.OPTED_OUT), F.col(c.ROW)))
        .withColumn(c.DUPLICATE_OF, F.lit(None).cast(T.StringType()))
        .transform(_on, night)
        .select(*MEMBERS_REJECTED.columns)
    )
    return Ingested(accepted, rejected, (checked,))


def find_duplicates(postings: DataFrame, *, config: IngestConfig) -> DataFrame:
    """Postings that another one stands for, and which; only ids and fingerprints are shuffled.

    Each partition is read as a whole and holds whole groups: some 400 bytes a posting, and no cost per group.
    """

    def fingerprinted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield fingerprint(batch.to_pylist(), config)

    def clustered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table = pa.Table.from_batches(list(batches), schema=FINGERPRINT)
        pairs = list(duplicates(table, config.duplicate_similarity))
        yield pa.RecordBatch.from_pydict(
            {c.SOURCE_ROW: [pair[0] for pair in pairs], c.DUPLICATE_OF: [pair[1] for pair in pairs]},
            schema=pa.schema([(c.SOURCE_ROW, pa.string()), (c.DUPLICATE_OF, pa.string())]),
        )

    compared = postings.select(*COMPARED)
    ...
