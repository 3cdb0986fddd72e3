"""Kernel: companies and words of titles that a text names outright."""

import re
from collections.abc import Iterator

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import listed, single

_SAYS = r"(?:is|be|are|contains?|includes?|has|have|says?|to|must|should|say|contain|include)"
_FIELD = re.compile(
    rf"""\b(?P<field>(?:job\s|the\s)?titles?|company|employer)(?:\s(?:must|should|does|has|may|can|can'?t|cannot|doesn'?t))?
    (?P<denied>\s(?:not|never|excludes?|excluding|without|isn'?t)\b)?(?:\s{_SAYS}){{0,3}}\s?(?P<mark>[:=])?\s?(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_TITLE = re.compile(
    r"\b(?:with|has|having|contains?)\s(?:the\swords?\s)?[\"'“”‘’«](?P<words>[^\"'“”‘’»\n]{2,60})[\"'“”‘’»]\sin\s(?:the|its)\s(?:job\s)?title",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:with|want|having|have|has|contains?)\s(?:the\swords?\s)?(?P<words>(?:[\w'-]{1,30}\s){1,3})in\s(?:the|its)\s(?:job\s)?title\b",
    re.IGNORECASE,
)
_TITLED = re.compile(r"\b(?:titled|called|(?:with|under)\sthe\s(?:job\s)?title)\s", re.IGNORECASE)
_QUOTED = r"""["'“‘«](?P<quoted>[^"'“”‘’»\n]{2,60})["'”’»]"""
_PART = r"""[^\s,;.:!?\n"“”«»()]+"""
_PLAIN_NAME = rf"(?P<plain>{_PART}(?:\s(?!or\b|and\b|in\sthe\b|please\b|but\b|only\b){_PART}){{0,4}})"
_LISTED = re.compile(rf"\s?(?:{_QUOTED}|{_PLAIN_NAME})(?P<link>\s(?:or|nor|and)\s)?", re.IGNORECASE)
_LINKS = frozenset({"or", "nor", "and", "oder", "ou"})
_ARTICLES = frozenset({"the", "a", "an", "der", "die", "das", "la", "le"})
_WORDS_OF_NAME = 4


def find_names(reading: Reading) -> Iterator[Mention]:
    """Mentions of companies and titles by the words that lead to them; in no order."""
    for field in _FIELD.finditer(reading.text):
        kind: Kind = "title" if "title" in field["field"].lower() else "company"
        said = field[0].lower().split()
        if field["mark"] or (
            len(said) > len(field["field"].split()) and said[-1] not in ("is", "are", "has", "have", "to")
        ):
            yield from _listed_behind(reading, kind, field.start(), field.end(), denied=bool(field["denied"]))
    for wording in (_IN_TITLE, _PLAIN):
        for found in wording.finditer(reading.text):
            yield _mention(reading, "title", found["words"], found.start(), found.end())
    for lead in _TITLED.finditer(reading.text):
        quoted = reading.text[lead.end() : lead.end() + 1] in "\"'“‘«"
        if quoted or "title" in lead[0].lower():
            yield from _listed_behind(reading, "title", lead.start(), lead.end(), denied=False)
    yield from _companies(reading)


def _listed_behind(reading: Reading, kind: Kind, start: int, at: int, *, denied: bool) -> Iterator[Mention]:
    """A mention per name in a list of them."""
    while found := _LISTED.match(reading.text, at):
        words = found["quoted"] or found["plain"]
        end = found.end("link") if found["link"] is None else found.end() - len(found["link"])
        yield _mention(reading, kind, words, start, found.end() - len(found["link"] or ""), denied=denied)
        if not found["link"] or end <= at:
            return
        start = at = found.end()


def _mention(reading: Reading, kind: Kind, words: str, start: int, end: int, *, denied: bool = False) -> Mention:
    value = company_key(words) if kind == "company" else folded(words)
    first, last = reading.between(start, end)
    return Mention(kind, (value,) if value else (), first, last, excluded=denied, settled=True)


def _companies(reading: Reading) -> Iterator[Mention]:
    """Capitalised names behind "at", or behind "for" and "with" where a job stands before those."""
    for place in range(1, len(reading.words)):
        lead = _lead(reading, place)
        if lead is None:
            continue
        start = place
        if reading.words[start] in _ARTICLES:
            start += 1
        while (last := _name_end(reading, start)) > start:
            name = company_key(reading.original(start, last))
            if name:
                yield Mention("company", (name,), lead, last)
            if (
                last + 1 >= len(reading.words)
                or reading.words[last] not in _LINKS
                or reading.clauses[last] != reading.clauses[start]
            ):
                break
            start = lead = last + 1


def _lead(reading: Reading, place: int) -> int | None:
    """The first word of what leads to a company at a word; None where nothing does."""
    if reading.clauses[place - 1] != reading.clauses[place]:
        return None
    for length in (2, 1):
        first = place - length
        words = tuple(reading.words[max(first, 0) : place])
        if first >= 0 and words in listed("company", "at" if length == 1 else "with").known:
            return first
    return None


def _name_end(reading: Reading, start: int) -> int:
    """The word behind a company's name that begins at a word; `start` where none does.

    In small letters it is one word, and that only where the text denies it.
    """
    if start >= len(reading.words) or reading.words[start] in single("company", "not_behind"):
        return start
    if not reading.is_capital(start):
        return (
            start + 1
            if start in reading.denied and reading.words[start] not in single("negation", "conditions")
            else start
        )
    last = start + 1
    while (
        last < min(start + _WORDS_OF_NAME, len(reading.words))
        and reading.clauses[last] == reading.clauses[start]
        and (reading.is_capital(last) or reading.gap(last) in ("'", "’", "&"))
    ):
        last += 1
    return last
