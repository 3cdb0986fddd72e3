"""Read the members and interactions sources: members who may be served, and the rejected rows with their reasons."""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.ingest.interest import decisions, interest, popularity
from pipelines.ingest.stage import ingest_members as clean
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source, reading
from pipelines.quality.gate import account_for, raise_if_too_many
from schemas import interactions
from schemas.interactions import POSTING_POPULARITY
from schemas.members import MEMBERS, SOURCE
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED


def ingest_members(run: Context) -> Counts:
    """Members of this run are staged, accepted and rejected, and have passed their gate."""
    source = read_source(run.spark, "sources.members", run.config.sources.members, SOURCE, run.project)
    decided, interested = done(run)
    with reading("sources.members, sources.interactions"):
        read = source.count()
        raise_if_too_many("members", read=read, most=run.config.quality.max_rows)
        ingested = clean(
            source,
            decided=decided,
            interested=interested,
            night=run.night,
            config=run.config.ingest,
            embedding=run.config.embedding,
        )
        accepted, rejected = run.tables.stage_all(
            {MEMBERS: ingested.accepted, MEMBERS_REJECTED: ingested.rejected}, shared=ingested.shared
        )
        nobody = run.spark.createDataFrame([], POSTING_POPULARITY.schema)
        run.tables.stage(POSTING_POPULARITY, popularity(interested, night=run.night) if interested else nobody)
    account_for("members", read=read, accepted=accepted, rejected=rejected)
    check(run, "members")
    return Counts(read, accepted, rejected)


def done(run: Context) -> tuple[DataFrame, DataFrame] | tuple[None, None]:
    """Pairs that rule each other out, and pairs of interest; None where there is no source of interactions."""
    if run.config.sources.interactions is None:
        log.info("ingest_members: no interactions source: nothing is left out as applied to, and nothing is popular")
        return None, None
    rows = read_source(
        run.spark, "sources.interactions", run.config.sources.interactions, interactions.SOURCE, run.project
    )
    refused, days = run.tables.staged(POSTINGS_REJECTED), run.config.ingest.interest_days
    return decisions(rows, refused, night=run.night), interest(rows, refused, night=run.night, days=days)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "ingest_members", ingest_members, argv)


if __name__ == "__main__":
    sys.exit(main())
