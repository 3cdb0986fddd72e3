"""Corpora: what a student learns from besides the night's own texts. Read from sources, never published."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import columns_of

SOURCE = columns_of(
    **{
        c.JOB_GROUP: T.StringType(),  # rows of one group name or describe one job
        c.JOB_NAME: T.StringType(),  # what the group itself is called
        c.TITLE: T.StringType(),
        c.TEXT: T.StringType(),  # a task, a duty, a description
        c.RELATED_GROUP: T.StringType(),  # a group so near that its texts are no counterexamples
    }
)
