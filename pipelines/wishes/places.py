"""Kernel: the places at which a text wants its job to be.

A name counts where the text speaks of a place: behind "in" or "near", as a whole clause, beside its country or
region, in a list with a place that counts, or alone among the words of a terse clause.
"""

from collections.abc import Iterator

from pipelines.ingest.places import Place
from pipelines.wishes.names import known_length
from pipelines.wishes.place_names import CODES, Name, is_adjective, is_soil, meant, names_of, weight
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.terms import VALUES
from pipelines.wishes.words import LINKS, listed, named, single

_LINKS = LINKS | {"nor"}
_BESIDE = frozenset({"only", "but", "remote", "remotely", "hybrid", "onsite"})  # may stand in a clause of places
_ARTICLES = frozenset("the la le les der die das los las el l".split())
_NOT_ALONE = frozenset("of the a an by from about like than for with love to my miss and".split())  # before a lone name
_ABOUT = frozenset(
    "interested interest experience skilled skills specialising specialised experienced background".split()
)
_SMALL = 100_000  # people; a smaller town counts with a capital only
_TOWN = 50_000  # people; of a smaller one the text must say that it is a place
_JOBS_NEAR = 4  # words behind a name
_SHORTEST = 4  # letters of a name in small letters
_ALONE, _ALONE_SMALL = 30_000, 240_000  # people by weight, with a capital and in small letters


