"""Columns: where a posting is, seen from the places that a member named."""

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas import columns as c


def place_is_known(posting: Column, member: Column) -> Column:
    """True where the posting has a country and the member named a place; else false."""
    return posting[c.COUNTRY].isNotNull() & (F.coalesce(F.size(member[c.PLACES]), F.lit(0)) > 0)


def is_in_named_region(posting: Column, member: Column) -> Column:
    """True where the member named the posting's region; false where anything about that is unknown."""
    return _any_place(
        member, lambda place: (place[c.COUNTRY] == posting[c.COUNTRY]) & (place[c.REGION] == posting[c.REGION])
    )


def is_in_wholly_named_country(posting: Column, member: Column) -> Column:
    """True where the member named the posting's country without any region; false where that is unknown."""
    return _any_place(member, lambda place: (place[c.COUNTRY] == posting[c.COUNTRY]) & place[c.REGION].isNull())


def is_in_named_country(posting: Column, member: Column) -> Column:
    """True where the member named the posting's country, with or without a region; false where that is unknown."""
    return _any_place(member, lambda place: place[c.COUNTRY] == posting[c.COUNTRY])


def is_remote(posting: Column) -> Column:
    """True where the posting says that it is remote; else false."""
    return F.coalesce(posting[c.WORK_MODE] == "remote", F.lit(False))


def _any_place(member: Column, holds: Callable[[Column], Column]) -> Column:
    return F.coalesce(F.exists(member[c.PLACES], lambda place: F.coalesce(holds(place), F.lit(False))), F.lit(False))
