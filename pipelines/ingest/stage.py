"""Stage: source rows to clean, deduplicated postings and members; a refused row keeps all its reasons."""

from functools import partial
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.text import content_hash, posting_text
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.deduplication import find_duplicates
from pipelines.ingest.interest import with_postings_seen
from pipelines.ingest.members import read_embedded_member
from pipelines.ingest.postings import PLACE_KEY, read_posting
from pipelines.ingest.reading import UNREADABLE
from pipelines.ingest.reasons import DUPLICATE, member_reasons, posting_reasons
from pipelines.ingest.wire import read_rows, with_repeats_refused, with_source_row
from pipelines.night import Night
from schemas import columns as c
from schemas import members, postings
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.table import columns_of

_TEXT, _TEXTS = T.StringType(), T.ArrayType(T.StringType())
_POSTING = T.StructType(
    [
        *postings.SOURCE,
        *columns_of(**{c.COMPANY_KEY: _TEXT, PLACE_KEY: _TEXT, c.NAMED_SKILLS: _TEXTS, UNREADABLE: _TEXTS}),
    ]
)
_MEMBER = T.StructType(
    [
        *members.SOURCE,
        *columns_of(
            **{c.EXCLUDED_COMPANY_KEYS: _TEXTS, c.TEXT: _TEXT, c.NAMED_SKILLS: _TEXTS, UNREADABLE: _TEXTS},
        ),
    ]
)


class Ingested(NamedTuple):
    """Accepted and rejected rows, together every row read.

    `shared` holds the frames that both are computed from: persisted before the first action and released after the
    last, they let the source be read once.
    """

    accepted: DataFrame
    rejected: DataFrame
    shared: tuple[DataFrame, ...]


def ingest_postings(source: DataFrame, *, night: Night, config: IngestConfig) -> Ingested:
    """Postings open on the night's date, one per cluster of duplicates; and the other rows, with their reasons.

    Args:
        source: the columns of `schemas.postings.SOURCE`, of any type.
        night: decides what has expired.
        config: limits and thresholds.
    """
    checked = (
        read_rows(source, partial(read_posting, config=config), _POSTING)
        .withColumn(c.REASONS, posting_reasons(night.run_date, config.max_age_days))
        .transform(with_source_row, c.POSTING_ID)
        .transform(with_repeats_refused, c.POSTING_ID, [c.POSTED_ON])
    )
    duplicates = find_duplicates(checked.where(_is_accepted()), config=config)
    marked = checked.join(duplicates, on=c.SOURCE_ROW, how="left").withColumn(
        c.REASONS,
        F.when(F.col(c.DUPLICATE_OF).isNotNull(), F.array(F.lit(DUPLICATE))).otherwise(F.col(c.REASONS)),
    )
    accepted = (
        marked.where(_is_accepted())
        .withColumn(c.CLUSTER_ID, F.col(c.POSTING_ID))
        .withColumn(c.TEXT, posting_text())
        .withColumn(c.CONTENT_HASH, content_hash())
        .transform(_stamped, night)
        .select(*POSTINGS.columns)
    )
    rejected = marked.where(~_is_accepted()).transform(_stamped, night).select(*POSTINGS_REJECTED.columns)
    return Ingested(accepted, rejected, (checked, duplicates))


def ingest_members(
    source: DataFrame,
    *,
    decided: DataFrame | None,
    interested: DataFrame | None,
    night: Night,
    config: IngestConfig,
    embedding: EmbeddingConfig,
) -> Ingested:
    """Members who may be served; and the other rows, with their reasons, those who opted out without their row.

    Args:
        source: the columns of `schemas.members.SOURCE`, of any type.
        decided: pairs that rule each other out, see `interest.decisions`; None: nobody has done anything.
        interested: pairs of interest, see `interest.interest`; None as above.
        night: what lies after its date is yet to come.
        config: limits and thresholds.
        embedding: how much of a member is embedded.
    """
    checked = (
        read_rows(
            source,
            partial(read_embedded_member, run_date=night.run_date, config=config, embedding=embedding),
            _MEMBER,
        )
        .transform(with_source_row, c.MEMBER_ID)
        .withColumns(  # one row's wish is all rows'
            {
                c.OPTED_OUT: F.max(c.OPTED_OUT).over(Window.partitionBy(c.SOURCE_ROW)),
                c.OPEN_TO_RECRUITERS: F.min(c.OPEN_TO_RECRUITERS).over(Window.partitionBy(c.SOURCE_ROW)),
            }
        )
        .withColumn(c.REASONS, member_reasons())
        .transform(with_repeats_refused, c.MEMBER_ID, [])
    )
    accepted = (
        checked.where(_is_accepted())
        .transform(with_postings_seen, decided, interested)
        .withColumn(c.CONTENT_HASH, content_hash())
        .transform(_stamped, night)
        .select(*MEMBERS.columns)
    )
    rejected = (
        checked.where(~_is_accepted())
        .withColumns({c.ROW: F.when(~F.col(c.OPTED_OUT), F.col(c.ROW)), c.DUPLICATE_OF: F.lit(None).cast("string")})
        .transform(_stamped, night)
        .select(*MEMBERS_REJECTED.columns)
    )
    return Ingested(accepted, rejected, (checked,))


def _is_accepted() -> Column:
    return F.size(c.REASONS) == 0


def _stamped(rows: DataFrame, night: Night) -> DataFrame:
    return rows.withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
