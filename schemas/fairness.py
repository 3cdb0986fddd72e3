"""The fairness audit: what groups of members and of postings get, beside the others of their attribute."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

SIDES = ("members", "postings", "recruiting")  # the last: members by the lists of postings that they are on
STAGES = ("matched", "ranked", "shown")
ALL_GROUPS = "*"  # `audit_group` of a figure of the whole attribute

FAIRNESS_AUDIT = Table(
    name="fairness_audit",
    key=(c.RUN_ID, c.SIDE, c.ATTRIBUTE, c.AUDIT_GROUP, c.STAGE, c.METRIC, c.K),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.SIDE: T.StringType(),  # SIDES: whose groups
            c.ATTRIBUTE: T.StringType(),
            c.AUDIT_GROUP: T.StringType(),  # a value of the attribute, or ALL_GROUPS
            c.STAGE: T.StringType(),  # STAGES
            c.METRIC: T.StringType(),
            c.K: T.LongType(),  # first places of the lists; 0: not about places
            c.VALUE: T.DoubleType(),
            c.REFERENCE: T.DoubleType(),  # what `value` would be without a difference between groups
            c.DIFFERENCE: T.DoubleType(),  # from the reference, within the strata
            c.LOW: T.DoubleType(),  # interval of `difference`; of `value` where there is no difference
            c.HIGH: T.DoubleType(),
            c.EFFECT: T.DoubleType(),  # difference in standard deviations between members or postings
            c.P_VALUE: T.DoubleType(),  # corrected for all that the audit of this run tested
            c.FINDING: T.BooleanType(),  # p_value says so at the configured confidence
            c.SIZE: T.LongType(),  # members or postings behind the figure
        }
    ),
)
