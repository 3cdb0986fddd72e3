"""Train a ranker on what members were interested in, judge it on members whom it has not seen, and promote it.

It learns from the matches of a published night, with everything as that night saw it: `later` from what the members
viewed or applied to in the days after, `views` from all that they ever viewed, with their own views left out of what
popularity tells of them. A ranker that is not surely better than the configured weights, or whose score is not a
probability, is not promoted. The figures go to the table `evaluation`; docs/ranking.md explains them.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame

from jobs.compare_methods import Published, Terms, documents_of, liked_by, published
from jobs.evaluate_run import keep, positive
from jobs.find_answers import LATER, VIEWS, Answers, answers, liked
from jobs.start import Context, context, held, log, parser, run
from pipelines.evaluation.contest import baseline_lists, popularities
from pipelines.evaluation.metrics import Lists, Relevant, accuracy
from pipelines.evaluation.night_figures import NightFigure, member_figures
from pipelines.evaluation.night_summary import night_grids
from pipelines.evaluation.stage import RIGHT
from pipelines.ranking.calibration import ALL, reliability
from pipelines.ranking.features import DIRECTIONS
from pipelines.ranking.learner import Pairs, train
from pipelines.ranking.lessons import FOLD, INTERESTED, WEIGHT, lessons
from pipelines.ranking.pairs import with_signals
from pipelines.ranking.rankers import RankerArtifact, promote_ranker, rollback_ranker, seal_ranker
from pipelines.ranking.scoring import WEIGHTED, FeatureScoring, WeightedScoring
from pipelines.ranking.trial import BLEND, LEARNED, SIMILAR, WEIGHTS, by_hand, lists_by, shortcomings, slices_of
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas.errors import ConfigError, QualityGateError, listed
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES

CUTS = (10, 5, 1)


def learn(given: Context, terms: Terms) -> RankerArtifact:
    """A sealed ranker whose figures on strangers are published and good enough.

    Raises:
        ArtifactError: the night was not published.
        ConfigError: nobody was interested in anything.
        QualityGateError: it is not good enough.
    """
    night = published(given, terms)
    pairs = liked(given, night.postings, terms.key)
    found = answers(given, night.members, night.postings, pairs, key=terms.key, days=terms.days)
    relevant = {row[c.MEMBER_ID]: frozenset(row[RIGHT]) for row in found.right.orderBy(c.MEMBER_ID).collect()}
    if not relevant:
        raise ConfigError(f"--key {terms.key}: no member was interested in any posting of {given.night.run_date}")
    shown = night.recommendations if terms.key == LATER else None
    rows = lesson_rows(given, night.members, night.postings, found.right, shown)
    names = [name for name in DIRECTIONS if name in rows.columns]
    told = Pairs(
        rows[names].to_numpy(dtype=np.float32),
        rows[INTERESTED].to_numpy(dtype=np.bool_),
        rows[WEIGHT].to_numpy(dtype=np.float64),
        rows[FOLD].to_numpy(dtype=np.int64),
    )
    config, k = given.config.ranking.learner, max(terms.cuts)
    try:
        ranker, probability = train(told, [DIRECTIONS[name] for name in names], config)
    except ValueError as error:
        raise ConfigError(f"--key {terms.key}: there is too little to learn from: {error}") from None
    lists = {
        LEARNED: lists_by(rows, probability, k),
        WEIGHTS: lists_by(rows, rows[WEIGHTED].to_numpy(), k),
        SIMILAR: lists_by(rows, rows["similarity"].to_numpy(), k),
        BLEND: lists_by(rows, by_hand(rows), k),
        **others(night, found, relevant, terms),
    }
    figures = member_figures(
        {name: accuracy(one, relevant, terms.cuts) for name, one in lists.items()}, {ALL: np.arange(len(relevant))}
    )
    reliable = reliability(probability, told.interested, slices_of(rows), min_pairs=config.min_slice_rows)
    figures += [
        NightFigure(one.slice, LEARNED, None, "calibration error", one.error, None, None, one.pairs) for one in reliable
    ]
    keep(given, figures, f"ranker, {terms.key}")
    for grid in night_grids(figures, title=f"strangers, {terms.key}", shown="calibration error")[:2]:
        Terminal().print(grid)
    if wrong := shortcomings(figures, reliable, metric=f"ndcg@{terms.cuts[0]}", most=config.max_calibration_error):
        raise QualityGateError(listed("this ranker is not promoted:", wrong))
    [student] = night.recommendations.select(c.STUDENT_ID).limit(1).collect()
    recipe = {"run_date": str(given.night.run_date), "key": terms.key, "members": len(relevant), **asdict(reliable[0])}
    return seal_ranker(ranker, given.store.rankers, names=names, student_id=student[c.STUDENT_ID], recipe=recipe)


def lesson_rows(
    given: Context, members: DataFrame, postings: DataFrame, right: DataFrame, shown: DataFrame | None
) -> pd.DataFrame:
    """What is learned from, by member and posting."""
    date, config = {c.RUN_DATE: given.night.run_date}, given.config.ranking
    matches = given.tables.read(MATCHES, **date).join(right.select(c.MEMBER_ID), on=c.MEMBER_ID, how="left_semi")
    popularity = given.tables.read(POSTING_POPULARITY, **date)
    scoring = FeatureScoring(WeightedScoring(config), config.learner.leave_out)
    signalled = with_signals(matches, members, postings, popularity, night=given.night, scoring=scoring)
    rows = lessons(signalled, right, shown, config.learner)
    return rows.toPandas().sort_values([c.MEMBER_ID, c.POSTING_ID], ignore_index=True)


def others(night: Published, found: Answers, relevant: Relevant, terms: Terms) -> dict[str, Lists]:
    """The lists of popularity and of TF-IDF."""
    documents = {
        kind: documents_of(night, relevant.keys(), titles_only=titles_only)
        for kind, titles_only in (("titles", True), ("texts", False))
    }
    popular = {}
    if found.known is not None:
        popular = popularities(documents["titles"], liked_by(found.known, relevant if terms.key == VIEWS else {}))
    return baseline_lists(documents, popular, k=max(terms.cuts))


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--key", choices=(VIEWS, LATER), default=LATER, help="where interest comes from")
    arguments.add_argument("--days", type=positive, default=14, help="how many days after the night `later` reaches")
    what = arguments.add_mutually_exclusive_group()
    what.add_argument("--evaluate-only", action="store_true", help="train and judge, and promote nothing")
    what.add_argument("--rollback", action="store_true", help="make the ranker before the current one current again")
    asked = arguments.parse_args(argv)
    return run(lambda: work(asked))


def work(asked: argparse.Namespace) -> int:
    """The exit code of what was asked for."""
    given = context(asked)
    with held(given):
        if asked.rollback:
            log.info("rolled back to ranker %s, which is current now", rollback_ranker(given.store.rankers).ranker_id)
            return 0
        most = given.config.ranking.learner.max_members
        terms = Terms(key=asked.key, days=asked.days, cuts=CUTS, members=most, against=None, min_slice=1, clip=1.0)
        learned = learn(given, terms)
        if asked.evaluate_only:
            log.info("ranker %s would be promoted; nothing changed", learned.ranker_id)
        else:
            promote_ranker(given.store.rankers, learned.ranker_id)
            log.info("ranker %s is current from now on; --rollback goes back", learned.ranker_id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
