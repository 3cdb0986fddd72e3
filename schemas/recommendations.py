"""Recommendations, the product: each member's postings in order, and who got fewer than asked for and why; and each
posting's members.

Postings of one company beyond the configured number rank after all others, so `score` may rise again where they begin;
so it may at a place that was drawn for.
"""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

SIMILAR_KINDS = ("wanted_title", "position")

EXPLANATION = columns_of(
    matched_skills=T.ArrayType(T.StringType()),
    missing_skills=T.ArrayType(T.StringType()),  # of the posting, not of the member; empty where the member names none
    surplus_skills=T.ArrayType(T.StringType()),  # of the member, not of the posting; empty where the posting names none
    requirements_met=T.ArrayType(T.StringType()),
    requirements_unmet=T.ArrayType(T.StringType()),
    similar_to=columns_of(  # the wish or position whose title is most like the posting's; null: none is like it
        kind=T.StringType(),  # SIMILAR_KINDS
        title=T.StringType(),
        shared_words=T.ArrayType(T.StringType()),
    ),
    sentence=T.StringType(),
)

RECOMMENDATIONS = Table(
    name="recommendations",
    key=(c.MEMBER_ID, c.RANK),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.MEMBER_ID: T.StringType(),
            c.RANK: T.IntegerType(),  # 1 is best
            c.POSTING_ID: T.StringType(),
            c.SCORE: T.DoubleType(),  # [0, 1]
            c.SIMILARITY: T.DoubleType(),  # cosine, [-1, 1]
            c.RELAXATION: T.StringType(),  # the wish that the posting lies beyond, RELAXATIONS; null: none
            c.BY_LOT: T.BooleanType(),  # drawn for its place, not chosen; see `ranking.exploration`
            c.PROPENSITY: T.DoubleType(),  # probability (0, 1) of this posting at this place; null: not drawn for
            c.SCORE_PARTS: T.MapType(T.StringType(), T.DoubleType()),  # sums to `score`
            c.EXPLANATION: EXPLANATION,
            c.STUDENT_ID: T.StringType(),
            c.INDEX_ID: T.StringType(),
            c.RANKER_ID: T.StringType(),  # of the learned ranker; null: the configured weights
            c.CONFIG_HASH: T.StringType(),
        }
    ),
)

POSTING_RECOMMENDATIONS = Table(
    name="posting_recommendations",
    key=(c.POSTING_ID, c.RANK),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.POSTING_ID: T.StringType(),
            c.RANK: T.IntegerType(),  # 1 is best
            c.MEMBER_ID: T.StringType(),  # one who is open to recruiters
            c.SCORE: T.DoubleType(),  # [0, 1], the one that the posting has for the member
            c.SIMILARITY: T.DoubleType(),  # cosine, [-1, 1]
            c.SCORE_PARTS: T.MapType(T.StringType(), T.DoubleType()),  # sums to `score`
            c.EXPLANATION: EXPLANATION,  # its sentence is for the recruiter
            c.STUDENT_ID: T.StringType(),
            c.INDEX_ID: T.StringType(),  # of the members
            c.RANKER_ID: T.StringType(),  # of the learned ranker; null: the configured weights
            c.CONFIG_HASH: T.StringType(),
        }
    ),
)

SHORTFALL_REASONS = ("empty_profile", "no_eligible_posting", "few_eligible_postings", "few_good_postings")

SHORTFALLS = Table(
    name="shortfalls",
    key=(c.MEMBER_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.MEMBER_ID: T.StringType(),
            c.MATCHES: T.LongType(),  # every eligible posting, when this is below what the search was asked for
            c.RECOMMENDATIONS: T.LongType(),
            c.REASON: T.StringType(),  # SHORTFALL_REASONS
        }
    ),
)
