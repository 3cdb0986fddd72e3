"""Rank matches into recommendations, say who got fewer than asked for, and audit both."""

import sys
from collections.abc import Sequence

from pyspark.sql import functions as F

from jobs.check_quality import check
from jobs.read_impressions import impressions
from jobs.run_stage import stage_job
from jobs.share_exposure import shared
from jobs.start import Context, log
from pipelines.publishing.progress import Counts
from pipelines.ranking.rankers import pinned_ranker
from pipelines.ranking.scoring import LearnedScoring, Scoring, WeightedScoring
from pipelines.ranking.sharing import with_order
from pipelines.ranking.stage import find_shortfalls, rank_matches, score_matches
from schemas import columns as c
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
    within_wishes = scored.where(F.col(c.RELAXATION).isNull())  # the others stand last whatever they cost
    with shared(run, within_wishes, ranking.recommendations_per_member) as prices:
        ranked = rank_matches(
            with_order(scored, *((prices.priced, prices.paid) if prices else (None, None))),
            members,
            postings,
            night=run.night,
            config=ranking,
            config_hash=run.config.config_hash,
            scoring=scoring,
        )
        staged = run.tables.stage(RECOMMENDATIONS, ranked)
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
