"""Columns: what a learned ranker is told of a pair; a feature that is not known is null.

`posting` and `member` are struct columns with the fields of `ASKED` and `HELD`; the ranker is trained on, and ranks by,
the same columns.
"""

import datetime
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.embedding.text import gender_free
from pipelines.ranking.parts import FOLDED_SKILLS, days_since, seniority_value, skills_value
from pipelines.ranking.places import NEARNESS
from schemas import columns as c

DIRECTIONS: Final = {  # 1: more of it never lowers the score, -1: never raises it
    "similarity": 1,
    "popularity": 1,
    "nearness": 1,
    "wanted_title": 1,
    "held_title": 1,
    "skills": 1,
    "seniority": 1,
    "age": -1,
}
TITLE_WORDS, WANTED_WORDS, HELD_WORDS = "title_words", "wanted_words", "held_words"


def features(posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
    """A double by feature; reads the columns `similarity` and `nearness`.

    Popularity leaves the member's own interest out, so that a ranker cannot learn who was there from a count of one.
    """
    own = F.coalesce(F.array_contains(member[c.VIEWED_POSTING_IDS], posting[c.POSTING_ID]), F.lit(False))
    others = F.coalesce(posting[c.POPULARITY], F.lit(0)) - own.cast("int")
    named = {
        "similarity": F.col(c.SIMILARITY),
        "popularity": F.log1p(others),
        "nearness": F.col(NEARNESS),
        "wanted_title": share_named(posting[TITLE_WORDS], member[WANTED_WORDS]),
        "held_title": share_named(posting[TITLE_WORDS], member[HELD_WORDS]),
        "skills": skills_value(posting[FOLDED_SKILLS], member[FOLDED_SKILLS]),
        "seniority": seniority_value(posting[c.SENIORITY], member[c.SENIORITY]),
        "age": days_since(posting[c.POSTED_ON], run_date),
    }
    return {name: named[name].cast("double") for name in DIRECTIONS}


def words(title: Column) -> Column:
    """The words of two letters and more, each once, in lower case, occupations by their name for all; none of no title.

    `"Part-time Cook & cook's mate"` gives `["part", "time", "cook", "mate"]`.
    """
    split = F.split(F.lower(gender_free(F.coalesce(title, F.lit("")))), r"[^\p{L}\p{N}]+")
    return F.array_distinct(F.filter(split, lambda word: F.length(word) > 1))


def share_named(asked: Column, named: Column) -> Column:
    """Share of the words asked that are named; null where there are none on a side."""
    return F.when((F.size(asked) > 0) & (F.size(named) > 0), F.size(F.array_intersect(asked, named)) / F.size(asked))
