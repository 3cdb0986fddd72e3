"""Rank each posting's matches into a list of members for recruiters, and audit the lists.

Members are those who are open to recruiters; none is on more lists than `ranking.recruiting.max_lists`.
"""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.rank_matches import scoring_of
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.publishing.progress import Counts
from pipelines.ranking.explanation import RECRUITER
from pipelines.ranking.gathered import gather
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.recruiting import as_asked_for, in_order_of, of_postings, spread_out
from pipelines.ranking.stage import recommend, score_matches
from schemas import columns as c
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS


def rank_members(run: Context) -> Counts:
    """The postings' lists of members of this run are staged and have passed their gate."""
    rows_in = run.progress.need("match_postings").counts.rows_out
    tables = (POSTING_MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY)
    found, members, postings, popularity = (run.tables.staged(table) for table in tables)
    ranking, scoring = of_postings(run.config.ranking), scoring_of(run)
    scored = score_matches(
        as_asked_for(found),
        members,
        postings,
        popularity,
        night=run.night,
        scoring=scoring,
        shown=None,
        fatigue=ranking.fatigue,
    )
    if run.config.fairness.reordering.enabled:
        run.progress.need("reorder_members")
        scored = in_order_of(scored, run.tables.staged(POSTING_LISTS))
    gathered = gather(
        spread_out(scored, ranking.recruiting.max_lists),
        min_score=ranking.min_score,
        owner=c.POSTING_ID,
        listed=c.MEMBER_ID,
    )
    rows = recommend(
        make_lists(gathered, Listing(ranking), run.night, owner=c.POSTING_ID),
        members,
        postings,
        night=run.night,
        config=ranking,
        config_hash=run.config.config_hash,
        scoring=scoring,
        table=POSTING_RECOMMENDATIONS,
        reader=RECRUITER,
    )
    staged = run.tables.stage(POSTING_RECOMMENDATIONS, rows)
    check(run, "posting_recommendations")
    return Counts(rows_in=rows_in, rows_out=staged)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "rank_members", rank_members, argv)


if __name__ == "__main__":
    sys.exit(main())
