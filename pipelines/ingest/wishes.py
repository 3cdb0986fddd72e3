"""Stage: members who ask to be left alone."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ingest.members import read_wish
from pipelines.ingest.wire import read_rows
from schemas import columns as c
from schemas.table import columns_of

_READ = columns_of(**{c.MEMBER_ID: T.StringType(), c.OPTED_OUT: T.BooleanType()})


def who_opted_out(source: DataFrame) -> DataFrame:
    """member_id of everybody of whom any row asks to be left alone, as ingest would read it.

    Args:
        source: member_id and opted_out, of any type.
    """
    said = F.lower(F.col(c.OPTED_OUT).cast("string"))
    rows = source.where(said.isNotNull() & (said != "false")).select(c.MEMBER_ID, c.OPTED_OUT)  # nearly all say false
    return (
        read_rows(rows, read_wish, _READ)
        .where(F.col(c.OPTED_OUT) & F.col(c.MEMBER_ID).isNotNull())
        .select(c.MEMBER_ID)
        .distinct()
    )
