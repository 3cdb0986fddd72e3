"""Stage: postings' matches become lists of members, by the scores that the postings have for these members."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pipelines.ranking.config import RankingConfig
from pipelines.ranking.fatigue import STANDING
from schemas import columns as c


def as_asked_for(found: DataFrame) -> DataFrame:
    """POSTING_MATCHES as the scores read them: no wish was relaxed for any."""
    return found.withColumn(c.RELAXATION, F.lit(None).cast("string"))


def of_postings(config: RankingConfig) -> RankingConfig:
    """How lists of members are made: by standing alone, with nothing drawn for, and nothing priced."""
    off = {
        "exposure": config.exposure.model_copy(update={"enabled": False}),
        "exploration": config.exploration.model_copy(update={"share": 0.0}),
    }
    return config.model_copy(
        update=off | {"recommendations_per_member": config.recruiting.members_per_list, "diversity": 0.0}
    )


def in_order_of(scored: DataFrame, lists: DataFrame) -> DataFrame:
    """The scored matches, standing as they do on POSTING_LISTS: first 1, second 1/2."""
    keys = [c.POSTING_ID, c.MEMBER_ID]
    return (
        scored.join(lists.select(*keys, c.RANK), on=keys, how="inner")
        .withColumn(STANDING, 1 / F.col(c.RANK))
        .drop(c.RANK)
    )


def spread_out(scored: DataFrame, max_lists: int) -> DataFrame:
    """At most `max_lists` matches of each member, those of highest standing; nobody is on more lists than that.

    A posting's own company and cluster say nothing about its members, so that the caps on these do not count.
    """
    best = Window.partitionBy(c.MEMBER_ID).orderBy(F.desc(STANDING), F.desc(c.SCORE), c.POSTING_ID)
    none = F.lit(None).cast("string")
    kept = scored.withColumn("lists", F.row_number().over(best)).where(F.col("lists") <= max_lists).drop("lists")
    return kept.withColumns({c.COMPANY_KEY: none, c.CLUSTER_ID: none})


def closed_up(listed: DataFrame) -> DataFrame:
    """Postings' lists whose ranks count from 1 without gaps again, after some members have gone."""
    in_order = Window.partitionBy(c.POSTING_ID).orderBy(c.RANK)
    return listed.withColumn(c.RANK, F.row_number().over(in_order))
