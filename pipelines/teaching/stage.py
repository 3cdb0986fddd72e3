"""Stage: pairs of a night for a teacher to score, and what it says of them."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.night import Night
from pipelines.publishing.ledger import Ledger
from pipelines.teaching.config import JudgeConfig, TeachingConfig
from pipelines.teaching.plan import TeacherPlan
from pipelines.teaching.scoring import OUTCOMES, Scorer
from pipelines.teaching.teacher import Pair
from schemas import columns as c
from schemas.operations import EVALUATION
from schemas.teacher_scores import ORIGINS, TEACHER_SCORES

_IDS = (c.MEMBER_ID, c.POSTING_ID)
_TEXTS = (c.PAIR_HASH, c.LEFT_HASH, c.RIGHT_HASH, c.LEFT_TEXT, c.RIGHT_TEXT, c.ORIGIN)
_SCORED = reduce(
    lambda schema, name: schema.add(name, TEACHER_SCORES.schema[name].dataType),
    (*_TEXTS, c.GRADE, c.SCORE),
    T.StructType(),
)
_OUTCOMES = T.StructType(_SCORED.fields).add(c.OUTCOME, T.StringType()).add(c.REASON, T.StringType())


def choose_pairs(
    matches: DataFrame,
    interactions: DataFrame | None,
    *,
    near_ranks: int,
    config: TeachingConfig,
) -> DataFrame:
    """Pairs (member_id, posting_id, origin) of one night, at most as many of each origin as configured; hashes decide.

    Args:
        matches: MATCHES columns; random pairs are of its members and its postings.
        interactions: the source's columns, None where there is no such source.
        near_ranks: a member's matches up to this rank are near misses.
        config: all but `scoring_tasks`, `grade_bounds` and `min_kappa` counts.
    """
    order = Window.partitionBy(c.MEMBER_ID).orderBy(F.col(c.SIMILARITY).desc(), c.POSTING_ID)
    ranked = matches.select(*_IDS, F.row_number().over(order).alias(c.RANK))
    first, last = config.hard_negative_ranks
    near, far = F.col(c.RANK) <= near_ranks, F.col(c.RANK).between(max(first, near_ranks + 1), last)
    drawn = [
        _drawn(ranked.where(near), config.near_misses, "near_miss"),
        _drawn(ranked.where(far), config.hard_negatives, "hard_negative"),
        _drawn(_strangers(matches, config.random), config.random, "random"),
    ]
    if interactions is not None:
        done = interactions.select(*_IDS).distinct()
        known = done.join(matches.select(c.MEMBER_ID).distinct(), on=c.MEMBER_ID, how="left_semi")
        drawn.append(_drawn(known, config.interactions, "interaction"))
    return reduce(DataFrame.unionByName, drawn)


def with_texts(pairs: DataFrame, members: DataFrame, postings: DataFrame) -> DataFrame:
    """Each pair of texts once, under its hash and its first origin; a pair without both texts is left out."""
    left = members.select(c.MEMBER_ID, F.col(c.CONTENT_HASH).alias(c.LEFT_HASH), F.col(c.TEXT).alias(c.LEFT_TEXT))
    right = postings.select(c.POSTING_ID, F.col(c.CONTENT_HASH).alias(c.RIGHT_HASH), F.col(c.TEXT).alias(c.RIGHT_TEXT))
    texts = (
        pairs.join(left.where(F.col(c.LEFT_HASH).isNotNull()), on=c.MEMBER_ID, how="inner")
        .join(right.where(F.col(c.RIGHT_HASH).isNotNull()), on=c.POSTING_ID, how="inner")
        .withColumn(c.PAIR_HASH, F.sha2(F.concat_ws("\n", c.LEFT_HASH, c.RIGHT_HASH), 256))
        .withColumn("place", F.array_position(F.array(*map(F.lit, ORIGINS)), F.col(c.ORIGIN)))
    )
    rest = [name for name in _TEXTS if name not in (c.PAIR_HASH,)]
    first = F.min(F.struct("place", *rest)).alias("first")
    return texts.groupBy(c.PAIR_HASH).agg(first).select(c.PAIR_HASH, *(f"first.{name}" for name in rest))


def scores_of(scores: DataFrame, *, teacher_id: str, policy_version: str) -> DataFrame:
    """The rows of one teacher under one policy."""
    return scores.where((F.col(c.TEACHER_ID) == teacher_id) & (F.col(c.POLICY_VERSION) == policy_version))


def without_scored(pairs: DataFrame, scores: DataFrame) -> DataFrame:
    """The pairs that these rows of the scores table do not have."""
    return pairs.join(scores.select(c.PAIR_HASH), on=c.PAIR_HASH, how="left_anti")


def score_pairs(
    pairs: DataFrame, *, plan: TeacherPlan, ledger: Path, night: Night, config: TeachingConfig
) -> DataFrame:
    """The pairs with grade, score, outcome and reason; verdicts are in the ledger before they are in the frame.

    A judge is asked from one task, so that its budget and pace hold for the whole run; its concurrency is threads.

    Args:
        pairs: pair_hash, both hashes, both texts and origin.
        ledger: folder of the verdicts of this teacher under its policy.
        config: `scoring_tasks` counts.
    """
    run_id = night.run_id

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import torch

        torch.set_num_threads(1)  # cores are Spark's to share
        with Ledger(ledger) as kept:
            scorer: Scorer | None = None
            for batch in batches:
                if batch.num_rows:
                    scorer = scorer or Scorer(plan, kept, run_id)
                    texts = zip(*(batch.column(name).to_pylist() for name in (c.LEFT_TEXT, c.RIGHT_TEXT)), strict=True)
                    outcomes = scorer.score([Pair(left, right) for left, right in texts])
                    columns = {name: batch.column(name) for name in _TEXTS} | {
                        c.GRADE: pa.array([one.grade for one in outcomes], type=pa.int32()),
                        c.SCORE: pa.array([one.score for one in outcomes], type=pa.float64()),
                        c.OUTCOME: pa.array([one.outcome for one in outcomes], type=pa.string()),
                        c.REASON: pa.array([one.reason for one in outcomes], type=pa.string()),
                    }
                    yield pa.RecordBatch.from_pydict(columns)

    tasks = 1 if isinstance(plan.config, JudgeConfig) else config.scoring_tasks
    return pairs.select(*_TEXTS).repartition(tasks, c.PAIR_HASH).mapInArrow(score, schema=_OUTCOMES)


def outcome_counts() -> list[Column]:
    """Aggregates over what `score_pairs` gives, one struct per outcome: its name, how many pairs, and a reason."""
    return [
        F.struct(
            F.lit(outcome).alias(c.OUTCOME),
            F.count_if(F.col(c.OUTCOME) == outcome).alias("pairs"),
            F.max(F.when(F.col(c.OUTCOME) == outcome, F.col(c.REASON))).alias(c.REASON),
        ).alias(outcome)
        for outcome in OUTCOMES
    ]


def score_rows(outcomes: DataFrame, *, teacher_id: str, policy_version: str, night: Night) -> DataFrame:
    """What was scored, as rows of the scores table."""
    return (
        outcomes.where(F.col(c.OUTCOME) == "scored")
        .withColumns(
            {
                c.TEACHER_ID: F.lit(teacher_id),
                c.POLICY_VERSION: F.lit(policy_version),
                c.RUN_DATE: F.lit(night.run_date),
                c.RUN_ID: F.lit(night.run_id),
            }
        )
        .select(*TEACHER_SCORES.columns)
    )


def shared_pairs(scores: DataFrame, others: DataFrame) -> DataFrame:
    """Pairs that two teachers have scored: both texts, `grade`, `score`, `other_grade` and `other_score`."""
    renamed = others.select(c.PAIR_HASH, F.col(c.GRADE).alias("other_grade"), F.col(c.SCORE).alias("other_score"))
    return scores.join(renamed, on=c.PAIR_HASH, how="inner").select(
        c.LEFT_TEXT, c.RIGHT_TEXT, c.GRADE, c.SCORE, "other_grade", "other_score"
    )


def latest_figures(evaluation: DataFrame, *, method: str) -> DataFrame:
    """The figures (name, value) of a method, each from the last run that measured it."""
    last = F.max_by(c.VALUE, F.struct(c.RUN_DATE, c.RUN_ID)).alias(c.VALUE)
    return evaluation.where(F.col(c.METHOD) == method).groupBy(c.NAME).agg(last).select(c.NAME, c.VALUE)


def other_figures(evaluation: DataFrame, figures: DataFrame) -> DataFrame:
    """The rows of the evaluation table that these figures (method, name, value) do not measure anew."""
    return evaluation.join(figures.select(c.METHOD, c.NAME), on=[c.METHOD, c.NAME], how="left_anti").select(
        *EVALUATION.columns
    )


def teacher_figures(figures: DataFrame, *, night: Night) -> DataFrame:
    """Figures (method, name, value) as rows of the evaluation table; they have no answer key, slice or interval."""
    stamped = figures.withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
    absent = [field for field in EVALUATION.schema if field.name not in stamped.columns]
    return stamped.withColumns({field.name: F.lit(None).cast(field.dataType) for field in absent}).select(
        *EVALUATION.columns
    )


def _drawn(pairs: DataFrame, count: int, origin: str) -> DataFrame:
    hashed = pairs.orderBy(F.xxhash64(F.lit(origin), *_IDS), *_IDS).limit(count)
    return hashed.select(*_IDS, F.lit(origin).alias(c.ORIGIN))


def _strangers(matches: DataFrame, count: int) -> DataFrame:
    """`count` pairs of a member and a posting that have nothing to do with each other: both in the order of a hash."""
    members = _numbered(matches, c.MEMBER_ID, count)
    postings = _numbered(matches, c.POSTING_ID, count)
    return members.join(postings, on="place", how="inner").select(*_IDS)


def _numbered(matches: DataFrame, name: str, count: int) -> DataFrame:
    """`count` values of a column, numbered from 0 in the order of their hash; they repeat where there are fewer."""
    hashed: Column = F.xxhash64(F.lit("random"), F.col(name))
    chosen = matches.select(name).distinct().orderBy(hashed, name).limit(count)
    listed = chosen.agg(F.array_sort(F.collect_list(F.struct(hashed.alias("hash"), F.col(name)))).alias("all"))
    numbers = F.explode(F.sequence(F.lit(0), F.lit(max(count, 1) - 1)))
    places = listed.where(F.size("all") > 0).select("all", numbers.alias("place"))
    return places.select("place", F.col("all")[F.col("place") % F.size("all")][name].alias(name))
