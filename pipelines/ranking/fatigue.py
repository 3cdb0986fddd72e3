"""Stage: postings that a member was shown night after night and never opened sink in the member's list.

Impression discounting as in Lee, Lakshmanan, Tiwari and Shah, "Modeling impression discounting in large-scale
recommender systems" (KDD 2014), with their exponential form.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.ranking.config import FatigueConfig
from schemas import columns as c

STANDING: Final = "standing"
_NIGHTS, _CLICKED_ON = "nights_in_vain", "clicked_on"
_PAIR = [c.MEMBER_ID, c.POSTING_ID]


def with_standing(scored: DataFrame, shown: DataFrame | None, *, config: FatigueConfig) -> DataFrame:
    """Scored matches with `standing`, what they are ordered by: the score, less where it was shown in vain.

    The score itself stays, so it is still the sum of its parts. Without `shown`, or switched off, it is the score.

    Args:
        scored: `member_id`, `posting_id`, `score`, and whatever else.
        shown: of `shown_in_vain`.
        config: how fast a posting sinks.
    """
    if shown is None or not config.enabled:
        return scored.withColumn(STANDING, F.col(c.SCORE))
    nights = F.coalesce(F.col(_NIGHTS), F.lit(0))
    return (
        scored.join(shown, on=_PAIR, how="left")
        .withColumn(STANDING, F.col(c.SCORE) * kept_share(nights, config.half_point_nights))
        .drop(_NIGHTS)
    )


def shown_in_vain(lists: DataFrame, clicks: DataFrame) -> DataFrame:
    """In how many nights each posting was in a member's list that the member has not clicked since; a row per pair.

    Args:
        lists: `run_date`, `member_id`, `posting_id` of published recommendations, of any nights before this one.
        clicks: `member_id`, `posting_id`, `occurred_at` (date; unknown ones count for nothing) of views and
            applications. One on the day of a list, which is read in the morning, came after it.
    """
    last = clicks.groupBy(*_PAIR).agg(F.max(c.OCCURRED_AT).alias(_CLICKED_ON))
    since = F.coalesce(F.col(c.RUN_DATE) > F.col(_CLICKED_ON), F.lit(True))
    return (
        lists.select(c.RUN_DATE, *_PAIR)
        .join(last, on=_PAIR, how="left")
        .where(since)
        .groupBy(*_PAIR)
        .agg(F.count_distinct(c.RUN_DATE).alias(_NIGHTS))
    )


def kept_share(nights: Column, half_point_nights: float) -> Column:
    """1 for a posting that was not shown in vain, half after each `half_point_nights` nights.

    At 4 nights: 1.0 after none, 0.84 after one, 0.5 after four, 0.25 after eight.
    """
    return F.pow(F.lit(0.5), nights / F.lit(half_point_nights))
