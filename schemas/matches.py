"""Matches before ranking: members' nearest postings, how many the fast search found, and postings' nearest members."""

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

MATCH_RECALL = Table(
    name="match_recall",
    key=(c.RUN_ID, c.COHORT),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.COHORT: T.StringType(),  # the wishes that its members share, JSON
            c.EFFORT: T.DoubleType(),  # of the fast search; null: searched exactly after all
            c.SAMPLED_MEMBERS: T.LongType(),
            c.RECALL: T.DoubleType(),  # share of the exact matches that were staged, mean over the sampled members
            c.LOW: T.DoubleType(),  # 95 % interval of the mean
            c.HIGH: T.DoubleType(),
        }
    ),
)
