"""Stage: saved searches are read and refused, stand beside their members as members do, and have their lists."""

from functools import partial
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ingest.config import IngestConfig
from pipelines.ingest.reading import UNREADABLE
from pipelines.ingest.reasons import OPTED_OUT, search_reasons
from pipelines.ingest.wire import read_rows, with_repeats_refused, with_source_row
from pipelines.night import Night
from pipelines.searches.config import SearchesConfig
from pipelines.searches.reading import read_search
from pipelines.wishes.config import WishesConfig
from schemas import columns as c
from schemas.searches import (
    BROUGHT_BY,
    RULES,
    SAVED_SEARCHES,
    SAVED_SEARCHES_REJECTED,
    SEARCH_RECOMMENDATIONS,
    SEARCH_SHORTFALLS,
    SOURCE,
)
from schemas.table import columns_of

UNDERSTOOD = (c.CRITERIA, c.UNDERSTOOD_AS, c.NOT_UNDERSTOOD, c.LANGUAGE_KNOWN, c.WISH)
_READ = T.StructType(
    [
        *SOURCE,
        *(SAVED_SEARCHES.schema[name] for name in UNDERSTOOD),
        *columns_of(**{UNREADABLE: T.ArrayType(T.StringType())}),
    ]
)
_KNOWN, _GONE = "known", "gone"
_ENCODED_BY = {"student": "", "teacher": "read by teacher and student: "}  # hashed with a wish: another vector


class Searches(NamedTuple):
    """Accepted and rejected saved searches, together every row read; `shared` is what both are computed from."""

    accepted: DataFrame
    rejected: DataFrame
    shared: tuple[DataFrame, ...]


def ingest_searches(
    source: DataFrame,
    members: DataFrame,
    refused_members: DataFrame,
    *,
    night: Night,
    config: SearchesConfig,
    ingest: IngestConfig,
    wishes: WishesConfig,
) -> Searches:
    """Saved searches of members who may be served; and the other rows, with their reasons.

    Args:
        source: the columns of `schemas.searches.SOURCE`, of any type.
        members: MEMBERS columns.
        refused_members: MEMBERS_REJECTED columns.
        night: what was saved after its date is yet to come.
        config: how long a search that nobody looks at goes on.
        ingest: limits of lengths.
        wishes: how texts are understood.
    """
    left = refused_members.where(F.array_contains(c.REASONS, OPTED_OUT)).select(F.col(c.SOURCE_ROW).alias(c.MEMBER_ID))
    checked = (
        read_rows(source, partial(read_search, ingest=ingest, wishes=wishes), _READ)
        .join(members.select(c.MEMBER_ID, F.lit(True).alias(_KNOWN)), on=c.MEMBER_ID, how="left")
        .join(left.distinct().withColumn(_GONE, F.lit(True)), on=c.MEMBER_ID, how="left")
        .withColumn(
            c.REASONS, search_reasons(night.run_date, config.max_unseen_days, known=F.col(_KNOWN), gone=F.col(_GONE))
        )
        .transform(with_source_row, c.SEARCH_ID)
        .transform(with_repeats_refused, c.SEARCH_ID, [c.CREATED_ON])
        .withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
    )
    is_accepted = F.size(c.REASONS) == 0
    by_rules = checked.where(is_accepted).withColumn(c.READ_BY, F.lit(RULES))
    rejected = checked.where(~is_accepted).withColumn(c.ROW, F.when(F.col(_GONE).isNull(), F.col(c.ROW)))
    return Searches(
        with_wish_hash(by_rules, config.wish_encoder).select(*SAVED_SEARCHES.columns),
        rejected.select(*SAVED_SEARCHES_REJECTED.columns),
        (checked,),
    )


def with_wish_hash(searches: DataFrame, wish_encoder: str) -> DataFrame:
    """Searches with the hash under which the vector of their `wish` lies; it says who encodes it."""
    return searches.withColumn(c.CONTENT_HASH, F.sha2(F.concat(F.lit(_ENCODED_BY[wish_encoder]), c.WISH), 256))


def as_members(searches: DataFrame, members: DataFrame) -> DataFrame:
    """Each search as a member: MEMBERS columns, the search's criteria where it says something; and `search_id`,
    `criteria`, `wish_hash`.

    Whom the member blocked and what the member applied to or dismissed stay away from every search. Skills of the
    profile do not rank: they are of what the member was.

    Args:
        searches: SAVED_SEARCHES columns.
        members: MEMBERS columns.
    """
    asked = F.col(c.CRITERIA)

    def said(name: str) -> Column:
        return F.when(F.size(asked[name]) > 0, asked[name]).otherwise(F.col(name))

    own = searches.select(c.MEMBER_ID, c.SEARCH_ID, c.CRITERIA, F.col(c.CONTENT_HASH).alias(c.WISH_HASH))
    none = F.array().cast("array<string>")
    one_level = F.when(F.size(asked[c.SENIORITIES]) == 1, F.get(asked[c.SENIORITIES], F.lit(0)))
    return members.join(own, on=c.MEMBER_ID, how="inner").withColumns(
        {
            **{name: said(name) for name in (c.PLACES, c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES)},
            c.SALARY_CURRENCY: F.coalesce(asked[c.SALARY_CURRENCY], c.SALARY_CURRENCY),
            c.MIN_SALARY: F.coalesce(asked[c.MIN_SALARY], c.MIN_SALARY),
            c.SENIORITY: F.coalesce(one_level, c.SENIORITY),
            c.WANTED_TITLES: F.coalesce(asked[c.TITLES], none),
            c.SKILLS: none,
            c.EXCLUDED_COMPANY_KEYS: F.array_union(
                F.coalesce(c.EXCLUDED_COMPANY_KEYS, none), F.coalesce(asked[c.EXCLUDED_COMPANY_KEYS], none)
            ),
        }
    )


