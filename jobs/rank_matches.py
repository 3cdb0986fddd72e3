"""Rank matches into recommendations, say who got fewer than asked for, and audit both."""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.publishing.progress import Counts
from pipelines.ranking.stage import find_shortfalls, rank_matches
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS


def rank(run: Context) -> Counts:
    """Recommendations and shortfalls of this run are staged and have passed their gate."""
    matches, members, postings = (run.tables.staged(table) for table in (MATCHES, MEMBERS, POSTINGS))
    ranking = run.config.ranking
    staged = run.tables.stage(
        RECOMMENDATIONS,
        rank_matches(matches, members, postings, night=run.night, config=ranking, config_hash=run.config.config_hash),
    )
    run.tables.stage(
        SHORTFALLS,
        find_shortfalls(
            members,
            matches,
            run.tables.staged(RECOMMENDATIONS),
            night=run.night,
            config=ranking,
            matches_per_member=run.config.retrieval.matches_per_member,
        ),
    )
    check(run, "recommendations")
    return Counts(rows_in=run.progress.need("match").counts.rows_out, rows_out=staged)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "rank", rank, argv)


if __name__ == "__main__":
    sys.exit(main())
