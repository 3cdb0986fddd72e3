"""Read the source of saved searches: accepted ones with what was understood, rejected ones with their reasons."""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source
from pipelines.quality.gate import account_for
from pipelines.searches.model_reading import read_by_model
from pipelines.searches.stage import ingest_searches as read_and_refuse
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED
from schemas.searches import RULES, SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SOURCE


def ingest_searches(run: Context) -> Counts:
    """Saved searches of this run are staged, accepted and rejected, and have passed their gate."""
    config = run.config.sources.saved_searches
    if config is None:
        raise ConfigError("sources.saved_searches: missing; there are no saved searches to read")
    run.progress.need("ingest_members")
    source = read_source(run.spark, "sources.saved_searches", config, SOURCE, run.project)
    ingested = read_and_refuse(
        source,
        run.tables.staged(MEMBERS),
        run.tables.staged(MEMBERS_REJECTED),
        night=run.night,
        config=run.config.searches,
        ingest=run.config.ingest,
        wishes=run.config.wishes,
    )
    accepted_ones = ingested.accepted
    if run.config.wishes.model:
        accepted_ones = read_by_model(
            accepted_ones, read_before(run), wishes=run.config.wishes, config=run.config.searches
        )
    read = source.count()
    accepted, rejected = run.tables.stage_all(
        {SAVED_SEARCHES: accepted_ones, SAVED_SEARCHES_REJECTED: ingested.rejected}, shared=ingested.shared
    )
    account_for("saved searches", read=read, accepted=accepted, rejected=rejected)
    check(run, SAVED_SEARCHES.name)
    if run.config.wishes.model and (left := run.tables.staged(SAVED_SEARCHES).where(F.col(c.READ_BY) == RULES).count()):
        log.warning("ingest_searches: %d of %d searches got no usable answer; rules have read them", left, accepted)
    return Counts(read, accepted, rejected)


def read_before(run: Context) -> DataFrame:
    """The saved searches of the last published night, this date's included."""
    dates = [date for date in run.tables.dates(SAVED_SEARCHES) if date <= run.night.run_date]
    return run.tables.read(SAVED_SEARCHES, **{c.RUN_DATE: dates[-1]} if dates else {})


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "ingest_searches", ingest_searches, argv)


if __name__ == "__main__":
    sys.exit(main())
