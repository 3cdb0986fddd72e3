"""Read the source of saved searches: accepted ones with what was understood, rejected ones with their reasons."""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source
from pipelines.quality.gate import account_for
from pipelines.searches.stage import ingest_searches as read_and_refuse
from schemas.errors import ConfigError
from schemas.members import MEMBERS
from schemas.rejected import MEMBERS_REJECTED
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SOURCE


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
    read = source.count()
    accepted, rejected = run.tables.stage_all(
        {SAVED_SEARCHES: ingested.accepted, SAVED_SEARCHES_REJECTED: ingested.rejected}, shared=ingested.shared
    )
    account_for("saved searches", read=read, accepted=accepted, rejected=rejected)
    check(run, SAVED_SEARCHES.name)
    return Counts(read, accepted, rejected)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "ingest_searches", ingest_searches, argv)


if __name__ == "__main__":
    sys.exit(main())
