"""Teacher scores: how well a posting's text fits a member's, as a teacher sees it, once per pair of texts, ever."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

ORIGINS = ("interaction", "near_miss", "hard_negative", "random")  # a pair of several origins has the first

TEACHER_SCORES = Table(
    name="teacher_scores",
    key=(c.TEACHER_ID, c.POLICY_VERSION, c.PAIR_HASH),
    partition=c.TEACHER_ID,
    schema=columns_of(
        **{
            c.TEACHER_ID: T.StringType(),
            c.POLICY_VERSION: T.StringType(),  # empty for a teacher that reads no policy
            c.PAIR_HASH: T.StringType(),  # sha256 of both hashes, hex
            c.LEFT_HASH: T.StringType(),  # sha256 of `left_text`, hex
            c.RIGHT_HASH: T.StringType(),
            c.LEFT_TEXT: T.StringType(),  # a member's
            c.RIGHT_TEXT: T.StringType(),  # a posting's
            c.ORIGIN: T.StringType(),  # ORIGINS
            c.GRADE: T.IntegerType(),  # 0 to 4; null for a teacher that gives scores alone
            c.SCORE: T.DoubleType(),  # [0, 1]
            c.RUN_DATE: T.DateType(),  # the night that scored it
            c.RUN_ID: T.StringType(),
        }
    ),
)
