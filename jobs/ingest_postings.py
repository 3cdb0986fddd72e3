"""Read the postings source: clean, deduplicated postings, and the rejected rows with their reasons."""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.ingest.stage import ingest_postings as clean
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source, reading
from pipelines.quality.gate import account_for, raise_if_too_many
from schemas.postings import POSTINGS, SOURCE
from schemas.rejected import POSTINGS_REJECTED


def ingest_postings(run: Context) -> Counts:
    """Postings of this run are staged, accepted and rejected, and have passed their gate."""
    source = read_source(run.spark, "sources.postings", run.config.sources.postings, SOURCE, run.project)
    with reading("sources.postings"):
        read = source.count()
        raise_if_too_many("postings", read=read, most=run.config.quality.max_rows)
        ingested = clean(source, night=run.night, config=run.config.ingest)
        accepted, rejected = run.tables.stage_all(
            {POSTINGS: ingested.accepted, POSTINGS_REJECTED: ingested.rejected}, shared=ingested.shared
        )
    account_for("postings", read=read, accepted=accepted, rejected=rejected)
    check(run, "postings")
    return Counts(read, accepted, rejected)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "ingest_postings", ingest_postings, argv)


if __name__ == "__main__":
    sys.exit(main())
