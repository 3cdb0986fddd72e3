"""Interactions: what members did with postings. Read from a source, folded into members and counts, never published."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

KINDS = ("viewed", "applied", "dismissed")
EXCLUDING_KINDS = ("applied", "dismissed")
INTERESTED_KINDS = ("viewed", "applied")

SOURCE = columns_of(
    **{
        c.MEMBER_ID: T.StringType(),
        c.POSTING_ID: T.StringType(),
        c.KIND: T.StringType(),  # KINDS
        c.OCCURRED_AT: T.TimestampType(),
    }
)

POSTING_POPULARITY = Table(
    name="posting_popularity",
    key=(c.POSTING_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.POSTING_ID: T.StringType(),
            c.POPULARITY: T.LongType(),  # people who viewed it or applied to it, in the days that ingest counts
        }
    ),
)
