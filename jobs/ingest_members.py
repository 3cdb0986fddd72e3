"""Read the members and interactions sources: members who may be served, and the rejected rows with their reasons."""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.ingest.stage import ingest_members as clean
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source
from pipelines.quality.gate import account_for
from schemas import interactions
from schemas.members import MEMBERS, SOURCE
from schemas.rejected import MEMBERS_REJECTED


def ingest_members(run: Context) -> Counts:
    """Members of this run are staged, accepted and rejected, and have passed their gate."""
    sources = run.config.sources
    source = read_source(run.spark, "sources.members", sources.members, SOURCE, run.project)
    done = None
    if sources.interactions is None:
        log.info("ingest_members: no interactions source, so nothing is left out as applied to or dismissed")
    else:
        done = read_source(run.spark, "sources.interactions", sources.interactions, interactions.SOURCE, run.project)
    read = source.count()
    ingested = clean(source, done, night=run.night, config=run.config.ingest, embedding=run.config.embedding)
    accepted, rejected = run.tables.stage_all(
        {MEMBERS: ingested.accepted, MEMBERS_REJECTED: ingested.rejected}, shared=ingested.shared
    )
    account_for("members", read=read, accepted=accepted, rejected=rejected)
    check(run, "members")
    return Counts(read, accepted, rejected)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "ingest_members", ingest_members, argv)


if __name__ == "__main__":
    sys.exit(main())
