"""Columns: is this posting what a saved search asks for, said once more and apart from the search.

Never null: what a posting does not say suits, except where a company is asked for. `posting` and `asked` are struct
columns; `asked` holds `schemas.searches.CRITERIA`.
"""

import datetime
from collections.abc import Callable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.retrieval.asking import folded, words_of
from schemas import columns as c


def city_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The posting is in a city that is named, or in a place that is named without one, or remote."""
    city, remote = posting[c.CITY], posting[c.WORK_MODE] == "remote"

    def without_city(place: Column) -> Column:
        in_country = _unless_known(posting[c.COUNTRY], posting[c.COUNTRY] == place[c.COUNTRY])
        in_region = place[c.REGION].isNull() | _unless_known(posting[c.REGION], posting[c.REGION] == place[c.REGION])
        return place[c.CITY].isNull() & in_country & in_region

    here = F.exists(asked[c.PLACES], lambda place: _is_city(posting, place) | without_city(place))
    open_ = posting[c.COUNTRY].isNull() | city.isNull() | F.coalesce(remote, F.lit(False))
    return _unless_asked(asked[c.PLACES], open_ | here)


def excluded_place_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The posting is in no place that is excluded."""

    def inside(place: Column) -> Column:
        in_country = F.coalesce(posting[c.COUNTRY] == place[c.COUNTRY], F.lit(False))
        in_region = place[c.REGION].isNull() | F.coalesce(posting[c.REGION] == place[c.REGION], F.lit(False))
        return F.when(place[c.CITY].isNull(), in_country & in_region).otherwise(_is_city(posting, place))

    return _unless_asked(asked[c.EXCLUDED_PLACES], ~F.exists(asked[c.EXCLUDED_PLACES], inside))


def seniority_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The posting is of a level that is asked for."""
    level, named = posting[c.SENIORITY], asked[c.SENIORITIES]
    return _unless_asked(named, _unless_known(level, F.array_contains(named, level)))


def company_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The posting is of a company that is asked for."""
    named = asked[c.COMPANY_KEYS]
    return _unless_asked(named, F.coalesce(F.array_contains(named, posting[c.COMPANY_KEY]), F.lit(False)))


def title_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The title says all words of a phrase that is asked for, and of none that is excluded."""
    words = words_of(posting[c.TITLE])

    def said(phrases: Column) -> Column:
        named = F.filter(F.transform(phrases, words_of), lambda phrase: F.size(phrase) > 0)
        return F.exists(named, lambda phrase: F.size(F.array_except(phrase, words)) == 0)

    unwanted = F.coalesce(said(asked[c.EXCLUDED_TITLES]), F.lit(False))
    return _unless_asked(asked[c.TITLES], said(asked[c.TITLES])) & ~unwanted


def posted_suits(posting: Column, asked: Column, run_date: datetime.date) -> Column:
    """The posting is no older than asked for."""
    earliest = F.date_sub(F.lit(run_date), asked[c.POSTED_WITHIN_DAYS])
    return F.coalesce(posting[c.POSTED_ON] >= earliest, F.lit(True))


CRITERIA_SUIT: Final[dict[str, Callable[[Column, Column, datetime.date], Column]]] = {
    "city": city_suits,
    "excluded_place": excluded_place_suits,
    "seniority": seniority_suits,
    "company": company_suits,
    "title": title_suits,
    "posted": posted_suits,
}


def _is_city(posting: Column, place: Column) -> Column:
    same = (posting[c.COUNTRY] == place[c.COUNTRY]) & (folded(posting[c.CITY]) == folded(place[c.CITY]))
    return F.coalesce(same, F.lit(False))


def _unless_asked(names: Column, suits: Column) -> Column:
    return F.when(F.coalesce(F.size(names), F.lit(0)) == 0, F.lit(True)).otherwise(suits)


def _unless_known(value: Column, suits: Column) -> Column:
    return value.isNull() | F.coalesce(suits, F.lit(True))
