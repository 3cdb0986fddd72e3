"""Stage: what a student learns from, of whole tables no more than one machine holds."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.distillation.config import DistillationConfig
from schemas import columns as c
from schemas import corpora

MAX_CORPUS_ROWS = 200_000
_MAX_CHARS = 4_000  # of one text


def sample_documents(entities: DataFrame, *, config: DistillationConfig) -> DataFrame:
    """At most `max_texts` distinct texts, the same ones for the same set of entities: chosen by their hash."""
    texts = entities.where(F.col(c.CONTENT_HASH).isNotNull()).groupBy(c.CONTENT_HASH).agg(F.min(c.TEXT).alias(c.TEXT))
    return texts.orderBy(c.CONTENT_HASH).limit(config.max_texts).select(c.TEXT)


def sample_corpus(source: DataFrame) -> DataFrame:
    """At most 200,000 distinct rows of a corpus with its spaces tidied, chosen by their hash; empty values are null."""
    tidy = source.select(*(_tidy(name).alias(name) for name in corpora.SOURCE.names)).distinct()
    kept = tidy.where(F.coalesce(c.JOB_NAME, c.TITLE, c.TEXT, c.RELATED_GROUP).isNotNull())
    return kept.orderBy(F.xxhash64(*corpora.SOURCE.names), *corpora.SOURCE.names).limit(MAX_CORPUS_ROWS)


def scored_pairs(scores: DataFrame, *, teacher_id: str, policy_version: str) -> DataFrame:
    """Both texts and the score of each pair that this teacher has scored under this policy."""
    said = (F.col(c.TEACHER_ID) == teacher_id) & (F.col(c.POLICY_VERSION) == policy_version)
    return scores.where(said).select(c.LEFT_TEXT, c.RIGHT_TEXT, F.col(c.SCORE).cast("double").alias(c.SCORE))


def _tidy(name: str) -> Column:
    spaced = F.trim(F.regexp_replace(F.col(name).cast("string"), r"\s+", " "))
    return F.nullif(F.left(spaced, F.lit(_MAX_CHARS)), F.lit(""))
