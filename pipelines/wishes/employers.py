"""Kernel: companies that a text names beside a word for jobs: "Infosys openings", "is Shopify hiring"."""

from collections.abc import Iterator

from pipelines.ingest import vocabulary
from pipelines.ingest.companies import company_key
from pipelines.wishes.closers import BACK
from pipelines.wishes.names import known_length
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.towns import gazetteer
from pipelines.wishes.words import LINKS, listed, single

_FURTHEST = 4  # words between a company and its jobs: Boeing machinist jobs
_ASKING = frozenset({"is", "are", "does", "do", "has", "have", "if", "whether", "when", "once", "sucht", "recrute"})
_NAME_MOST = 3


def find_employers(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text, none within another."""
    place = 0
    while place < len(reading.words):
        length = known_length(reading, place)
        name = _hiring(reading, place) or (length if length and _wanted(reading, place, place + length) else 0)
        if name and (key := company_key(reading.original(place, place + name))):
            yield Mention("company", (key,), place, place + name)
        place += max(name, length, 1)
    yield from _pointed_at(reading)


def _wanted(reading: Reading, first: int, last: int) -> bool:
    """Whether a known company stands before its jobs."""
    start, end = reading.clause_of(first)
    doubtful = listed("company", "known_in_capitals").at(reading.words, first) == last - first == 1
    tool = doubtful or " ".join(reading.words[first:last]) in _tools()
    if first == start and not doubtful and reading.is_capital(first) and _beside_town(reading, last, end, tool=tool):
        return True
    if last == end or not _leads(reading, first, start):
        return False
    following = reading.words[last : min(last + (1 if tool else _FURTHEST), end)]
    jobs = single("jobs", "strict") | single("company", "hiring")
    at = next((at for at, word in enumerate(following) if word in jobs), None)
    return (
        at is not None and single("place", "sentence").isdisjoint(following[:at]) and LINKS.isdisjoint(following[:at])
    )


def _beside_town(reading: Reading, last: int, end: int, *, tool: bool) -> bool:
    """Whether a company is all that a clause names, or all but its town: "Google in Zurich"; no tool by itself."""
    if not single("negation", "past").isdisjoint(reading.words):
        return False
    if last == end:
        return not tool and not reading.scopes  # in "no Tesco, Asda" the second is denied too
    town = " ".join(reading.words[last + 1 : end])
    return reading.words[last] == "in" and town in gazetteer().options


def _leads(reading: Reading, first: int, start: int) -> bool:
    before = reading.words[first - 1] if first > start else ""
    return not before or before in single("company", "before") or first in reading.denied or before in LINKS


def _hiring(reading: Reading, place: int) -> int:
    """How many words of a company begin at a word of which the text asks whether it hires; 0: none."""
    start, end = reading.clause_of(place)
    if not (reading.is_capital(place) or known_length(reading, place)) or not place:
        asked = False
    else:
        asked = place > start and reading.words[place - 1] in _ASKING
    last = place + (known_length(reading, place) or 1)
    while last < min(place + _NAME_MOST, end) and asked and reading.is_capital(last):
        last += 1
    hires = last < end and reading.words[last] in single("company", "hires")
    words = reading.words[place:last]
    strange = any(vocabulary.language(word) for word in words) or " ".join(words) in gazetteer().options
    return last - place if asked and hires and not strange and "i" not in words else 0


def _pointed_at(reading: Reading) -> Iterator[Mention]:
    """Known companies of a clause that another clause denies: "Ryanair said no, leave them out"."""
    for scope in reading.scopes:
        place = scope.inner
        while scope.cue == BACK and place < scope.end:
            length = known_length(reading, place)
            if length and " ".join(reading.words[place : place + length]) not in _tools():
                yield Mention(
                    "company", (company_key(reading.original(place, place + length)) or "",), place, place + length
                )
            place += max(length, 1)


def _tools() -> frozenset[str]:
    """Companies after which tools are named too."""
    return frozenset(" ".join(words) for words in listed("company", "tools").known)
