"""Columns: the parts of a score, each a value in [0, 1] times its weight; a part's unknown value is configured.

`posting` and `member` are struct columns; their skills are folded (`skills.folded_skills`) under `FOLDED_SKILLS`.
"""

import datetime
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ranking.config import PlaceValues, RankingConfig
from pipelines.ranking.places import ABROAD, NAMED_CITY, NAMED_COUNTRY, NEARNESS, SAME_COUNTRY, is_remote
from schemas import columns as c
from schemas.values import SENIORITIES

FOLDED_SKILLS: Final = "folded_skills"


def similarity_value(similarity: Column) -> Column:
    """The cosine, and 0 where it is negative: -0.2 gives 0, 0.7 gives 0.7."""
    return F.least(F.greatest(similarity, F.lit(0.0)), F.lit(1.0))


def recency_value(posted_on: Column, run_date: datetime.date, half_life_days: float) -> Column:
    """1 on the day of posting, half after each half-life; null where the day is unknown.

    At a half-life of 21 days: 1.0 at 0 days, 0.5 at 21 days, 0.25 at 42 days.
    """
    return F.pow(F.lit(0.5), days_since(posted_on, run_date) / F.lit(half_life_days))


def days_since(posted_on: Column, run_date: datetime.date) -> Column:
    """Whole days from `posted_on` to the run date, 0 where it lies ahead; null where it is unknown."""
    days = F.datediff(F.lit(run_date), posted_on)
    return F.when(days < 0, 0).otherwise(days)


def place_value(nearness: Column, remote: Column, values: PlaceValues) -> Column:
    """1 in a named city, less elsewhere in a named region or country, and beyond; 0 abroad, null unknown."""
    elsewhere = F.when(remote, F.lit(values.remote_same_country)).otherwise(F.lit(values.same_country))
    return (
        F.when(nearness == NAMED_CITY, F.lit(1.0))
        .when(nearness >= NAMED_COUNTRY, F.lit(values.named_region))
        .when(nearness == SAME_COUNTRY, elsewhere)
        .when(nearness == ABROAD, F.lit(0.0))
    )


def seniority_value(asked: Column, held: Column) -> Column:
    """1 at the same level, a quarter less per level between; null where either is unknown.

    Senior and senior give 1.0, mid and senior 0.75, entry and executive 0.0.
    """
    steps = len(SENIORITIES) - 1
    return F.lit(1.0) - F.abs(_level(asked) - _level(held)) / F.lit(float(steps))


def skills_value(asked: Column, held: Column) -> Column:
    """Share of the posting's folded skills that the member has; null where either lists none.

    `["sql", "spark"]` asked of one who has `["sql", "excel"]` gives 0.5.
    """
    return F.when(
        (F.size(asked) > 0) & (F.size(held) > 0), F.size(F.array_intersect(asked, held)) / F.size(asked).cast("double")
    )


def score_parts(posting: Column, member: Column, run_date: datetime.date, config: RankingConfig) -> dict[str, Column]:
    """Weight times value by part name; the values sum to the score. Reads the columns `similarity` and `nearness`."""
    values = {
        "similarity": similarity_value(F.col(c.SIMILARITY)),
        "recency": recency_value(posting[c.POSTED_ON], run_date, config.recency_half_life_days),
        "place": place_value(F.col(NEARNESS), is_remote(posting), config.place_values),
        "seniority": seniority_value(posting[c.SENIORITY], member[c.SENIORITY]),
        "skills": skills_value(posting[FOLDED_SKILLS], member[FOLDED_SKILLS]),
    }
    unknown = F.lit(config.unknown_value)
    return {
        name: F.lit(getattr(config.weights, name)) * (value if name == "similarity" else F.coalesce(value, unknown))
        for name, value in values.items()
    }


def _level(seniority: Column) -> Column:
    position = F.array_position(F.array(*map(F.lit, SENIORITIES)), seniority)
    return F.when(position > 0, position)