def find_places(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; one without a value is of a place of which it is not clear which it is."""
    names = list(names_of(reading))
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
    places = [meant(name, reading) if counts else None for name, counts in zip(names, counted, strict=True)]
    known = {place.country for place in places if place} or ({"GB"} if "£" in reading.text else set())
    end = 0
    for name, counts, found in zip(names, counted, places, strict=True):
        if counts:
            first, last = _with_cue(reading, name.first, end), _with_around(reading, name.last)
            place = found or (meant(_in_country(name, known), reading) if len(known) == 1 else None)
            yield Mention("place", (place,) if place else (), first, last)
            end = last


def _in_country(name: Name, countries: set[str | None]) -> Name:
    """The name with those of its places that lie in the only country that the text speaks of, if any does."""
    inside = tuple(option for option in name.options if option.place.country in countries)
    return name._replace(options=inside or name.options)


def place_named(name: str) -> Place | None:
    """The place that a name means by itself; None: none, or several as likely.

    >>> place_named("Bavaria"), place_named("Cambridge") is None
    (Place(country='DE', region='Bayern', city=None), True)
    """
    reading = Reading(name)
    names = list(names_of(reading))
    if len(names) != 1 or (names[0].first, names[0].last) != (0, len(reading.words)):
        return None
    return meant(names[0], reading)


def _counts(reading: Reading, name: Name, whole: bool) -> bool:
    """Whether the text speaks of a place, by what stands right before and in the name's clause."""
    if is_adjective(reading, name):
        return is_soil(reading, name)
    capital = reading.is_capital(name.first)
    length = known_length(reading, name.first)
    if length > name.last - name.first:  # Munich Re
        return False
    if length == name.last - name.first and _with_cue(reading, name.first, 0) == name.first:
        return False
    single_word = name.last - name.first == 1
    if (
        not capital
        and single_word
        and len(reading.words[name.first]) < _SHORTEST
        and reading.words[name.first] not in CODES
    ):
        return False
    word = name.last - name.first == 1 and reading.words[name.first] in single("place", "also_words")
    country = any(not option.people and option.place.region is None for option in name.options)
    cue = _cued(reading, name)
    if name.last - name.first == 1 and reading.words[name.first] in CODES:
        ends = reading.clause_of(name.first)[1] in (name.last, _with_around(reading, name.last))
        return cue or whole or ends or is_soil(reading, name)
    if name.qualified:
        ends = reading.clause_of(name.last - 1)[1] == name.last
        return cue or whole or capital or ends or _stands_alone(reading, name)
    if word:
        return capital and (_is_town(reading, name, whole, cue) or (cue and country))
    least = 0 if cue and capital else _SMALL if not capital else _TOWN
    if (cue or whole) and any(not option.people or option.people >= least for option in name.options):
        return True
    return (is_soil(reading, name) and country) or _stands_alone(reading, name)


def _is_town(reading: Reading, name: Name, whole: bool, cue: bool) -> bool:
    """Whether a word that is a town's name as well is meant as the town."""
    if reading.words[name.first] not in single("place", "mostly_towns"):
        return False
    before = reading.words[max(0, name.first - 2) : name.first]
    city = reading.words[name.last : name.last + 1] in (["city"], ["town"], ["area"])
    return city or (cue and _ABOUT.isdisjoint(before)) or (whole and not reading.begins_sentence(name.first))


def _stands_alone(reading: Reading, name: Name) -> bool:
    """Whether a name without a cue is where the job is to be: "care assistant Leeds", "Bristol has to be the base"."""
    start, end = reading.clause_of(name.first)
    capital = reading.is_capital(name.first)
    before = reading.words[name.first - 1] if name.first > start else ""
    behind = reading.words[name.last] if name.last < end else ""
    if before in _NOT_ALONE or _in_longer_name(reading, name, start, end):
        return False
    least = _ALONE if capital else _ALONE_SMALL
    if not any(not option.people or weight(option) >= least for option in name.options):
        return False
    if name.first == start and capital and behind in single("place", "has_to"):
        return True
    if name.first == start and _before_jobs(reading, name, end):
        return True
    if behind and not _is_condition(reading, name.last):
        return False
    others = [*reading.words[start : name.first], *reading.words[name.last : end]]
    return single("place", "sentence").isdisjoint(others)


def _before_jobs(reading: Reading, name: Name, end: int) -> bool:
    """Whether a name stands before jobs and what they are: Geneva NGO job."""
    behind = reading.words[name.last : min(name.last + _JOBS_NEAR, end)]
    at = next((at for at, word in enumerate(behind) if word in single("jobs", "strict")), -1)
    beside = range(name.last, name.last + at)
    return at >= 0 and reading.is_capital(name.first) and not any(_is_named(reading, one) for one in beside)


def _is_condition(reading: Reading, word: int) -> bool:
    """Whether another condition begins at a word of a terse wish: "java bengaluru senior"."""
    if reading.words[word][0].isdecimal() or reading.words[word] in single("place", "starts"):
        return True
    return any(named(kind, names).at(reading.words, word) for kind, names in VALUES.items())


def _in_longer_name(reading: Reading, name: Name, start: int, end: int) -> bool:
    """Whether a capital or a mark beside makes it a part of another name: Manchester United, London's, ex-Paris."""
    if name.last < len(reading.words) and reading.gap(name.last) in ("'", "’", "&"):
        return True
    if name.first and reading.gap(name.first) in ("-", "'", "’", "&", "/"):
        return True
    capital = reading.is_capital(name.first)
    before = name.first > start and _is_named(reading, name.first - 1) and not reading.begins_sentence(name.first - 1)
    return capital and (before or (name.last < end and _is_named(reading, name.last)))


def _is_named(reading: Reading, word: int) -> bool:
    """Whether a word looks like part of a name: a capital and then small letters."""
    said = reading.original(word, word + 1)
    return len(said) > 1 and said[0].isupper() and not said.isupper()


def _cued(reading: Reading, name: Name) -> bool:
    first = name.first
    if first in reading.cued or _with_cue(reading, first, 0) < first:
        return _with_cue(reading, first, 0) == first or not _is_loose(reading, name)
    scope = next((one for one in reading.scopes if one.inner <= first < one.end), None)
    fillers = single("negation", "fillers")
    return scope is not None and all(reading.words[at] in fillers for at in range(scope.inner, first))


def _is_loose(reading: Reading, name: Name) -> bool:
    """Whether the cue leads to countries and regions only: all Scotland."""
    lead = reading.words[_with_cue(reading, name.first, 0)]
    wide = any(not option.people for option in name.options)
    return lead in single("place", "loose") and not (wide and reading.is_capital(name.first))


def _with_cue(reading: Reading, first: int, floor: int) -> int:
    """The first word of what leads to a place at a word: "based in the", "near", "relocating to"."""
    clause = max(reading.clause_of(first)[0], floor)
    cues, place = single("place", "cues"), first - 1
    article = place - (place >= clause and reading.words[place] in _ARTICLES)
    if (
        article > clause
        and reading.words[article] in single("place", "of")
        and reading.words[article - 1] in single("place", "nouns")
    ):
        return article - 1
    while place >= clause and place > first - 4 and reading.words[place] in single("place", "before"):
        place -= 1
    if place < clause:
        return first
    if reading.words[place] == "on" and reading.words[first] in single("place", "islands"):
        return place
    led = place > clause and (reading.words[place], reading.words[place - 1])
    moving = led and led[0] == "to" and led[1] in single("place", "moving")
    if led and led[0] == "from" and led[1] in _BESIDE:
        return place
    if moving:
        return place - 1
    if reading.words[place] == "to" and reading.words[max(place - 1, clause)] in single("place", "moving"):
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


def _whole_clauses(reading: Reading, names: list[Name]) -> set[int]:
    """Clauses that say nothing but places, where they are wanted, and a cue that denies them."""
    inside = {at for one in names for at in range(one.first, one.last) if not is_adjective(reading, one)}
    said = single("place", "around") | single("place", "before") | single("place", "cues") | _LINKS | _BESIDE
    whole = set()
    for clause in {reading.clauses[one.first] for one in names}:
        first, last = reading.bounds[clause]
        lead = first + (1 if reading.words[first] == "but" else 0)
        lead += listed("negation", "cues").at(reading.words, lead)
        if all(at in inside or at < lead or reading.words[at] in said for at in range(first, last)):
            whole.add(clause)
    return whole


def _linked(reading: Reading, one: Name, other: Name) -> bool:
    """Whether two names stand side by side in a list."""
    if is_adjective(reading, one) or is_adjective(reading, other):
        return False
    between = reading.words[one.last : other.first]
    marks = "".join(reading.gap(at) for at in range(one.last, other.first + 1)).strip()
    if len(between) > 2 or not all(word in _LINKS or word in single("place", "before") for word in between):
        return False
    if not reading.is_capital(other.first) and not between:
        return marks == "/"
    return bool(_LINKS & set(between)) or (marks in ("/", "&", ",") and reading.is_capital(one.first))
