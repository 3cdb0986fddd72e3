"""Kernel: the places at which a text wants its job to be.

A name counts where the text speaks of a place: behind "in" or "near", as a whole clause, beside its country or
region, or in a list with a place that counts.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipelines.ingest.place_names import STATE_CODES
from pipelines.ingest.places import Place
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.towns import Option, gazetteer
from pipelines.wishes.words import LINKS, listed, single

_LONGEST = 5  # words of a name
_CODES = {"uk": "GB", "usa": "US", "uae": "AE", "us": "US"}  # of countries; all but the last in small letters too
_LINKS = LINKS | {"nor"}
_BESIDE = frozenset({"only", "but", "remote", "remotely", "hybrid", "onsite"})  # may stand in a clause of places
_SAME_NAME = 2.0  # times as many people as in the next town of that name: that one is meant
_KNOWN = 3.0  # weight of a country whose regions are listed
_SMALL = 100_000  # people; a smaller town counts with a capital only
_TOWN = 50_000  # people; of a smaller one the text must say that it is a place


class _Name(NamedTuple):
    """A name of one or several places at words of a text."""

    first: int
    last: int
    options: tuple[Option, ...]
    qualified: bool  # its country or region stands behind it


def find_places(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; one without a value is of a place of which it is not clear which it is."""
    names = list(_names(reading))
    whole = _whole_clauses(reading, names)
    counted = [_counts(reading, name, reading.clauses[name.first] in whole) for name in names]
    for _ in range(2):  # lists are read from both ends
        for order in (range(len(names)), range(len(names) - 1, -1, -1)):
            for at in order:
                counted[at] = counted[at] or any(
                    counted[other] and _linked(reading, names[min(at, other)], names[max(at, other)])
                    for other in (at - 1, at + 1)
                    if 0 <= other < len(names)
                )
    end = 0
    for name, counts in zip(names, counted, strict=True):
        if counts:
            first, last = _with_cue(reading, name.first, end), _with_around(reading, name.last)
            place = _meant(name, reading)
            yield Mention("place", (place,) if place else (), first, last)
            end = last


def place_named(name: str) -> Place | None:
    """The place that a name means by itself; None: none, or several as likely.

    >>> place_named("Bavaria"), place_named("Cambridge") is None
    (Place(country='DE', region='Bayern', city=None), True)
    """
    reading = Reading(name)
    names = list(_names(reading))
    if len(names) != 1 or (names[0].first, names[0].last) != (0, len(reading.words)):
        return None
    return _meant(names[0], reading)


def _names(reading: Reading) -> Iterator[_Name]:
    place = 0
    while place < len(reading.words):
        length, options = _at(reading, place)
        if not length:
            place += 1
            continue
        name = _qualified(reading, _Name(place, place + length, options, False))
        yield name
        place = name.last


def _at(reading: Reading, start: int) -> tuple[int, tuple[Option, ...]]:
    """How many words the longest name takes that begins at a word, and what it may mean."""
    if reading.words[start] not in gazetteer().firsts and reading.words[start] not in _CODES:
        return 0, ()
    longest = start
    while longest < min(start + _LONGEST, len(reading.words)) and (longest == start or _joined(reading, longest)):
        longest += 1
    for last in range(longest, start, -1):
        words = " ".join(reading.words[start:last])
        if words in _CODES and (words != "us" or reading.original(start, last).isupper()):
            return 1, _one(Place(_CODES[words]))
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


def _qualified(reading: Reading, name: _Name) -> _Name:
    """The name with the country or region that stands behind it, where one of its places lies there."""
    if name.last == len(reading.words) or reading.gap(name.last).strip() not in ("", ",", "(", "-"):
        return name
    start = name.last + (reading.words[name.last] == "in" and name.last + 1 < len(reading.words))
    code = reading.original(start, start + 1)
    if code in STATE_CODES:
        length, within = 1, _one(Place("US", code))
    else:
        length, within = _at(reading, start)
    for wider in (option.place for option in within if not option.people):
        inside = tuple(option for option in name.options if _lies_in(option.place, wider))
        if inside:
            return _Name(name.first, start + length, inside, True)
    return name


def _lies_in(place: Place, wider: Place) -> bool:
    if place == wider or place.country != wider.country:
        return False
    return wider.region is None or (place.city is not None and place.region == wider.region)


