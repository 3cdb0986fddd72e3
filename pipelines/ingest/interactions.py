"""Stage: what members did with postings, read from whatever the source gives."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ingest.members import read_interaction
from pipelines.ingest.wire import read_rows
from schemas import columns as c
from schemas.table import columns_of

_READ = columns_of(
    **{c.MEMBER_ID: T.StringType(), c.POSTING_ID: T.StringType(), c.OCCURRED_AT: T.DateType()},
)


def read_interactions(source: DataFrame) -> DataFrame:
    """Rows (member_id, posting_id, kind, occurred_at), the last a date (UTC); null where absent or unreadable.

    Args:
        source: the columns of `schemas.interactions.SOURCE`, of any type.
    """
    kind = F.lower(F.trim(F.get_json_object(c.ROW, f"$.{c.KIND}")))
    return read_rows(source, read_interaction, _READ).select(
        c.MEMBER_ID, c.POSTING_ID, kind.alias(c.KIND), c.OCCURRED_AT
    )


def standing_for(rows: DataFrame, rejected_postings: DataFrame) -> DataFrame:
    """The rows, each with the id of the posting that stands for its own tonight where that is a duplicate.

    Args:
        rows: any frame with a `posting_id`.
        rejected_postings: POSTINGS_REJECTED columns, of the night.
    """
    stands = rejected_postings.where(F.col(c.DUPLICATE_OF).isNotNull()).select(
        F.col(c.SOURCE_ROW).alias(c.POSTING_ID), c.DUPLICATE_OF
    )
    named = F.coalesce(c.DUPLICATE_OF, c.POSTING_ID)
    return rows.join(stands, on=c.POSTING_ID, how="left").withColumn(c.POSTING_ID, named).select(*rows.columns)
