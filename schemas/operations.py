"""What the night says about itself: rules checked, stages run, figures measured."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

QUALITY_RESULTS = Table(
    name="quality_results",
    key=(c.RUN_ID, c.GATE, c.NAME),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.GATE: T.StringType(),
            c.NAME: T.StringType(),
            c.SEVERITY: T.StringType(),  # block, warn
            c.PASSED: T.BooleanType(),
            c.OBSERVED: T.DoubleType(),
            c.EXPECTED: T.StringType(),
        }
    ),
)

RUN_LOG = Table(
    name="run_log",
    key=(c.RUN_ID, c.STAGE),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.STAGE: T.StringType(),
            c.STARTED_AT: T.TimestampType(),
            c.SECONDS: T.DoubleType(),
            c.ROWS_IN: T.LongType(),
            c.ROWS_OUT: T.LongType(),
            c.ROWS_REJECTED: T.LongType(),
            c.OUTCOME: T.StringType(),  # done, reused
        }
    ),
)

NIGHT_PROFILES = Table(
    name="night_profiles",
    key=(c.RUN_ID, c.NAME),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.GATE: T.StringType(),  # whose check has measured it
            c.NAME: T.StringType(),  # of a profile of the suites
            c.STUDENT_ID: T.StringType(),  # of the run; null: not known yet
            c.ROWS: T.LongType(),
            c.PROFILE: T.ArrayType(T.DoubleType()),  # rows per bin, a mean vector, or days; empty: rows alone
        }
    ),
)

EVALUATION = Table(
    name="evaluation",
    key=(c.RUN_ID, c.DATASET, c.SLICE, c.METHOD, c.AGAINST, c.NAME),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.DATASET: T.StringType(),  # the answer key; null: a teacher's figure, as are slice and interval
            c.SLICE: T.StringType(),
            c.METHOD: T.StringType(),
            c.AGAINST: T.StringType(),  # the value is the lead over this method; null: the figure itself
            c.NAME: T.StringType(),
            c.VALUE: T.DoubleType(),
            c.LOW: T.DoubleType(),  # 95 % interval of the mean over members
            c.HIGH: T.DoubleType(),
            c.MEMBERS: T.LongType(),
        }
    ),
)

STUDENT_EVALUATION = Table(
    name="student_evaluation",
    key=(c.RUN_ID, c.DATASET, c.SLICE, c.METHOD, c.METRIC),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{
            c.RUN_DATE: T.DateType(),
            c.RUN_ID: T.StringType(),
            c.DATASET: T.StringType(),
            c.SLICE: T.StringType(),
            c.METHOD: T.StringType(),
            c.METRIC: T.StringType(),
            c.VALUE: T.DoubleType(),
            c.LOW: T.DoubleType(),  # 95 % interval of the mean over queries
            c.HIGH: T.DoubleType(),
            c.QUERIES: T.LongType(),
        }
    ),
)
