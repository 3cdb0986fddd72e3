"""Columns: why a posting was recommended, each statement backed by a field of the row.

`posting` and `member` are struct columns; the posting's named skills are distinct (`skills.distinct_skills`), and the
member has a `PROFILE_NAME`.
"""

import datetime
from dataclasses import dataclass, replace
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ranking.config import RankingConfig
from pipelines.ranking.parts import days_since
from pipelines.ranking.places import NAMED_CITY, NAMED_COUNTRY, NAMED_REGION, NEARNESS, SAME_COUNTRY, is_remote
from pipelines.ranking.relaxed import relaxation_clause
from schemas import columns as c

PROFILE_NAME: Final = "profile_name"
_LONGEST_NAME = 80  # characters; a headline beyond it is no name for a profile
_BY_LOT = "drawn by lot from those next on your list"


@dataclass(frozen=True)
class Reader:
    """To whom a match is explained.

    Args:
        who: the member, as the reader is told.
        whose: the member's.
        nearest: what is true of every match.
        learns_age: whether the reader is told when the posting was posted.
        wishes: whether it was searched by a wish; then the column `brought_by` says which of wish and profile counted.
    """

    who: str
    whose: str
    nearest: str
    learns_age: bool
    wishes: bool = False


MEMBER: Final = Reader("you", "your", "among the open postings nearest to your profile", True)
SEARCHER: Final = replace(MEMBER, wishes=True)
RECRUITER: Final = Reader("they", "their", "among the members nearest to this posting", False)


def profile_name(experiences: Column, wanted_titles: Column, headline: Column) -> Column:
    """The latest position's title, else the first wanted title, else the headline; null where none is short enough.

    The latest is a current position before a past one, then the one that ended, then the one that began last.
    """
    dated = F.transform(
        experiences,
        lambda held, place: F.struct(
            held["started_on"].isNotNull() & held["ended_on"].isNull(),
            held["ended_on"],
            held["started_on"],
            -place,
            _short(held["title"]).alias("title"),
        ),
    )
    latest = F.array_max(F.filter(dated, lambda held: held["title"].isNotNull()))["title"]
    return F.coalesce(latest, _short(F.get(wanted_titles, F.lit(0))), _short(headline))


def reasons(
    posting: Column,
    member: Column,
    matched: Column,
    similar: Column,
    *,
    run_date: datetime.date,
    config: RankingConfig,
    reader: Reader = MEMBER,
) -> Column:
    """What speaks for the posting, as clauses in one string; what is true of every match where nothing else is known.

    Reads the columns `similarity`, `nearness`, `relaxation` and `by_lot`.

    Args:
        posting: struct of the posting's fields.
        member: struct of the member's fields.
        matched: the posting's named skills that the member names.
        similar: `similar_titles.similar_to`.
        run_date: the day on which this is read.
        config: from which similarity on a posting is called close.
        reader: to whom.
    """
    name = F.when(similar.isNull(), member[PROFILE_NAME])
    to_profile = close_clause(F.col(c.SIMILARITY), name, config.close_similarity, reader)
    clauses = F.concat_ws(
        "; ",
        relaxation_clause(F.col(c.RELAXATION)),
        F.when(F.col(c.BY_LOT), F.lit(_BY_LOT)),
        similar_clause(similar, reader),
        brought_clause(F.col(c.BROUGHT_BY), name) if reader.wishes else to_profile,
        place_clause(posting, member[c.WORK_MODES], F.col(NEARNESS), reader),
        skills_clause(F.size(matched), F.size(posting[c.NAMED_SKILLS])),
        *([posted_clause(posting[c.POSTED_ON], run_date)] if reader.learns_age else []),
    )
    return F.coalesce(F.nullif(clauses, F.lit("")), F.lit(reader.nearest))


def sentence(clauses: Column) -> Column:
    """The clauses with a capital first letter and a full stop."""
    return F.concat(F.upper(F.substring(clauses, 1, 1)), F.substr(clauses, F.lit(2)), F.lit("."))


def similar_clause(similar: Column, reader: Reader = MEMBER) -> Column:
    """`like Chef, which you look for` or `like your position as Staff Nurse`; null where no title is like it."""
    title = F.trim(F.regexp_replace(similar["title"], r"\s+", " "))
    return F.when(
        similar["kind"] == "wanted_title", F.concat(F.lit("like "), title, F.lit(f", which {reader.who} look for"))
    ).otherwise(F.concat(F.lit(f"like {reader.whose} position as "), title))


def close_clause(similarity: Column, name: Column, close_similarity: float, reader: Reader = MEMBER) -> Column:
    """`close to your profile (Staff Nurse)` from the similarity at which that is said; else null."""
    named = F.coalesce(F.concat(F.lit(" ("), name, F.lit(")")), F.lit(""))
    return F.when(similarity >= close_similarity, F.concat(F.lit(f"close to {reader.whose} profile"), named))


def brought_clause(brought_by: Column, name: Column) -> Column:
    """`found by what you wish for` or `found by your profile (Staff Nurse)`."""
    named = F.coalesce(F.concat(F.lit(" ("), name, F.lit(")")), F.lit(""))
    return F.when(brought_by == "wish", F.lit("found by what you wish for")).otherwise(
        F.concat(F.lit("found by your profile"), named)
    )


def place_clause(posting: Column, work_modes: Column, nearness: Column, reader: Reader = MEMBER) -> Column:
    """`in Bavaria, one of your places`, `remote, as you asked` or `remote within DE`; null where no wish is met."""
    return (
        F.when(is_remote(posting) & F.array_contains(work_modes, "remote"), F.lit(f"remote, as {reader.who} asked"))
        .when(nearness == NAMED_CITY, _named(posting[c.CITY], reader))
        .when(nearness == NAMED_REGION, _named(posting[c.REGION], reader))
        .when(nearness == NAMED_COUNTRY, _named(posting[c.COUNTRY], reader))
        .when(
            (nearness == SAME_COUNTRY) & is_remote(posting),
            F.concat(F.lit("remote within "), posting[c.COUNTRY]),
        )
    )


def skills_clause(matched: Column, listed: Column) -> Column:
    """`3 of 5 skills match`; null where none does."""
    counted = F.concat(matched.cast("string"), F.lit(" of "), listed.cast("string"), F.lit(" skills match"))
    return (
        F.when((matched == 1) & (listed == 1), F.lit("its one listed skill matches"))
        .when(matched == 1, F.concat(counted, F.lit("es")))
        .when(matched > 1, counted)
    )


def posted_clause(posted_on: Column, run_date: datetime.date) -> Column:
    """`posted today`, `posted yesterday` or `posted 4 days ago`; null where the day is unknown or lies ahead."""
    days = days_since(posted_on, run_date)
    return F.when(
        posted_on <= F.lit(run_date),
        F.when(days == 0, F.lit("posted today"))
        .when(days == 1, F.lit("posted yesterday"))
        .otherwise(F.concat(F.lit("posted "), days.cast("string"), F.lit(" days ago"))),
    )


def _named(place: Column, reader: Reader) -> Column:
    return F.concat(F.lit("in "), place, F.lit(f", one of {reader.whose} places"))


def _short(name: Column) -> Column:
    plain = F.trim(F.regexp_replace(name, r"\s+", " "))
    return F.when(F.length(plain).between(1, _LONGEST_NAME), plain)
