"""Columns: may this member take this posting, said once more and apart from the search.

True, false, or null where the posting does not say; a member without the wish passes whatever the posting says.
`posting` and `member` are struct columns.
"""

from collections.abc import Callable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas import columns as c
from schemas.rules import Relaxation


def place_suits(posting: Column, member: Column) -> Column:
    """A place that the member named holds the posting, or the posting is remote in the country of one.

    An unknown country or region leaves open what the other does not settle: another region is another place.
    """
    remote = F.coalesce(posting[c.WORK_MODE] == "remote", F.lit(False))

    def holds(place: Column) -> Column:
        inside = place[c.REGION].isNull() | (place[c.REGION] == posting[c.REGION])
        return (place[c.COUNTRY] == posting[c.COUNTRY]) & (inside | remote)

    return _unless_empty(member[c.PLACES], F.exists(member[c.PLACES], holds))


def work_mode_suits(posting: Column, member: Column) -> Column:
    """The posting's work mode is one that the member named."""
    return _unless_empty(member[c.WORK_MODES], F.array_contains(member[c.WORK_MODES], posting[c.WORK_MODE]))


def employment_type_suits(posting: Column, member: Column) -> Column:
    """The posting's employment type is one that the member named."""
    named = member[c.EMPLOYMENT_TYPES]
    return _unless_empty(named, F.array_contains(named, posting[c.EMPLOYMENT_TYPE]))


def language_suits(posting: Column, member: Column) -> Column:
    """The member speaks every language that the posting asks for."""
    asked, spoken = posting[c.LANGUAGES], member[c.LANGUAGES]
    return _unless_empty(spoken, F.when(F.size(asked) > 0, F.size(F.array_except(asked, spoken)) == 0))


def experience_suits(posting: Column, member: Column) -> Column:
    """The member has the years that the posting asks for."""
    held = member[c.YEARS_OF_EXPERIENCE]
    return F.when(held.isNull(), F.lit(True)).otherwise(posting[c.MIN_YEARS] <= held)


def salary_suits(posting: Column, member: Column) -> Column:
    """The posting pays up to the member's minimum or more, as far as both are in one currency."""
    same_currency = F.coalesce(posting[c.SALARY_CURRENCY] == member[c.SALARY_CURRENCY], F.lit(False))
    return (
        F.when(member[c.MIN_SALARY].isNull(), F.lit(True))
        .when(posting[c.SALARY_MAX].isNull(), F.lit(None).cast("boolean"))
        .otherwise(~same_currency | (posting[c.SALARY_MAX] >= member[c.MIN_SALARY]))
    )


SUITS: Final[dict[str, Callable[[Column, Column], Column]]] = {
    "place": place_suits,
    "work_mode": work_mode_suits,
    "employment_type": employment_type_suits,
    "language": language_suits,
    "experience": experience_suits,
    "salary": salary_suits,
}


def place_suits_as_marked(posting: Column, member: Column, relaxation: Column, unknown_suits: bool) -> Column:
    """True where `place_suits`, or where the row says by which step it does not, and lies where that step reaches.

    Never null: an unknown place counts as `unknown_suits`. An unknown step reaches nowhere.
    """
    strict = F.coalesce(place_suits(posting, member), F.lit(unknown_suits))
    suits = relaxation.isNull() & strict
    for step, reaches in REACHES.items():
        by_step = F.coalesce(reaches(posting, member), F.lit(unknown_suits))
        suits = suits | (F.coalesce(relaxation == step, F.lit(False)) & by_step & ~strict)
    return suits


def next_region_reaches(posting: Column, member: Column) -> Column:
    """The posting is in a country of which the member named a part."""
    return F.exists(member[c.PLACES], lambda place: place[c.COUNTRY] == posting[c.COUNTRY])


def remote_elsewhere_reaches(posting: Column, member: Column) -> Column:
    """The posting says that it is remote."""
    return F.coalesce(posting[c.WORK_MODE] == "remote", F.lit(False))


REACHES: Final[dict[Relaxation, Callable[[Column, Column], Column]]] = {
    "next_region": next_region_reaches,
    "remote_elsewhere": remote_elsewhere_reaches,
}


def _unless_empty(wishes: Column, suits: Column) -> Column:
    return F.when(F.coalesce(F.size(wishes), F.lit(0)) == 0, F.lit(True)).otherwise(suits)
