"""Matches before ranking: members' nearest postings, postings' nearest members, what rules left and what was found."""

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
            c.RELAXATION: T.StringType(),  # the wish that the posting lies beyond, RELAXATIONS; null: none
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

POSTING_LISTS = Table(
    name="posting_lists",
    key=(c.POSTING_ID, c.RANK),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.POSTING_ID: T.StringType(),
            c.RANK: T.IntegerType(),  # 1 is first
            c.MEMBER_ID: T.StringType(),  # those of `posting_matches`, each once
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

ELIGIBILITY_FUNNEL = Table(
    name="eligibility_funnel",
    key=(c.RUN_ID, c.RULE),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.STEP: T.IntegerType(),  # from 1, in the order in which the rules are counted
            c.RULE: T.StringType(),
            c.REASON: T.StringType(),  # in words, after "the posting"
            c.PAIRS_BEFORE: T.LongType(),  # of members who are searched for and open postings
            c.REMOVED: T.LongType(),
            c.MEMBERS_LEFT_WITHOUT: T.LongType(),  # members to whom this rule and those before leave no posting
            c.COUNTED_MEMBERS: T.LongType(),  # all members, or the sample whose shares were taken
        }
    ),
)
