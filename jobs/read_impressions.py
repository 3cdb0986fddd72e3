"""What members were shown in earlier nights, from the tables that those have published."""

import datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.start import Context, log
from pipelines.ingest.interactions import read_interactions, standing_for
from pipelines.publishing.sources import read_source
from pipelines.ranking.fatigue import shown_in_vain
from schemas import columns as c
from schemas import interactions
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED


def impressions(run: Context) -> DataFrame | None:
    """The frame of `shown_in_vain` over the configured nights; None where fatigue is off or nobody's clicks are known.

    A duplicate counts as the posting that stands for it tonight.
    """
    fatigue, source = run.config.ranking.fatigue, run.config.sources.interactions
    if not fatigue.enabled:
        return None
    if source is None:
        log.info("rank: no interactions source, so no posting sinks for having been shown")
        return None
    nights = [run.night.run_date - datetime.timedelta(days=ago) for ago in range(1, fatigue.nights + 1)]
    lists = reduce(DataFrame.unionByName, [run.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: one}) for one in nights])
    done = read_source(run.spark, "sources.interactions", source, interactions.SOURCE, run.project)
    clicks = read_interactions(done).where(F.col(c.KIND).isin(*interactions.INTERESTED_KINDS))
    clicks = clicks.where(F.col(c.OCCURRED_AT) <= F.lit(run.night.run_date))
    rejected = run.tables.staged(POSTINGS_REJECTED)
    shown = lists.select(c.RUN_DATE, c.MEMBER_ID, c.POSTING_ID)
    return shown_in_vain(standing_for(shown, rejected), standing_for(clicks, rejected))
