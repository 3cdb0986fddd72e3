"""Matches: each member's nearest eligible postings, before ranking, and each posting's nearest eligible members."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

MATCHES = Table(
    name="matches",
    key=(c.MEMBER_ID, c.POSTING_ID),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.MEMBER_ID: T.StringType(),
            c.POSTING_ID: T.StringType(),
            c.SIMILARITY: T.DoubleType(),  # cosine, [-1, 1], 6 decimals
            c.STUDENT_ID: T.StringType(),
            c.INDEX_ID: T.StringType(),
        }
    ),
)

POSTING_MATCHES = Table(
    name="posting_matches",
    key=(c.POSTING_ID, c.MEMBER_ID),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.POSTING_ID: T.StringType(),
            c.MEMBER_ID: T.StringType(),
            c.SIMILARITY: T.DoubleType(),  # cosine, [-1, 1], 6 decimals
            c.STUDENT_ID: T.StringType(),
            c.INDEX_ID: T.StringType(),  # of the members
        }
    ),
)
