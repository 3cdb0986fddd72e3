"""What a night has given, and the attributes of those whom it is compared for, which nothing else reads."""

import datetime
from typing import NamedTuple

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.start import Context, log
from pipelines.fairness.groups import large_enough
from pipelines.fairness.lists import COUNT, GROUP, group_sizes, grouped, ranked_by_similarity
from pipelines.fairness.metrics import Array
from pipelines.fairness.stage import Lists, with_attributes
from pipelines.publishing.sources import check_expressions, read_source
from schemas import columns as c
from schemas.errors import ArtifactError, ConfigError
from schemas.fairness import FAIRNESS_AUDIT
from schemas.matches import MATCHES, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.operations import RUN_LOG
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS
from schemas.table import columns_of


class Attribute(NamedTuple):
    """An attribute of members or of postings."""

    name: str
    key: str  # their id
    ids: DataFrame  # those of the night
    rows: DataFrame  # `key` and attributes, as a source gives them


class Grouping(NamedTuple):
    """Who is of which group."""

    names: list[str]
    of: DataFrame  # id and position of the group's name
    targets: Array | None  # float64 [n_groups], as configured; None: of each list, the group's share of it


def given_out(given: Context) -> Lists:
    """What this run has staged, else what is published for its date.

    Raises:
        ArtifactError: neither is there.
    """
    date, tables = {c.RUN_DATE: given.night.run_date}, (MEMBERS, POSTINGS, MATCHES, RECOMMENDATIONS)
    if given.progress.find("rank"):
        return Lists(*(given.tables.staged(table) for table in tables))
    if not given.tables.files(RECOMMENDATIONS, **date):
        raise ArtifactError(f"no night of {given.night.run_date} is ranked or published; run jobs.run_nightly first")
    return Lists(*(given.tables.read(table, **date) for table in tables))


def found_members(given: Context) -> DataFrame | None:
    """The rows of POSTING_MATCHES with their `rank`, staged or published; None: no posting has searched."""
    if given.progress.find("rank"):
        has_searched = given.progress.find("match_postings") is not None
        return ranked_by_similarity(given.tables.staged(POSTING_MATCHES)) if has_searched else None
    date = {c.RUN_DATE: given.night.run_date}
    has_searched = bool(given.tables.files(POSTING_MATCHES, **date))
    return ranked_by_similarity(given.tables.read(POSTING_MATCHES, **date)) if has_searched else None


def as_listed(given: Context, found: DataFrame) -> DataFrame:
    """The rows of `found_members` with the ranks of POSTING_RECOMMENDATIONS, null for who is on no list."""
    if given.progress.find("rank"):
        lists = given.tables.staged(POSTING_RECOMMENDATIONS)
    else:
        date = {c.RUN_DATE: given.night.run_date}
        if not given.tables.files(POSTING_RECOMMENDATIONS, **date):  # a night of before there were any
            return found
        lists = given.tables.read(POSTING_RECOMMENDATIONS, **date)
    keys = [c.POSTING_ID, c.MEMBER_ID]
    return found.drop(c.RANK).join(lists.select(*keys, c.RANK), on=keys, how="left")


def member_attributes(given: Context) -> tuple[DataFrame, list[str]]:
    """Rows of member_id and attributes, and the attributes' names.

    Raises:
        ConfigError: there is no such source.
    """
    return _attributes(given, "audit_attributes", c.MEMBER_ID)


def posting_attributes(given: Context, postings: DataFrame) -> tuple[DataFrame, list[str]]:
    """The night's postings with the attributes that are configured and those of a source, and all their names."""
    config = given.config.fairness.posting_groups
    check_expressions("fairness.posting_groups", postings, config)
    columns = [F.expr(text).alias(name) for name, text in config.items()]
    groups, names = postings.select(c.POSTING_ID, *columns), list(config)
    if given.config.sources.audit_posting_attributes is not None:
        known, more = _attributes(given, "audit_posting_attributes", c.POSTING_ID)
        groups, names = with_attributes(groups, known, c.POSTING_ID), [*names, *more]
    return groups, names


def grouping(given: Context, attribute: Attribute) -> Grouping:
    """The groups that are large enough to be spoken of; the others are as unknown."""
    config = given.config.fairness
    sizes = group_sizes(attribute.ids, attribute.rows, key=attribute.key, name=attribute.name)
    counts = {row[GROUP]: row[COUNT] for row in sizes.collect()}
    names = large_enough(counts, min_size=config.min_group_size, max_groups=config.max_groups)
    asked = config.reordering.targets if attribute.name == config.reordering.attribute else {}
    if absent := sorted(set(asked) - set(names)):
        log.warning("reordering: %s=%s: too few members, nothing is owed to them", attribute.name, ", ".join(absent))
    targets = np.array([asked.get(name, 0.0) for name in names]) if asked else None
    return Grouping(names, grouped(attribute.rows, key=attribute.key, name=attribute.name, groups=names), targets)


def published_before(given: Context, days: int = 1) -> datetime.date | None:
    """The date of the last night published at least so many days before this one."""
    published = given.tables.read(RUN_LOG).where(F.col(c.STAGE) == "publish")
    latest = given.night.run_date - datetime.timedelta(days=days)
    date: datetime.date | None = (
        published.where(F.col(c.RUN_DATE) <= F.lit(latest)).agg(F.max(c.RUN_DATE)).collect()[0][0]
    )
    return date


def _attributes(given: Context, name: str, key: str) -> tuple[DataFrame, list[str]]:
    source = getattr(given.config.sources, name)
    if source is None:
        raise ConfigError(f"nothing says of whom groups are: give sources.{name}")
    canonical = columns_of(**dict.fromkeys(source.columns, FAIRNESS_AUDIT.schema[c.ATTRIBUTE].dataType))
    rows = read_source(given.spark, f"sources.{name}", source, canonical, given.project)
    return rows, [column for column in source.columns if column != key]