def by_search(searchers: DataFrame) -> DataFrame:
    """`as_members` with the search's id for the member's: what ranks and checks members does so with searches."""
    return searchers.withColumn(c.MEMBER_ID, F.col(c.SEARCH_ID)).drop(c.SEARCH_ID)


def with_wish_vectors(searchers: DataFrame, embeddings: DataFrame, *, profile_weight: float) -> DataFrame:
    """Searches of which the wish or the profile has a vector: `vector` of the profile, `wish_vector`, and the weight.

    Args:
        searchers: see `as_members`.
        embeddings: MEMBER_EMBEDDINGS columns, of one student.
        profile_weight: of the profile where both have a vector.
    """
    profile = embeddings.select(c.CONTENT_HASH, c.VECTOR)
    wish = embeddings.select(F.col(c.CONTENT_HASH).alias(c.WISH_HASH), F.col(c.VECTOR).alias(c.WISH_VECTOR))
    weight = F.when(F.col(c.WISH_VECTOR).isNull(), 1.0).when(F.col(c.VECTOR).isNull(), 0.0).otherwise(profile_weight)
    both = searchers.join(profile, on=c.CONTENT_HASH, how="left").join(wish, on=c.WISH_HASH, how="left")
    return both.where(F.col(c.VECTOR).isNotNull() | F.col(c.WISH_VECTOR).isNotNull()).withColumns(
        {
            c.PROFILE_WEIGHT: weight,
            c.VECTOR: F.coalesce(c.VECTOR, c.WISH_VECTOR),
            c.WISH_VECTOR: F.coalesce(c.WISH_VECTOR, c.VECTOR),
        }
    )


def as_matches(found: DataFrame, *, profile_weight: float) -> DataFrame:
    """The searches' matches as matches of `by_search`, with what brought each, see `trying.brought_by`.

    Args:
        found: SEARCH_MATCHES columns.
        profile_weight: of the profile where wish and profile have a vector.
    """
    wish, profile = BROUGHT_BY
    adds, wish_adds = profile_weight * F.col(c.PROFILE_SIMILARITY), (1 - profile_weight) * F.col(c.WISH_SIMILARITY)
    adds_more = F.col(c.WISH_SIMILARITY).isNull() | (adds > wish_adds)
    brought = F.when(adds_more, profile).otherwise(wish)
    return found.withColumns(
        {c.MEMBER_ID: F.col(c.SEARCH_ID), c.RELAXATION: F.lit(None).cast("string"), c.BROUGHT_BY: brought}
    ).drop(c.SEARCH_ID)


def searched_by(searchers: DataFrame) -> DataFrame:
    """`by_search`, where `content_hash` is null only for a search that neither its wish nor its profile can answer."""
    return by_search(searchers).withColumn(c.CONTENT_HASH, F.coalesce(c.WISH_HASH, c.CONTENT_HASH))


def as_shortfalls(short: DataFrame, searches: DataFrame) -> DataFrame:
    """Rows of the table of searches that found too little.

    Args:
        short: SHORTFALLS columns of `searched_by`.
        searches: SAVED_SEARCHES columns.
    """
    whose = searches.select(c.SEARCH_ID, c.MEMBER_ID)
    named = short.withColumnRenamed(c.MEMBER_ID, c.SEARCH_ID).join(whose, on=c.SEARCH_ID, how="inner")
    return named.select(*SEARCH_SHORTFALLS.columns)


def as_recommendations(listed: DataFrame, searches: DataFrame, shown: DataFrame) -> DataFrame:
    """Rows of the table of recommendations of searches.

    Args:
        listed: RECOMMENDATIONS columns of `by_search`, with both similarities and `brought_by`.
        searches: SAVED_SEARCHES columns.
        shown: pairs (search_id, posting_id) of the lists of earlier dates.
    """
    whose = searches.select(c.SEARCH_ID, c.MEMBER_ID, c.UNDERSTOOD_AS)
    before = shown.select(c.SEARCH_ID, c.POSTING_ID).distinct().withColumn(_KNOWN, F.lit(True))
    return (
        listed.withColumnRenamed(c.MEMBER_ID, c.SEARCH_ID)
        .join(whose, on=c.SEARCH_ID, how="inner")
        .join(before, on=[c.SEARCH_ID, c.POSTING_ID], how="left")
        .withColumn(c.IS_NEW, F.col(_KNOWN).isNull())
        .select(*SEARCH_RECOMMENDATIONS.columns)
    )
