"""Rank matches into recommendations, say who got fewer than asked for, and audit both."""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.read_impressions import impressions
from jobs.run_stage import stage_job
from jobs.share_exposure import held_while, shared_prices
from jobs.start import Context, log
from pipelines.publishing.progress import Counts
from pipelines.ranking.gathered import gather, good_matches
from pipelines.ranking.listing import Listing, Vectors, make_lists
from pipelines.ranking.rankers import pinned_ranker
from pipelines.ranking.scoring import LearnedScoring, Scoring, WeightedScoring
from pipelines.ranking.stage import find_shortfalls, recommend, score_matches
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS


def rank(run: Context) -> Counts:
    """Recommendations and shortfalls of this run are staged and have passed their gate."""
    tables = (MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY)
    matches, members, postings, popularity = (run.tables.staged(table) for table in tables)
    ranking, scoring = run.config.ranking, scoring_of(run)
    scored = score_matches(
        matches,
        members,
        postings,
        popularity,
        night=run.night,
        scoring=scoring,
        shown=impressions(run),
        fatigue=ranking.fatigue,
    )
    gathered = gather(scored, min_score=ranking.min_score)
    k, exposure = ranking.recommendations_per_member, ranking.exposure
    with held_while(gathered, exposure.enabled or ranking.min_score > 0):
        prices = shared_prices(gathered, exposure, k) if exposure.enabled else None
        listing = Listing(ranking, prices, vectors_of(run) if ranking.diversity else None)
        recommended = recommend(
            make_lists(gathered, listing, run.night),
            members,
            postings,
            night=run.night,
            config=ranking,
            config_hash=run.config.config_hash,
            scoring=scoring,
        )
        staged = run.tables.stage(RECOMMENDATIONS, recommended)
        short = find_shortfalls(
            members,
            matches,
            run.tables.staged(RECOMMENDATIONS),
            good=good_matches(gathered) if ranking.min_score else None,
            night=run.night,
            config=ranking,
            matches_per_member=run.config.retrieval.matches_per_member,
        )
        run.tables.stage(SHORTFALLS, short)
    check(run, "recommendations")
    return Counts(rows_in=run.progress.need("match").counts.rows_out, rows_out=staged)


def vectors_of(run: Context) -> Vectors:
    """The vectors of this night's postings."""
    index = run.store.indexes / run.progress.need("index").counts.notes["folder"]
    student_id = run.progress.need("embed").counts.notes["student_id"]
    return Vectors(index, run.config.retrieval.cache_folder, student_id)


def scoring_of(run: Context) -> Scoring:
    """How this run scores: by its ranker where the configuration asks for one and there is one, else by the weights."""
    weighted = WeightedScoring(run.config.ranking)
    if run.config.ranking.score_by == "weights":
        return weighted
    ranker = pinned_ranker(run.store.rankers, run.store.ranker(run.night.run_id))
    student_id = run.progress.need("embed").counts.notes["student_id"]
    if ranker is None:
        log.warning("rank: no ranker yet, so the configured weights score; jobs.train_ranker makes one of this night")
        return weighted
    if ranker.student_id != student_id:
        log.warning(
            "rank: ranker %s knows student %s, not %s, so the configured weights score; run jobs.train_ranker",
            *(ranker.ranker_id, ranker.student_id, student_id),
        )
        return weighted
    return LearnedScoring(ranker.ranker_id, ranker.folder, ranker.names)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "rank", rank, argv)


if __name__ == "__main__":
    sys.exit(main())
