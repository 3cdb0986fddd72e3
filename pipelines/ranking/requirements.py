"""Columns: what a posting asks for or offers, in words, and whether the member's own fields agree.

A word is given only where both sides are known. `posting` and `member` are struct columns; the posting's skills are
distinct (`skills.distinct_skills`), the member's folded (`skills.folded_skills`) under `FOLDED_SKILLS`.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ranking.parts import FOLDED_SKILLS
from pipelines.ranking.places import NAMED_CITY, NAMED_COUNTRY, NAMED_REGION, NEARNESS, SAME_COUNTRY, is_remote
from pipelines.ranking.skills import skills_not_in
from schemas import columns as c


def requirements_met(posting: Column, member: Column) -> Column:
    """Years, languages, place, work mode, employment type and salary that the member's fields agree with.

    Reads the column `nearness`.
    """
    words = [
        years_met(posting, member),
        languages_met(posting, member),
        place_met(posting, F.col(NEARNESS)),
        wish_met("work mode", posting[c.WORK_MODE], member[c.WORK_MODES]),
        wish_met("employment type", posting[c.EMPLOYMENT_TYPE], member[c.EMPLOYMENT_TYPES]),
        salary_met(posting, member),
    ]
    return F.array_compact(F.array(*words))


def requirements_unmet(posting: Column, member: Column, max_skills: int) -> Column:
    """The first `max_skills` of the posting's skills that the member does not list; none where no skill is listed."""
    lacking = F.slice(skills_not_in(posting[c.SKILLS], member[FOLDED_SKILLS]), 1, max_skills)
    words = F.transform(lacking, lambda skill: F.concat(F.lit("skill: "), skill))
    return F.when(F.size(member[FOLDED_SKILLS]) > 0, words).otherwise(F.array().cast("array<string>"))


def years_met(posting: Column, member: Column) -> Column:
    """`3 years of experience` where the posting asks for them and the member has as many."""
    asked = posting[c.MIN_YEARS]
    unit = F.when(asked == 1, " year of experience").otherwise(" years of experience")
    words = F.concat(F.regexp_replace(asked.cast("string"), r"\.0$", ""), unit)
    return F.when((asked > 0) & (asked <= member[c.YEARS_OF_EXPERIENCE]), words)


def languages_met(posting: Column, member: Column) -> Column:
    """`languages: de, en` where the posting asks for them and the member has all."""
    asked, known = posting[c.LANGUAGES], member[c.LANGUAGES]
    words = F.concat(F.lit("languages: "), F.array_join(F.sort_array(asked), ", "))
    return F.when((F.size(asked) > 0) & F.forall(asked, lambda language: F.array_contains(known, language)), words)


def place_met(posting: Column, nearness: Column) -> Column:
    """`place: Bavaria`, `place: DE` or `place: remote within DE` where the member named it."""
    return (
        F.when(nearness == NAMED_CITY, F.concat(F.lit("place: "), posting[c.CITY]))
        .when(nearness == NAMED_REGION, F.concat(F.lit("place: "), posting[c.REGION]))
        .when(nearness == NAMED_COUNTRY, F.concat(F.lit("place: "), posting[c.COUNTRY]))
        .when(
            (nearness == SAME_COUNTRY) & is_remote(posting),
            F.concat(F.lit("place: remote within "), posting[c.COUNTRY]),
        )
    )


def wish_met(label: str, offered: Column, wished: Column) -> Column:
    """`employment type: full-time` where the posting offers one of those that the member wishes for."""
    words = F.concat(F.lit(f"{label}: "), F.replace(offered, F.lit("_"), F.lit("-")))
    return F.when(F.array_contains(wished, offered), words)


def salary_met(posting: Column, member: Column) -> Column:
    """`salary: up to 60,000 EUR a year` where that is not below the member's minimum in the same currency."""
    words = F.concat(
        F.lit("salary: up to "),
        F.format_number(F.floor(posting[c.SALARY_MAX]), 0),
        F.lit(" "),
        posting[c.SALARY_CURRENCY],
        F.lit(" a year"),
    )
    same_currency = posting[c.SALARY_CURRENCY] == member[c.SALARY_CURRENCY]
    return F.when(same_currency & (posting[c.SALARY_MAX] >= member[c.MIN_SALARY]), words)
