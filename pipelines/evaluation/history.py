"""Stage: what happened up to a night and after it, and the groups that members are in."""

import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.evaluation.stage import SLICES
from schemas import columns as c

EXPOSURES = "exposures"  # lists that a posting is on
POSTINGS_SHOWN = "postings"  # how many postings are on so many


def up_to(pairs: DataFrame, run_date: datetime.date) -> DataFrame:
    """The pairs that a night of this date can know; one without a date may lie after it."""
    return pairs.where(F.to_date(c.OCCURRED_AT) <= F.lit(run_date))


def after(pairs: DataFrame, run_date: datetime.date, *, days: int) -> DataFrame:
    """The pairs of the `days` days that follow the night's date."""
    day = F.to_date(c.OCCURRED_AT)
    return pairs.where((day > F.lit(run_date)) & (day <= F.date_add(F.lit(run_date), days)))


def like_counts(pairs: DataFrame) -> DataFrame:
    """A row (posting_id, members) for each posting that anyone liked."""
    return pairs.groupBy(c.POSTING_ID).agg(F.countDistinct(c.MEMBER_ID).alias(c.MEMBERS))


def history_slices(members: DataFrame, pairs: DataFrame | None) -> DataFrame:
    """Each member's `slices`: experiences, postings liked where that is known, and the regions of the member's places.

    Args:
        members: the night's.
        pairs: what they liked by then; None: nothing is known of anybody.
    """
    experiences, liked = F.coalesce(F.size(c.EXPERIENCES), F.lit(0)), F.coalesce(F.col(c.POSTING_ID), F.lit(0))
    place = F.transform(
        c.PLACES, lambda one: F.concat(F.lit("place "), F.concat_ws("/", one["country"], one["region"]))
    )
    groups = [
        F.array(
            F.when(experiences <= 0, "no experience")
            .when(experiences <= 2, "1-2 experiences")
            .otherwise("3 or more experiences")
        ),
        F.when(F.size(place) > 0, F.array_distinct(place)).otherwise(F.array(F.lit("no place"))),
    ]
    if pairs is not None:
        counts = pairs.groupBy(c.MEMBER_ID).agg(F.countDistinct(c.POSTING_ID).alias(c.POSTING_ID))
        members = members.join(counts, on=c.MEMBER_ID, how="left")
        groups.append(
            F.array(
                F.when(liked == 0, "no posting liked")
                .when(liked <= 4, "1-4 postings liked")
                .otherwise("5 or more postings liked")
            )
        )
    return members.select(c.MEMBER_ID, F.concat(*groups).alias(SLICES))


def logged_places(recommendations: DataFrame, members: DataFrame, *, k: int) -> DataFrame:
    """Rows (member_id, rank, posting_id, propensity) of the first `k` places whose propensity was logged."""
    known = recommendations.where((F.col(c.RANK) <= k) & F.col(c.PROPENSITY).isNotNull())
    return known.join(members.select(c.MEMBER_ID), on=c.MEMBER_ID, how="left_semi").select(
        c.MEMBER_ID, c.RANK, c.POSTING_ID, c.PROPENSITY
    )


def exposure_counts(recommendations: DataFrame, postings: DataFrame, *, k: int) -> DataFrame:
    """Rows (exposures, postings): how many of these postings are among the first `k` of so many members.

    Args:
        recommendations: of all members.
        postings: those that could be on a list, each once or more.
        k: how much of a list counts.
    """
    shown = recommendations.where(F.col(c.RANK) <= k).groupBy(c.POSTING_ID).agg(F.count(F.lit(1)).alias(EXPOSURES))
    return (
        postings.select(c.POSTING_ID)
        .distinct()
        .join(shown, on=c.POSTING_ID, how="left")
        .groupBy(F.coalesce(EXPOSURES, F.lit(0)).alias(EXPOSURES))
        .agg(F.count(F.lit(1)).alias(POSTINGS_SHOWN))
    )


def posting_vectors(postings: DataFrame, embeddings: DataFrame) -> DataFrame:
    """Rows (posting_id, vector) of these postings, of the embeddings of one student."""
    vectors = embeddings.select(c.CONTENT_HASH, c.VECTOR)
    return postings.join(vectors, on=c.CONTENT_HASH, how="inner").select(c.POSTING_ID, c.VECTOR)
