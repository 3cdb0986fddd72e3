"""Kernel: companies and words of titles that a text names outright."""

import re
from collections.abc import Iterator

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import phrases, single

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
_TITLED = re.compile(r"\b(?:titled|called|(?:with|under)\sthe\s(?:job\s)?title)\s", re.IGNORECASE)
_LISTED = re.compile(
    r"""\s?(?:(?P<quote>["'“‘«])(?P<quoted>[^"'“”‘’»\n]{2,60})["'”’»]|(?P<plain>[^\s,;.:!?\n"“”«»()]+(?:\s(?!or\b|and\b|in\sthe\b|please\b|but\b|only\b)[^\s,;.:!?\n"“”«»()]+){0,4}))(?P<link>\s(?:or|nor|and)\s)?""",
    re.IGNORECASE,
)
_AT = phrases(["at", "bei", "chez"])
_FOR = phrases(
    [
        "work for", "working for", "jobs for", "job for", "role for", "roles for", "employed by", "role with", "roles with", "job with", "jobs with", "position with",
        "work with", "position at", "not for", "except for",
    ]
)  # fmt: skip
_LINKS = frozenset({"or", "nor", "and", "oder", "ou"})
_ARTICLES = frozenset({"the", "a", "an", "der", "die", "das", "la", "le"})
_NO_COMPANY = frozenset(
    """all home night nights weekend weekends least most sea school heart the a an work height heights risk university once first last best times
    christmas easter summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday i""".split()
)
_WORDS_OF_NAME = 4


def find_names(reading: Reading) -> Iterator[Mention]:
    """Mentions of companies and titles by the words that lead to them; in no order."""
    for field in _FIELD.finditer(reading.text):
        kind: Kind = "title" if "title" in field["field"].lower() else "company"
        said = field[0].lower().split()
        if (
            field["mark"]
            or len(said) > len(field["field"].split())
            and said[-1] not in ("is", "are", "has", "have", "to")
        ):
            yield from _listed_behind(reading, kind, field.start(), field.end(), denied=bool(field["denied"]))
    for found in _IN_TITLE.finditer(reading.text):
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
        if first >= 0 and words in (_AT if length == 1 else _FOR).known:
            return first
    return None


def _name_end(reading: Reading, start: int) -> int:
    """The word behind a company's name that begins at a word; `start` where none does.

    In small letters it is one word, and that only where the text denies it.
    """
    if start >= len(reading.words) or reading.words[start] in _NO_COMPANY:
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
