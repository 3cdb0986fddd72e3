"""What is right for which member, and what a night could know by then; jobs.evaluate_run and others measure by it."""

from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.start import Context
from pipelines.evaluation.history import after, up_to
from pipelines.evaluation.stage import liked_pairs, occupation_key, pairs_key, views_key
from pipelines.ingest.interactions import read_interactions
from pipelines.publishing.sources import read_source
from pipelines.sample.catalogue import catalogue
from schemas import columns as c
from schemas import interactions
from schemas.errors import ConfigError
from schemas.rejected import POSTINGS_REJECTED

TRUTH, VIEWS, LATER = "truth", "views", "later"


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


def sectors(run: Context) -> dict[str, str]:
    """The sector of each member's true occupation."""
    named = truth_feeds(run).members.groupBy(c.MEMBER_ID).agg(F.min("occupation").alias("occupation")).collect()
    return {row[c.MEMBER_ID]: catalogue()[row["occupation"]].sector for row in named}


def answer_key(given: Context, members: DataFrame, postings: DataFrame, key: str) -> DataFrame:
    """Members and the postings that are right for them, by `truth` or by all `views`.

    Raises:
        ConfigError: the environment has no such key.
    """
    if key == TRUTH:
        feeds = truth_feeds(given)
        return occupation_key(members, feeds.members, postings, feeds.postings)
    return views_key(members, done(given, key), postings, rejected(given))


def check_key(given: Context, key: str) -> None:
    """Pass when the environment has such a key.

    Raises:
        ConfigError: it has not.
    """
    _ = truth_feeds(given) if key == TRUTH else done(given, key)


def done(given: Context, key: str) -> DataFrame:
    """What members did with postings, ever.

    Raises:
        ConfigError: the environment does not say.
    """
    source = given.config.sources.interactions
    if source is None:
        raise ConfigError(f"--key {key} needs sources.interactions")
    return read_interactions(
        read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
    )


def rejected(given: Context) -> DataFrame:
    """The postings that the night refused, duplicates among them."""
    return given.tables.read(POSTINGS_REJECTED, **{c.RUN_DATE: given.night.run_date})


def liked(given: Context, postings: DataFrame, key: str) -> DataFrame | None:
    """Who viewed an open posting or applied to it, and when; None where nothing is known and the key needs nothing.

    Raises:
        ConfigError: the key needs it.
    """
    if key == TRUTH and given.config.sources.interactions is None:
        return None
    return liked_pairs(done(given, key), postings, rejected(given))


class Answers(NamedTuple):
    """Members with the postings that are right for them, and what a baseline may know."""

    right: DataFrame
    known: DataFrame | None  # pairs


def answers(
    given: Context, members: DataFrame, postings: DataFrame, pairs: DataFrame | None, *, key: str, days: int
) -> Answers:
    """Right answers and what was known before them.

    Of `views` everything is known, and each member's own is to be left out of what popularity tells that member.

    Args:
        pairs: what members liked; None: nothing is known.
        key: `truth`, `views` or `later`.
        days: how far `later` reaches.
    """
    night = given.night.run_date
    if key == TRUTH or pairs is None:
        return Answers(answer_key(given, members, postings, TRUTH), None if pairs is None else up_to(pairs, night))
    if key == LATER:
        return Answers(pairs_key(members, after(pairs, night, days=days)), up_to(pairs, night))
    viewed = pairs.where(F.col(c.KIND) == "viewed")
    return Answers(pairs_key(members, viewed), viewed)