def _counts(reading: Reading, name: _Name, whole: bool) -> bool:
    """Whether the text speaks of a place, by what stands right before and in the name's clause."""
    capital = reading.is_capital(name.first)
    word = name.last - name.first == 1 and reading.words[name.first] in single("place", "also_words")
    country = any(not option.people and option.place.region is None for option in name.options)
    cue = _cued(reading, name.first)
    code = reading.words[name.first] in _CODES and reading.clause_of(name.first)[1] == name.last
    if name.qualified or code:
        return cue or whole or capital or reading.clause_of(name.last - 1)[1] == name.last
    if word:
        return capital and cue and country
    least = 0 if cue and capital else _SMALL if not capital else _TOWN
    return (cue or whole) and any(not option.people or option.people >= least for option in name.options)


def _cued(reading: Reading, first: int) -> bool:
    return first in reading.cued or _with_cue(reading, first, 0) < first


def _with_cue(reading: Reading, first: int, floor: int) -> int:
    """The first word of what leads to a place at a word: "based in the", "near", "relocating to"."""
    clause = max(reading.clause_of(first)[0], floor)
    cues, place = single("place", "cues"), first - 1
    while place >= clause and place > first - 4 and reading.words[place] in single("place", "before"):
        place -= 1
    if place < clause:
        return first
    led = place > clause and (reading.words[place], reading.words[place - 1])
    moving = led and led[0] == "to" and led[1] in single("place", "moving")
    if led and led[0] == "from" and led[1] in _BESIDE:
        return place
    if moving:
        return place - 1
    if reading.words[place] not in cues or (reading.words[place] == "a" and reading.original(place, place + 1) == "a"):
        return first
    while place > clause and reading.words[place - 1] in cues | single("place", "before"):
        place -= 1
    return place


def _with_around(reading: Reading, last: int) -> int:
    end = reading.clause_of(last - 1)[1]
    while last < end and reading.words[last] in single("place", "around") - {"and", "or", "uk", "usa"}:
        last += 1
    return last


def _whole_clauses(reading: Reading, names: list[_Name]) -> set[int]:
    """Clauses that say nothing but places, where they are wanted, and a cue that denies them."""
    inside = {at for one in names for at in range(one.first, one.last)}
    said = single("place", "around") | single("place", "before") | single("place", "cues") | _LINKS | _BESIDE
    whole = set()
    for clause in {reading.clauses[one.first] for one in names}:
        first, last = reading.bounds[clause]
        lead = first + (1 if reading.words[first] == "but" else 0)
        lead += listed("negation", "cues").at(reading.words, lead)
        if all(at in inside or at < lead or reading.words[at] in said for at in range(first, last)):
            whole.add(clause)
    return whole


def _linked(reading: Reading, one: _Name, other: _Name) -> bool:
    """Whether two names stand side by side in a list."""
    between = reading.words[one.last : other.first]
    marks = "".join(reading.gap(at) for at in range(one.last, other.first + 1)).strip()
    if len(between) > 2 or not all(word in _LINKS or word in single("place", "before") for word in between):
        return False
    if not reading.is_capital(other.first) and not between:
        return marks == "/"
    return bool(_LINKS & set(between)) or (marks in ("/", "&", ",") and reading.is_capital(one.first))


def _meant(name: _Name, reading: Reading) -> Place | None:
    """The one place that is meant; None: several are as likely."""
    wider = [option.place for option in name.options if not option.people]
    towns = sorted((option for option in name.options if option.people), key=lambda option: -_weight(option))
    followed = reading.words[name.last] if name.last < len(reading.words) else ""
    if wider and towns and followed not in ("region", "state", "area"):
        same = [town.place for town in towns if any(_lies_in(town.place, one) for one in wider if one.region)]
        if same:
            return same[0]
    if wider:
        return wider[0] if len({place.country for place in wider}) == 1 else None
    best, rest = towns[0], [town for town in towns[1:] if town.place.country != towns[0].place.country]
    if rest and _weight(best) < _SAME_NAME * _weight(rest[0]):
        return None
    twins = [town for town in towns[1:] if town.place.country == best.place.country]
    if twins and best.people < _SAME_NAME * twins[0].people:
        return best.place._replace(region=None)
    return best.place


def _weight(option: Option) -> float:
    return option.people * (_KNOWN if option.place.country in gazetteer().countries else 1.0)
