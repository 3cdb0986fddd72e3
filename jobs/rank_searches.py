"""Rank what saved searches have found as members' matches are ranked, say which found too little, and audit both."""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.check_quality import check
from jobs.rank_matches import scoring_of, vectors_of
from jobs.run_stage import stage_job
from jobs.share_exposure import held_while
from jobs.start import Context
from pipelines.ingest.interactions import standing_for
from pipelines.publishing.progress import Counts
from pipelines.ranking.explanation import SEARCHER
from pipelines.ranking.gathered import gather, good_matches
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.stage import find_shortfalls, recommend, score_matches
from pipelines.searches.stage import (
    as_matches,
    as_members,
    as_recommendations,
    as_shortfalls,
    by_search,
    searched_by,
)
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.interactions import POSTING_POPULARITY
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.rejected import POSTINGS_REJECTED
from schemas.searches import SAVED_SEARCHES, SEARCH_MATCHES, SEARCH_RECOMMENDATIONS, SEARCH_SHORTFALLS


def rank_searches(run: Context) -> Counts:
    """Recommendations of saved searches, and which found too little, are staged and have passed their gate."""
    if run.config.sources.saved_searches is None:
        raise ConfigError("sources.saved_searches: missing; there are no saved searches to rank for")
    run.progress.need("match")
    tables = (SAVED_SEARCHES, SEARCH_MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY)
    searches, found, members, postings, popularity = (run.tables.staged(table) for table in tables)
    standing, ranking, scoring = as_members(searches, members), run.config.ranking, scoring_of(run)
    searchers = by_search(standing)
    matches = as_matches(found, profile_weight=run.config.searches.profile_weight)
    scored = score_matches(
        matches,
        searchers,
        postings,
        popularity,
        night=run.night,
        scoring=scoring,
        shown=None,  # what a member saw in a list of another kind, the search has not shown
        fatigue=ranking.fatigue,
    )
    listing = Listing(ranking, vectors=vectors_of(run) if ranking.diversity else None)
    gathered = gather(scored, min_score=ranking.min_score)
    with held_while(gathered, ranking.min_score > 0):
        listed = recommend(
            make_lists(gathered, listing, run.night),
            searchers,
            postings,
            night=run.night,
            config=ranking,
            config_hash=run.config.config_hash,
            scoring=scoring,
            reader=SEARCHER,
            beside=(c.WISH_SIMILARITY, c.PROFILE_SIMILARITY, c.BROUGHT_BY),
        )
        staged = run.tables.stage(SEARCH_RECOMMENDATIONS, as_recommendations(listed, searches, shown_before(run)))
        short = find_shortfalls(
            searched_by(standing),
            matches,
            by_search(run.tables.staged(SEARCH_RECOMMENDATIONS)),
            good=good_matches(gathered) if ranking.min_score else None,
            night=run.night,
            config=ranking,
            matches_per_member=run.config.retrieval.matches_per_member,
        )
        run.tables.stage(SEARCH_SHORTFALLS, as_shortfalls(short, searches))
    check(run, SEARCH_RECOMMENDATIONS.name)
    return Counts(rows_in=run.progress.need("ingest_searches").counts.rows_out, rows_out=staged)


def shown_before(run: Context) -> DataFrame:
    """Pairs of search and posting of the published lists of earlier dates; a duplicate counts as what stands for it."""
    earlier = run.tables.read(SEARCH_RECOMMENDATIONS).where(F.col(c.RUN_DATE) < F.lit(run.night.run_date))
    return standing_for(earlier.select(c.SEARCH_ID, c.POSTING_ID), run.tables.staged(POSTINGS_REJECTED))


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "rank_searches", rank_searches, argv)


if __name__ == "__main__":
    sys.exit(main())
