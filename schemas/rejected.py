"""Rows that a source gave and the night does not use, each with all its reasons."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

REPEAT = "\x1f"  # between the id that a row repeats and its number: no id has one, so no row is named like another

_SCHEMA = columns_of(
    **{
        c.RUN_DATE: T.DateType(),
        c.RUN_ID: T.StringType(),
        # the row's id where it has one, else the sha256 of the row; a number follows where another row has that name
        c.SOURCE_ROW: T.StringType(),
        c.REASONS: T.ArrayType(T.StringType()),  # every reason that applies, sorted
        c.DUPLICATE_OF: T.StringType(),  # posting_id of the posting that stands for this one
        c.ROW: T.StringType(),  # the row as read, JSON; null for a member who opted out
    }
)

POSTINGS_REJECTED = Table("postings_rejected", (c.SOURCE_ROW,), c.RUN_DATE, _SCHEMA)
MEMBERS_REJECTED = Table("members_rejected", (c.SOURCE_ROW,), c.RUN_DATE, _SCHEMA)
