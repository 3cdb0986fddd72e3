"""Columns: what a posting asks for or offers, in words, and whether the member's own fields agree or not.

Something is said only where both sides are known. `posting` and `member` are struct columns; their named skills are
distinct (`skills.distinct_skills`).
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ranking.places import ABROAD, NAMED_CITY, NAMED_COUNTRY, NAMED_REGION, NEARNESS, SAME_COUNTRY, is_remote
from pipelines.ranking.skills import skills_beyond
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
    """The first `max_skills` of the posting's skills that the member does not name, and what else the fields deny.

    No skill where the member names none. Reads the column `nearness`.
    """
    lacking = skills_beyond(posting[c.NAMED_SKILLS], member[c.NAMED_SKILLS], max_skills)
    words = [
        years_unmet(posting, member),
        languages_unmet(posting, member),
        place_unmet(posting, F.col(NEARNESS)),
        wish_unmet("work mode", posting[c.WORK_MODE], member[c.WORK_MODES]),
        wish_unmet("employment type", posting[c.EMPLOYMENT_TYPE], member[c.EMPLOYMENT_TYPES]),
        salary_unmet(posting, member),
    ]
    skills = F.transform(lacking, lambda skill: F.concat(F.lit("skill: "), skill))
    return F.concat(skills, F.array_compact(F.array(*words)))


def years_met(posting: Column, member: Column) -> Column:
    """`3 years of experience` where the posting asks for them and the member has as many."""
    asked = posting[c.MIN_YEARS]
    return F.when((asked > 0) & (asked <= member[c.YEARS_OF_EXPERIENCE]), _years(asked))


def years_unmet(posting: Column, member: Column) -> Column:
    """`3 years of experience` where the posting asks for them and the member has fewer."""
    asked = posting[c.MIN_YEARS]
    return F.when(asked > member[c.YEARS_OF_EXPERIENCE], _years(asked))


def languages_met(posting: Column, member: Column) -> Column:
    """`languages: de, en` where the posting asks for them and the member has all."""
    asked, known = posting[c.LANGUAGES], member[c.LANGUAGES]
    return F.when(
        (F.size(asked) > 0) & F.forall(asked, lambda language: F.array_contains(known, language)), _languages(asked)
    )


def languages_unmet(posting: Column, member: Column) -> Column:
    """`languages: de`, those asked for that a member who names some does not name."""
    lacking = F.array_except(posting[c.LANGUAGES], member[c.LANGUAGES])
    return F.when((F.size(member[c.LANGUAGES]) > 0) & (F.size(lacking) > 0), _languages(lacking))


def place_met(posting: Column, nearness: Column) -> Column:
    """`place: Bavaria`, `place: DE` or `place: remote within DE` where the member named it."""
    return (
        F.when(nearness == NAMED_CITY, _place(posting[c.CITY]))
        .when(nearness == NAMED_REGION, _place(posting[c.REGION]))
        .when(nearness == NAMED_COUNTRY, _place(posting[c.COUNTRY]))
        .when(
            (nearness == SAME_COUNTRY) & is_remote(posting),
            _place(F.concat(F.lit("remote within "), posting[c.COUNTRY])),
        )
    )


def place_unmet(posting: Column, nearness: Column) -> Column:
    """`place: Hesse` or `place: FR` where the member named others, and it is not remote within their country."""
    elsewhere = (nearness == SAME_COUNTRY) & ~is_remote(posting)
    return F.when(elsewhere, _place(posting[c.REGION])).when(nearness == ABROAD, _place(posting[c.COUNTRY]))


def wish_met(label: str, offered: Column, wished: Column) -> Column:
    """`employment type: full-time` where the posting offers one of those that the member wishes for."""
    return F.when(F.array_contains(wished, offered), _offered(label, offered))


def wish_unmet(label: str, offered: Column, wished: Column) -> Column:
    """`employment type: full-time` where the posting offers none of those that the member wishes for."""
    return F.when((F.size(wished) > 0) & ~F.array_contains(wished, offered), _offered(label, offered))


def salary_met(posting: Column, member: Column) -> Column:
    """`salary: up to 60,000 EUR a year` where that is not below the member's minimum in the same currency."""
    return F.when(_same_currency(posting, member) & (posting[c.SALARY_MAX] >= member[c.MIN_SALARY]), _salary(posting))


def salary_unmet(posting: Column, member: Column) -> Column:
    """`salary: up to 40,000 EUR a year` where that is below the member's minimum in the same currency."""
    return F.when(_same_currency(posting, member) & (posting[c.SALARY_MAX] < member[c.MIN_SALARY]), _salary(posting))


def _years(asked: Column) -> Column:
    unit = F.when(asked == 1, " year of experience").otherwise(" years of experience")
    return F.concat(F.regexp_replace(asked.cast("string"), r"\.0$", ""), unit)


def _languages(codes: Column) -> Column:
    return F.concat(F.lit("languages: "), F.array_join(F.sort_array(codes), ", "))


def _place(name: Column) -> Column:
    return F.concat(F.lit("place: "), name)


def _offered(label: str, offered: Column) -> Column:
    return F.concat(F.lit(f"{label}: "), F.replace(offered, F.lit("_"), F.lit("-")))


def _same_currency(posting: Column, member: Column) -> Column:
    return posting[c.SALARY_CURRENCY] == member[c.SALARY_CURRENCY]


def _salary(posting: Column) -> Column:
    amount = F.format_number(F.floor(posting[c.SALARY_MAX]), 0)
    return F.concat(F.lit("salary: up to "), amount, F.lit(" "), posting[c.SALARY_CURRENCY], F.lit(" a year"))
