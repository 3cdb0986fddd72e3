"""Stage: matches with the signals that their score is made of; the night ranks by them, a ranker learns from them."""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.night import Night
from pipelines.ranking.features import HELD_WORDS, TITLE_WORDS, WANTED_WORDS, words
from pipelines.ranking.parts import FOLDED_SKILLS
from pipelines.ranking.places import NEARNESS, nearness
from pipelines.ranking.scoring import Signals
from pipelines.ranking.skills import folded_skills
from schemas import columns as c

SIGNALS: Final = "signals"
_POSTING, _MEMBER = "posting", "member"

_ASKED = (
    *(c.POSTING_ID, c.COMPANY_KEY, c.CLUSTER_ID, c.COUNTRY, c.REGION, c.CITY, c.WORK_MODE, c.SENIORITY, c.POSTED_ON),
    c.POPULARITY,
)
_HELD = (c.PLACES, c.SENIORITY, c.VIEWED_POSTING_IDS)


def with_signals(
    matches: DataFrame,
    members: DataFrame,
    postings: DataFrame,
    popularity: DataFrame,
    *,
    night: Night,
    scoring: Signals,
) -> DataFrame:
    """The matches with `nearness`, `company_key`, `cluster_id` and `signals`.

    A match of an unknown member or posting is left out.

    Args:
        matches: columns member_id, posting_id, similarity and any others.
        members: MEMBERS columns.
        postings: POSTINGS columns.
        popularity: POSTING_POPULARITY columns; a posting without a row is of interest to nobody yet.
        night: what is known of age and popularity is known on its date.
        scoring: whose signals they are.
    """
    folded = folded_skills(F.col(c.SKILLS)).alias(FOLDED_SKILLS)
    known = postings.join(popularity.select(c.POSTING_ID, c.POPULARITY), on=c.POSTING_ID, how="left")
    asked = nested(known, c.POSTING_ID, _POSTING, [*_ASKED, folded, words(F.col(c.TITLE)).alias(TITLE_WORDS)])
    wanted = words(F.array_join(c.WANTED_TITLES, " ")).alias(WANTED_WORDS)
    held = words(F.array_join(F.transform(c.EXPERIENCES, lambda one: one["title"]), " ")).alias(HELD_WORDS)
    holding = nested(members, c.MEMBER_ID, _MEMBER, [*_HELD, folded, wanted, held])
    posting, member = F.col(_POSTING), F.col(_MEMBER)
    return (
        matches.join(asked, on=c.POSTING_ID, how="inner")
        .join(holding, on=c.MEMBER_ID, how="inner")
        .withColumn(NEARNESS, nearness(posting, member))
        .withColumn(
            SIGNALS,
            F.struct(*(one.alias(name) for name, one in scoring.signals(posting, member, night.run_date).items())),
        )
        .withColumns({name: posting[name] for name in (c.COMPANY_KEY, c.CLUSTER_ID)})
        .drop(_POSTING, _MEMBER)
    )


def nested(rows: DataFrame, key: str, name: str, fields: list[Column | str]) -> DataFrame:
    """The rows' key, and the fields as one struct."""
    return rows.select(key, F.struct(*fields).alias(name))
