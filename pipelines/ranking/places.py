"""Columns: how near a posting is to the places that a member named."""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas import columns as c

NEARNESS: Final = "nearness"
ABROAD, SAME_COUNTRY, NAMED_COUNTRY, NAMED_REGION, NAMED_CITY = range(5)


def nearness(posting: Column, member: Column) -> Column:
    """Nearness to the nearest of the named places; null where the posting's country is unknown or none was named.

    NAMED_CITY: the posting is in a named city; NAMED_REGION: in a named region; NAMED_COUNTRY: in a country named
    without a region; SAME_COUNTRY: elsewhere, or it is unknown where, in the country of a named region; ABROAD: in none
    of their countries.
    """

    def near(place: Column) -> Column:
        within = (
            F.when(place[c.REGION].isNull(), NAMED_COUNTRY)
            .when(
                place[c.REGION] == posting[c.REGION],
                F.when(F.lower(place[c.CITY]) == F.lower(posting[c.CITY]), NAMED_CITY).otherwise(NAMED_REGION),
            )
            .otherwise(SAME_COUNTRY)
        )
        return F.when(place[c.COUNTRY] == posting[c.COUNTRY], within).otherwise(ABROAD)

    return F.when(posting[c.COUNTRY].isNotNull(), F.array_max(F.transform(member[c.PLACES], near)))


def is_remote(posting: Column) -> Column:
    """True where the posting says that it is remote; else false."""
    return F.coalesce(posting[c.WORK_MODE] == "remote", F.lit(False))
