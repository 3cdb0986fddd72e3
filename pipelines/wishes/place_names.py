"""Kernel: names of places in a text, and which of the places of a name is meant."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipelines.ingest.place_names import STATE_CODES
from pipelines.ingest.places import Place
from pipelines.wishes.reading import Reading
from pipelines.wishes.towns import Option, gazetteer
from pipelines.wishes.words import codes_of, phrases_of, single

_LONGEST = 5  # words of a name
CODES = {"uk": "GB", "usa": "US", "uae": "AE", "us": "US"}  # of countries; all but the last in small letters too
_SHORT = {"la": "los angeles", "sf": "san francisco", "kl": "kuala lumpur"}  # of towns; in capitals
_WORDS_TOO = frozenset("in or me ok hi oh la id ma pa de al co ar ms on nl pe sa act nt".split())  # in small letters
_BESIDE_WALES = frozenset({"Scotland", "Wales", "Northern Ireland"})
_SAME_NAME = 2.0  # times as many people as in the next town of that name: that one is meant
_KNOWN = 3.0  # weight of a country whose regions are listed


class Name(NamedTuple):
    """A name of one or several places at words of a text."""

    first: int
    last: int
    options: tuple[Option, ...]
    qualified: bool  # its country or region stands behind it


def names_of(reading: Reading) -> Iterator[Name]:
    """Names in the order of the text, each with the country or region behind it."""
    place = 0
    while place < len(reading.words):
        length, options = _at(reading, place)
        if not length:
            place += 1
            continue
        name = _qualified(reading, Name(place, place + length, options, False))
        yield name
        place = name.last


def is_soil(reading: Reading, name: Name) -> bool:
    """Whether a country's name or adjective says where employers must be: "American employers only"."""
    before = reading.words[max(0, name.first - 1) : name.first]
    start = name.last + (reading.words[name.last : name.last + 1] == ["based"])
    behind = reading.words[start : start + 2]
    strict = before in (["only"], ["every"], ["all"], ["any"], ["exclusively"], ["on"]) or behind[1:] in (
        ["only"],
        ["exclusively"],
    )
    return strict and behind[:1] != [] and behind[0] in single("place", "soil")


def is_adjective(reading: Reading, name: Name) -> bool:
    """Whether the name is that of a country's people or things."""
    return name.last - name.first == 1 and reading.words[name.first] in phrases_of("place.adjectives")


def meant(name: Name, reading: Reading) -> Place | None:
    """The one place that is meant; None: several are as likely."""
    wider = [option.place for option in name.options if not option.people]
    towns = sorted((option for option in name.options if option.people), key=lambda option: -weight(option))
    followed = reading.words[name.last] if name.last < len(reading.words) else ""
    if wider and towns and followed not in ("region", "state", "area") and not _among_regions(name, wider, reading):
        same = [town.place for town in towns if any(_lies_in(town.place, one) for one in wider if one.region)]
        if same and not any(one.country == "GB" for one in wider):
            return same[0]
    if wider:
        return wider[0] if len({place.country for place in wider}) == 1 else None
    best, rest = towns[0], [town for town in towns[1:] if town.place.country != towns[0].place.country]
    if rest and weight(best) < _SAME_NAME * weight(rest[0]):
        return None
    twins = [town for town in towns[1:] if town.place.country == best.place.country]
    if twins and best.people < _SAME_NAME * twins[0].people:
        return best.place._replace(region=None)
    return best.place


def _among_regions(name: Name, wider: list[Place], reading: Reading) -> bool:
    """Whether a name of both is meant as the region: the text denies it and speaks of its country or of provinces."""
    if not single("place", "divisions").isdisjoint(reading.words):
        return True
    names = {word for word in reading.words[: name.first] if word not in phrases_of("place.adjectives")}
    countries = {
        option.place.country
        for word in names
        for option in gazetteer().options.get(word, ())
        if not option.place.region and not option.people
    }
    return name.first in reading.denied and any(
        one.country in countries & {"CA", "US"} for one in wider
    )  # cities are no states


def weight(option: Option) -> float:
    """People who live there, more where they are more likely to be spoken of."""
    return option.people * (_KNOWN if option.place.country in gazetteer().countries else 1.0)


def _at(reading: Reading, start: int) -> tuple[int, tuple[Option, ...]]:
    """How many words the longest name takes that begins at a word, and what it may mean."""
    first = reading.words[start]
    if (
        first not in gazetteer().firsts
        and first not in CODES
        and first not in _SHORT
        and first not in phrases_of("place.adjectives")
    ):
        return 0, ()
    longest = start
    while longest < min(start + _LONGEST, len(reading.words)) and (longest == start or _joined(reading, longest)):
        longest += 1
    for last in range(longest, start, -1):
        words = " ".join(reading.words[start:last])
        if words in CODES and (words != "us" or reading.original(start, last).isupper()):
            return 1, _one(Place(CODES[words]))
        if words in _SHORT and reading.original(start, last).isupper():
            return 1, gazetteer().options[_SHORT[words]]
        if words in phrases_of("place.adjectives"):
            return 1, _one(Place(phrases_of("place.adjectives")[words]))
        if found := gazetteer().options.get(words):
            return last - start, found
    return 0, ()


def _one(place: Place) -> tuple[Option, ...]:
    return (Option(place, 0),)


def _joined(reading: Reading, word: int) -> bool:
    return reading.clauses[word] == reading.clauses[word - 1] and reading.gap(word).strip(" ") in (
        "",
        "-",
        "'",
        "’",
        ".",
    )


def _qualified(reading: Reading, name: Name) -> Name:
    """The name with the country or region that stands behind it, where one of its places lies there."""
    if name.last == len(reading.words) or reading.gap(name.last).strip() not in ("", ",", "(", "-"):
        return name
    start = name.last
    while start + 1 < len(reading.words) and reading.words[start] in (("in",) if start == name.last else ("the",)):
        start += 1
    code = _coded(reading, start)
    length, within = (1, code) if code else _at(reading, start)
    if not code and length == 1 and reading.words[start] in phrases_of("place.adjectives"):
        return name
    for wider in (option.place for option in within if not option.people):
        inside = tuple(
            option._replace(place=_within(option.place, wider))
            for option in name.options
            if _lies_in(option.place, wider)
        )
        if inside:
            return Name(name.first, start + length, inside, True)
    return name


def _coded(reading: Reading, start: int) -> tuple[Option, ...]:
    """The states that a code of two or three letters may mean: MA, tx, NSW."""
    code = reading.original(start, start + 1)
    word = reading.words[start]
    if not code.isupper() and (word in _WORDS_TOO or not code.islower()):
        return ()
    found = _one(Place("US", code.upper())) if code.upper() in STATE_CODES else ()
    if state := codes_of("place.codes").get(word):
        found += _one(Place(*state))
    return found


def _within(place: Place, wider: Place) -> Place:
    """The town with the county that stands behind it, where no region of it is known."""
    if place.city and not place.region and wider.region:
        return place._replace(region=wider.region)
    return place


def _lies_in(place: Place, wider: Place) -> bool:
    if place == wider or place.country != wider.country:
        return False
    if wider.region is None:
        return True
    if place.city is None:
        return False
    if place.country == "GB" and wider.region == "England":
        return place.region not in _BESIDE_WALES
    return place.region == wider.region or wider.region in _counties(str(place.country), place.region)


@cache
def _counties(country: str, region: str | None) -> frozenset[str]:
    """Regions without a code, in which a town may lie of which no other region is known."""
    return frozenset() if region and country != "IE" else gazetteer().counties.get(country, frozenset())
