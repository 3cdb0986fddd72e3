"""Kernel: words that a text wants in the title of a job, or not in it."""

import re
from collections.abc import Iterator
from typing import Final

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.title_patterns import (
    ABROAD,
    FORMER,
    IF,
    INSIDE,
    LEAD,
    LISTED,
    NO_NAME,
    NOUN,
    SAYS,
    TITLED,
    VERB_LAST,
)
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import single

_WEAK: Final = frozenset({"is", "are", "has", "have"})  # demand nothing by themselves: "the title is nice"
_IF_FURTHEST: Final = 16  # characters before the noun


def find_titles(reading: Reading) -> Iterator[Mention]:
    """Mentions of words of titles, and of employers behind the word for them; in no order."""
    for noun in NOUN.finditer(reading.text):
        yield from _said_of(reading, noun)
    for found in VERB_LAST.finditer(reading.text):
        yield _mention(reading, "title", found["words"], *found.span(), denied=bool(found["denied"]))
    for found in ABROAD.finditer(reading.text):
        words = found["quoted"] or found["words"]
        if folded(words) not in single("titles", "no_abroad"):
            yield _mention(reading, "title", words, *found.span(), denied=bool(found["denied"]))
    for inside in INSIDE.finditer(reading.text):
        yield from _named_inside(reading, inside)
    for lead in TITLED.finditer(reading.text):
        yield from _listed_behind(reading, "title", *lead.span(), denied=False)


def _said_of(reading: Reading, noun: re.Match[str]) -> Iterator[Mention]:
    """The words behind "title must contain" and "employer must be"; none of an employer that was."""
    kind: Kind = "company" if noun["employer"] else "title"
    said = SAYS.match(reading.text, noun.end())
    if not said or not _demands(kind, noun[0], said):
        return
    denied = _asked(reading, noun.start(), denied=_denies(said))
    was = kind == "company" and FORMER.search(reading.text[: noun.start()])
    if denied is not None and not was:
        yield from _listed_behind(reading, kind, noun.start(), said.end(), denied=denied)


def _denies(said: re.Match[str]) -> bool:
    modal = (said["modal"] or "").lower().replace("’", "'")
    return bool(said["denied"] or said["late"] or "not" in modal or "n't" in modal)


def _asked(reading: Reading, start: int, *, denied: bool) -> bool | None:
    """Whether words must not be in a title, behind "if" and "unless" as well; None: that is not sure."""
    condition = IF.search(reading.text[max(0, start - _IF_FURTHEST) : start])
    if condition is None:
        return denied
    if condition["if"].lower() == "unless":
        return None if denied else False
    return False if denied else None


def _demands(kind: Kind, noun: str, said: re.Match[str]) -> bool:
    """Whether what follows the noun says which words it must have."""
    if said["mark"]:
        return True
    verb = (said["verb"] or "").split()
    if kind == "company":
        return bool(said["modal"] and (verb or said["denied"]))
    if noun.lower() in ("name", "names") and not said["modal"]:
        return False
    if said["denied"] or not verb:
        return bool(said["denied"])
    return verb[-1].lower() not in _WEAK or bool(said["modal"] or said["word"])


def _named_inside(reading: Reading, inside: re.Match[str]) -> Iterator[Mention]:
    """The words before "in the title"; of plain ones those behind the last word that leads to them."""
    name = inside["quoted"]
    start = inside.start()
    if not name:
        said = inside["plain"].strip()
        lead = LEAD.match(said + " ")
        name = said[lead.end() if lead else 0 :].strip()
        start += inside["plain"].find(name)
    denied = _asked(reading, start, denied=bool(inside["denied"] or inside["never"]))
    if denied is not None and name and folded(name) not in single("titles", "no_inside"):
        yield _mention(reading, "title", name, start, inside.end(), denied=denied)


def _listed_behind(reading: Reading, kind: Kind, start: int, at: int, *, denied: bool) -> Iterator[Mention]:
    """A mention per name in a list of them."""
    while found := LISTED.match(reading.text, at):
        words = found["quoted"] or found["plain"]
        yield _mention(reading, kind, words, start, found.end() - len(found["link"] or ""), denied=denied)
        if not found["link"] or found.end() <= at or NO_NAME.match(reading.text, found.end()):
            return
        start = at = found.end()


def _mention(reading: Reading, kind: Kind, words: str, start: int, end: int, *, denied: bool = False) -> Mention:
    value = company_key(words) if kind == "company" else folded(words)
    first, last = reading.between(start, end)
    return Mention(kind, (value,) if value else (), first, last, excluded=denied, settled=True)
