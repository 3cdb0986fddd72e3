"""Members who have opted out since a run read them are left out of what it has staged."""

from collections.abc import Sequence

from pyspark.sql import functions as F

from jobs.start import Context, log
from pipelines.ingest.reasons import OPTED_OUT
from pipelines.ingest.wishes import who_opted_out
from pipelines.publishing.sources import read_source
from pipelines.ranking.recruiting import closed_up
from schemas import columns as c
from schemas.members import MEMBERS, SOURCE
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import MEMBERS_REJECTED
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED
from schemas.table import Table


def leave_out(run: Context, tables: Sequence[Table]) -> int | None:
    """How many recommendations are staged now; None where the source knows of nobody and nothing has changed.

    Whoever is left out is in `members_rejected`, as after an ingest; the row is not kept.

    Args:
        tables: those that the night publishes.
    """
    config = run.config.sources.members
    if c.OPTED_OUT not in config.columns:
        return None
    source = read_source(run.spark, "sources.members", config, SOURCE, run.project)
    members = run.tables.staged(MEMBERS).select(c.MEMBER_ID)
    names = [row[c.MEMBER_ID] for row in who_opted_out(source).join(members, on=c.MEMBER_ID, how="left_semi").collect()]
    if not names:
        return None
    gone = run.spark.createDataFrame([(name,) for name in names], f"{c.MEMBER_ID} string")
    refused = run.tables.staged(MEMBERS_REJECTED).where(~F.col(c.SOURCE_ROW).isin(names))
    refusals = [(run.night.run_date, run.night.run_id, name, [OPTED_OUT], None, None) for name in names]
    run.tables.stage(
        MEMBERS_REJECTED, refused.unionByName(run.spark.createDataFrame(refusals, MEMBERS_REJECTED.schema))
    )
    about = [table for table in tables if c.MEMBER_ID in table.columns]
    if SAVED_SEARCHES in about:
        about.remove(SAVED_SEARCHES_REJECTED)
        reject_searches(run, names)
    left = {}
    for table in sorted(about, key=lambda table: table is MEMBERS):  # last: until then they are found again
        rows = run.tables.staged(table).join(gone, on=c.MEMBER_ID, how="left_anti")
        left[table] = run.tables.stage(table, closed_up(rows) if table.key == (c.POSTING_ID, c.RANK) else rows)
    log.info("publish: %d members have opted out since they were read, and are left out", len(names))
    return left[RECOMMENDATIONS]


def reject_searches(run: Context, names: Sequence[str]) -> None:
    """The saved searches of these members are rejected, and no row of theirs is kept."""
    is_gone = F.coalesce(F.col(c.MEMBER_ID).isin(list(names)), F.lit(False))
    theirs = run.tables.staged(SAVED_SEARCHES).where(is_gone)
    refusals = theirs.select(
        *(c.RUN_DATE, c.RUN_ID, F.col(c.SEARCH_ID).alias(c.SOURCE_ROW), c.MEMBER_ID),
        F.array(F.lit(OPTED_OUT)).alias(c.REASONS),
    )
    before = run.tables.staged(SAVED_SEARCHES_REJECTED).join(refusals, on=c.SOURCE_ROW, how="left_anti")
    refused = before.withColumn(c.ROW, F.when(~is_gone, F.col(c.ROW)))
    both = refused.unionByName(refusals, allowMissingColumns=True)
    run.tables.stage(SAVED_SEARCHES_REJECTED, both.select(*SAVED_SEARCHES_REJECTED.columns))
