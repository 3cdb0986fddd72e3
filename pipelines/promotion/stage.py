"""Stage: what is compared of a night: the slices that its members belong to, and a sample of its texts."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from schemas import columns as c

SLICES = "slices"
_LENGTHS = (20, 60)  # words; three fifths of the job board's members are below, three fifths of the sample's above


def member_slices(members: DataFrame) -> DataFrame:
    """Each member's `slices`: seniority where known, length of the text, whether there is a work history."""
    words = F.size(F.split(F.trim(F.coalesce(F.col(c.TEXT), F.lit(""))), r"\s+"))
    short, long = _LENGTHS
    length = (
        F.when(words < short, f"text under {short} words")
        .when(words <= long, f"text of {short}-{long} words")
        .otherwise(f"text over {long} words")
    )
    history = F.coalesce(F.size(c.EXPERIENCES), F.lit(0)) > 0
    parts = F.array(
        F.concat(F.lit("seniority "), c.SENIORITY),
        length,
        F.when(history, F.lit("with work history")).otherwise(F.lit("without work history")),
    )
    return members.select(c.MEMBER_ID, F.filter(parts, lambda part: part.isNotNull()).alias(SLICES))


def sample_texts(entities: DataFrame, *, count: int) -> DataFrame:
    """At most `count` distinct texts, those whose hash is lowest."""
    texts = entities.where(F.col(c.CONTENT_HASH).isNotNull()).groupBy(c.CONTENT_HASH).agg(F.min(c.TEXT).alias(c.TEXT))
    return texts.orderBy(c.CONTENT_HASH).limit(count).select(c.TEXT)
