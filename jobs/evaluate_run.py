"""Evaluate a published night beside TF-IDF, on members' views or on the sample's ground truth.

Views are the answer key only: no night reads them. TF-IDF sees the postings in the member's own places; once titles
alone, once whole texts. The figures go to the table `evaluation`.
"""

import sys
from collections.abc import Collection, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame
from rich.console import Console
from rich.table import Table as Grid

from jobs.start import Context, context, held, parser, run
from pipelines.evaluation.baselines import Document, tfidf_lists
from pipelines.evaluation.metrics import hit_rate, precision
from pipelines.evaluation.stage import (
    PLACES,
    RIGHT,
    evaluation_rows,
    member_documents,
    occupation_key,
    posting_documents,
    published_lists,
    sample_members,
    views_key,
)
from pipelines.publishing.sources import read_source
from schemas import columns as c
from schemas import interactions
from schemas.errors import ConfigError
from schemas.members import MEMBERS
from schemas.operations import EVALUATION
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED

K = 10


def answer_key(given: Context, members: DataFrame, postings: DataFrame, key: str) -> DataFrame:
    """Members and the postings that are right for them.

    Raises:
        ConfigError: the environment has no such key.
    """
    if key == "truth":
        feeds = truth_feeds(given)
        return occupation_key(members, feeds.members, postings, feeds.postings)
    source = given.config.sources.interactions
    if source is None:
        raise ConfigError("--key views needs sources.interactions")
    views = read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
    rejected = given.tables.read(POSTINGS_REJECTED, **{c.RUN_DATE: given.night.run_date})
    return views_key(members, views, postings, rejected)


class TruthFeeds(NamedTuple):
    """What each row of the sample's feeds is really of."""

    members: DataFrame
    postings: DataFrame


def truth_feeds(given: Context) -> TruthFeeds:
    """The truth beside the generated sample.

    Raises:
        ConfigError: the environment has no sample.
    """
    if given.config.sample is None:
        raise ConfigError("truth needs a [sample] section; only generated samples know their truth")
    folder = given.project / given.config.sample.location / "truth"
    return TruthFeeds(*(given.spark.read.parquet(str(folder / kind)) for kind in TruthFeeds._fields))


def evaluate(given: Context, key: str, count: int) -> list[tuple[str, str, float]]:
    """(method, metric, value) of the published night and of the baselines."""
    date = {c.RUN_DATE: given.night.run_date}
    members = sample_members(given.tables.read(MEMBERS, **date), count=count)
    postings = given.tables.read(POSTINGS, **date)
    relevant = {row[c.MEMBER_ID]: frozenset(row[RIGHT]) for row in answer_key(given, members, postings, key).collect()}
    ours = published_lists(given.tables.read(RECOMMENDATIONS, **date), members, k=K).collect()
    methods = {
        "nightmatch": {row[c.MEMBER_ID]: row["list"] for row in ours},
        "TF-IDF on titles within the member's places": tfidf(members, postings, relevant.keys(), titles_only=True),
        "TF-IDF on texts within the member's places": tfidf(members, postings, relevant.keys(), titles_only=False),
    }
    metrics = {f"hit@{K}": hit_rate, f"precision@{K}": precision}
    figures = [
        (method, name, metric(lists, relevant, K))
        for method, lists in methods.items()
        for name, metric in metrics.items()
    ]
    return [*figures, ("all", "members", float(len(relevant)))]


def tfidf(members: DataFrame, postings: DataFrame, ids: Collection[str], *, titles_only: bool) -> dict[str, list[str]]:
    """The baseline's lists for these members."""
    left = [one for one in _documents(member_documents(members, titles_only=titles_only)) if one.id in ids]
    return tfidf_lists(left, _documents(posting_documents(postings, titles_only=titles_only)), K)


def _documents(rows: DataFrame) -> list[Document]:
    return [Document(row["id"], row[c.TEXT], frozenset(filter(None, row[PLACES] or []))) for row in rows.collect()]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--key", choices=("views", "truth"), required=True, help="where right answers come from")
    arguments.add_argument("--members", type=int, default=5000, help="members evaluated, chosen by hash")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        with held(given):
            figures = evaluate(given, asked.key, asked.members)
            rows = given.spark.createDataFrame(figures, f"{c.METHOD} string, {c.NAME} string, {c.VALUE} double")
            given.tables.stage(EVALUATION, evaluation_rows(rows, night=given.night))
            given.tables.replace(EVALUATION, **{c.RUN_ID: given.night.run_id})
        grid = Grid("method", "metric", "value", title=f"{asked.env} {given.night.run_date}")
        for method, name, value in figures:
            grid.add_row(method, name, f"{value:.4f}")
        Console().print(grid)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
