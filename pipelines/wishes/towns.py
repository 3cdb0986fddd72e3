"""Kernel: names of towns, regions and countries, and the places that each may mean.

The towns of `cities.tsv` come from GeoNames (`benchmarks/make_cities.py`; NOTICE has the licence); smaller ones where
many seek work are listed by hand in `small_towns.tsv`. `regions.tsv` holds a country, GeoNames' code of a first
division where it is one, the name that postings have, and other names.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pipelines.ingest.cleaning import folded
from pipelines.ingest.place_names import COUNTRY_NAMES, STATE_NAMES
from pipelines.ingest.places import Place
from pipelines.wishes.words import phrases_of

_Names = dict[tuple[str | None, str | None], list[str]]  # by country and name


class Option(NamedTuple):
    """What a name may mean, and how many people live there; 0: a country or region."""

    place: Place
    people: float


class Gazetteer(NamedTuple):
    """Names, folded, and what they may mean.

    Args:
        options: by name.
        firsts: the first word of each name.
        countries: those of which the regions are known.
        counties: by country, the regions of which it is not known which towns lie there.
    """

    options: dict[str, tuple[Option, ...]]
    firsts: frozenset[str]
    countries: frozenset[str]
    counties: dict[str, frozenset[str]]


@cache
def gazetteer() -> Gazetteer:
    """All names, read once per process."""
    regions = [line.split("\t") for line in _lines("regions.tsv")]
    found = _wider(regions)
    for line in (*_lines("cities.tsv"), *_lines("small_towns.tsv")):
        city, country, region, people, others = line.split("\t")
        town = Option(Place(country, region or None, city), float(people) or 1.0)
        for name in {folded(name) for name in (city, *others.split("|"))} - {""}:
            known = found.get(name, [])
            country_too = any(option.people == 0 and option.place.region is None for option in known)
            if not country_too and all(option.place != town.place for option in known):
                found.setdefault(name, []).append(town)
    options = {name: tuple(places) for name, places in found.items()}
    firsts = frozenset(name.split(" ", 1)[0] for name in options)
    coded = {country for country, code, *_ in regions if code}
    counties = {
        country: frozenset(region for other, code, region, _ in regions if other == country and not code)
        for country in {row[0] for row in regions}
    }
    return Gazetteer(options, firsts, frozenset(coded | {"US"}), counties)


def _wider(regions: list[list[str]]) -> dict[str, list[Option]]:
    """Names of regions, states and countries, and what each may mean."""
    found: dict[str, list[Option]] = {}
    for country, _, region, others in regions:
        for name in (region, *filter(None, others.split("|"))):
            found.setdefault(folded(name), []).append(Option(Place(country, region), 0))
    for name, state in STATE_NAMES.items():
        if name != "new york":  # the town is meant
            found.setdefault(name, []).append(Option(Place("US", state), 0))
    for name in ("new york state", "upstate new york", "state of new york"):
        found[name] = [Option(Place("US", "NY"), 0)]
    for name, country in phrases_of("place.countries").items():
        found[name] = [Option(Place(country), 0)]
    for name, country in COUNTRY_NAMES.items():
        if len(name) > 3 and name not in found:  # short ones are codes, and words
            found[name] = [Option(Place(country), 0)]
    return found


def spellings(place: Place) -> list[Place]:
    """The place under every name that its town and its region have, its own first.

    >>> [one.city for one in spellings(Place("DE", "Bayern", "Munich")) if one.region == "Bayern"]
    ['Munich', 'München', 'Muenchen', 'Múnich']
    >>> [one.region for one in spellings(Place("DE", "Bayern"))]
    ['Bayern', 'Bavaria', 'Bavière', 'Baviera']
    """
    cities, regions = _other_names()
    return [
        Place(place.country, region, city)
        for region in (place.region, *regions.get((place.country, place.region), ()))
        for city in (place.city, *cities.get((place.country, place.city), ()))
    ]


@cache
def _other_names() -> tuple[_Names, _Names]:
    """Other names of towns, and those of regions."""
    towns = (line.split("\t") for line in (*_lines("cities.tsv"), *_lines("small_towns.tsv")))
    regions = (line.split("\t") for line in _lines("regions.tsv"))
    return (
        {(country, city): others.split("|") for city, country, _, _, others in towns if others},
        {(country, region): others.split("|") for country, _, region, others in regions if others},
    )


def _lines(name: str) -> list[str]:
    return files("pipelines.wishes").joinpath(name).read_text(encoding="utf-8").splitlines()
