"""Interactions: what members did with postings. Read from a source, folded into members, never published."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import columns_of

KINDS = ("viewed", "applied", "dismissed")
EXCLUDING_KINDS = ("applied", "dismissed")

SOURCE = columns_of(
    **{
        c.MEMBER_ID: T.StringType(),
        c.POSTING_ID: T.StringType(),
        c.KIND: T.StringType(),  # KINDS
        c.OCCURRED_AT: T.TimestampType(),
    }
)
