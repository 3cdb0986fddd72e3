"""Stage: the documents that a student learns from."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.distillation.config import DistillationConfig
from schemas import columns as c


def sample_documents(entities: DataFrame, *, config: DistillationConfig) -> DataFrame:
    """At most `max_texts` distinct texts, the same ones for the same set of entities: chosen by their hash."""
    texts = entities.where(F.col(c.CONTENT_HASH).isNotNull()).groupBy(c.CONTENT_HASH).agg(F.min(c.TEXT).alias(c.TEXT))
    return texts.orderBy(c.CONTENT_HASH).limit(config.max_texts).select(c.TEXT)
