"""Embeddings: unit vectors keyed by what was embedded and by whom, so equal texts cost one encoding, ever."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

_SCHEMA = columns_of(
    **{
        c.STUDENT_ID: T.StringType(),
        c.CONTENT_HASH: T.StringType(),
        c.VECTOR: T.ArrayType(T.FloatType()),  # unit length
        c.RUN_DATE: T.DateType(),  # the night that encoded it
        c.RUN_ID: T.StringType(),
    }
)

POSTING_EMBEDDINGS = Table("posting_embeddings", (c.STUDENT_ID, c.CONTENT_HASH), c.STUDENT_ID, _SCHEMA)
MEMBER_EMBEDDINGS = Table("member_embeddings", (c.STUDENT_ID, c.CONTENT_HASH), c.STUDENT_ID, _SCHEMA)
