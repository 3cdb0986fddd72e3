"""Kernel: companies that a text names outright."""

from collections.abc import Iterator

from pipelines.ingest import vocabulary
from pipelines.ingest.companies import company_key
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.towns import gazetteer
from pipelines.wishes.words import LINKS, listed, single

_LINKS = LINKS | {"nor"}
_ARTICLES = frozenset({"the", "a", "an", "der", "die", "das", "la", "le", "den", "dem"})
_POLITE = frozenset({"please", "pls", "plz", "again", "though"})
_WORDS_OF_NAME = 4
_WORDS_OF_KNOWN = 5


def find_companies(reading: Reading) -> Iterator[Mention]:
    """Mentions of companies by the words that lead to them or that stand behind; in no order."""
    for place in range(1, len(reading.words)):
        lead = _lead(reading, place)
        if lead is not None:
            yield from _behind(reading, lead, place)
    yield from _only(reading)


def _behind(reading: Reading, lead: int, place: int) -> Iterator[Mention]:
    """The companies in a list that something leads to: capitals behind "at", or known ones behind "has to be"."""
    start = place + (reading.words[place] in _ARTICLES)
    while (last := _name_end(reading, start)) > start:
        name = company_key(reading.original(start, last))
        if name:
            yield Mention("company", (name,), lead, last)
        linked = last + 1 < len(reading.words) and reading.clauses[last] == reading.clauses[start]
        if linked and reading.words[last] in _LINKS:
            start = lead = last + 1
            start += reading.words[start] in ("at", "bei", "chez") and start + 1 < len(reading.words)
        elif last < len(reading.words) and reading.gap(last).strip() in (",", "/") and _listed(reading, start, last):
            if reading.past(start) or (start in reading.denied) != (last in reading.denied):
                return
            start = lead = last
        else:
            return


def _listed(reading: Reading, start: int, last: int) -> bool:
    """Whether a name behind a comma goes on a list of companies: that list ends in "or" or knows the name."""
    if known_length(reading, last):
        return True
    end = _name_end(reading, last)
    following = reading.words[end] if end < len(reading.words) else ""
    if " ".join(reading.words[last:end]) in gazetteer().options:
        return False
    return reading.is_capital(last) and end > last and following in ("or", "nor") and reading.gap(end).strip() == ""


def _lead(reading: Reading, place: int) -> int | None:
    """The first word of what leads to a company at a word; None where nothing does."""
    if reading.clauses[place - 1] != reading.clauses[place]:
        return None
    for length in (3, 2, 1):
        first = place - length
        if first < reading.clause_of(place)[0]:
            continue
        words = tuple(reading.words[first:place])
        if words in listed("company", "at" if length == 1 else "with").known:
            return first
        if words in listed("company", "with").known and reading.is_capital(place):
            return first
        named = place + (reading.words[place] in _ARTICLES)
        if words in listed("company", "firmly").known and known_length(reading, named):
            return None if _is_tool(reading, first, named) else first
    return None


def _is_tool(reading: Reading, first: int, place: int) -> bool:
    """Whether a tool or somebody's past is meant, behind a bare "with" or "by": experience with Google Ads."""
    if place - first > 2:
        return False
    last = place + known_length(reading, place)
    end = reading.clause_of(place)[1]
    tool = (" ".join(reading.words[place:last]),) in {(" ".join(one),) for one in listed("company", "tools").known}
    skilled = not single("company", "skilled").isdisjoint(reading.words[max(first - 3, 0) : first])
    wild = last < end and reading.words[last] in single("company", "nature")
    return tool or skilled or wild or (last < end and reading.is_capital(last))


def _only(reading: Reading) -> Iterator[Mention]:
    """Known companies that must be it: "Airbus and Airbus alone", "UBS or HSBC only"."""
    place = 0
    while place < len(reading.words):
        start, last, names = place, place, []
        while last < len(reading.words) and (length := known_length(reading, last)):
            names.append((last, last + length))
            last += length
            if last + 1 < len(reading.words) and reading.words[last] in _LINKS and known_length(reading, last + 1):
                last += 1
        alone = listed("company", "alone").at(reading.words, last) if names else 0
        if alone:
            keys = dict.fromkeys(company_key(reading.original(*span)) for span in names)
            yield Mention("company", tuple(key for key in keys if key), start, last + alone)
        place = max(last, place + 1)


def known_company(reading: Reading, first: int, last: int) -> bool:
    """Whether words are the name of an employer that many know."""
    return known_length(reading, first) == last - first > 0


def known_length(reading: Reading, place: int) -> int:
    """How many words the name of a known employer takes that begins at a word; 0: none."""
    if place >= len(reading.words):
        return 0
    clause = reading.words[place : min(reading.clause_of(place)[1], place + _WORDS_OF_KNOWN)]
    length = listed("company", "known").at(clause, 0)
    if not length and reading.is_capital(place):
        length = listed("company", "known_in_capitals").at(clause, 0)
    return length


def _name_end(reading: Reading, start: int) -> int:
    """The word behind a company's name that begins at a word; `start` where none does.

    In small letters it is a known one, or one word that the text denies.
    """
    if start >= len(reading.words) or reading.words[start] in single("company", "not_behind"):
        return start
    if length := known_length(reading, start):
        return start + length
    if vocabulary.language(reading.words[start]) and len(reading.words[start]) > 3:  # people who speak it
        return start
    if not reading.is_capital(start):
        ends = reading.clause_of(start)[1] == start + 1 or reading.words[start + 1] in _LINKS | _POLITE
        denied = start in reading.denied and ends and reading.words[start] not in single("negation", "conditions")
        return start + denied
    last = start + 1
    while (
        last < min(start + _WORDS_OF_NAME, len(reading.words))
        and reading.clauses[last] == reading.clauses[start]
        and (reading.is_capital(last) or reading.gap(last) in ("'", "’", "&"))
    ):
        last += 1
    return last
