"""Kernel: work modes that a text describes without their names: days here and days there, never leaving home."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.words import either

_HOME = either("modes", "home")
_OFFICE = either("modes", "office")
_SHARE = either("modes", "share")
_FEW = either("modes", "few_days")
_ALL = either("modes", "all_days")
_GO = either("modes", "go")
_NEVER = either("modes", "never")
_OWN = either("modes", "own_home")
_W = r"(?:\s\S+)"  # a word between
_TIME = rf"(?:\s{either('modes', 'time')})?"
_REST = either("modes", "rest")
_ABOUT = r"(?:(?:for|only|just|about|maybe|perhaps|around|at|most|no|more|than|up|to|once|or)\s)"
_THERE = r"(?:\s(?:up|in|into|to|anywhere|a|an|the|any|foot|at|on|there|my|for|work))"
_EVER = r"(?:\s(?:ever|having|have|has|had|to|even|once|really|actually|need|needing|be))"
_MY = r"(?:(?:my|the|our|your)\s)?(?:own\s)?"
_SETTLED: Final = (
    ("hybrid", rf"\b{_SHARE}{_W}{{0,4}}?\s{_HOME}{_W}{{0,5}}?\s{_OFFICE}\b{_TIME}"),
    ("hybrid", rf"\b{_SHARE}{_W}{{0,4}}?\s{_OFFICE}{_W}{{0,5}}?\s{_HOME}\b{_TIME}"),
    ("hybrid", rf"\b(?:{_HOME}\s{_OFFICE}|{_OFFICE}\s{_HOME})\s{either('modes', 'mixture')}\b"),
    ("hybrid", rf"\b{_FEW}{_W}{{0,4}}?\s(?:{_HOME}|{_OFFICE})\b{_TIME}"),
    ("hybrid", rf"\b(?:{_HOME}|{_OFFICE})\s{_ABOUT}{{0,4}}{_FEW}\b"),
    ("hybrid", rf"\b{_OFFICE}{_W}{{0,4}}?\s{_REST}{_W}{{0,3}}?\s{_HOME}\b"),
    ("hybrid", rf"\b{_HOME}{_W}{{0,4}}?\s{_REST}{_W}{{0,3}}?\s{_OFFICE}\b"),
    ("remote", rf"\b{_NEVER}{_W}{{0,4}}?\s{_GO}{_THERE}{{0,5}}\s{either('modes', 'workplace')}\b"),
    (
        "remote",
        rf"\b(?:{_NEVER}|without){_EVER}{{0,4}}\s{either('modes', 'leaving')}\s{_MY}{_OWN}\b",
    ),
    ("remote", rf"\b(?:{either('modes', 'away')})\b"),
)
_DENIABLE: Final = (
    ("remote", rf"\b{either('modes', 'online')}\b"),
    ("onsite", rf"\b{_OFFICE}{_W}?\s{_ALL}\b"),
    ("onsite", rf"\b{_ALL}{_W}{{0,3}}?\s{_OFFICE}\b"),
    ("onsite", rf"\b{either('modes', 'there')}\b"),
)
_PATTERNS: Final = [
    (mode, re.compile(pattern), settled)
    for settled, table in ((True, _SETTLED), (False, _DENIABLE))
    for mode, pattern in table
]

_FAR: Final = frozenset(
    {"drive", "away", "commute", "trip", "ride", "walk"}
)  # of these days and minutes are counted too


def find_modes(reading: Reading) -> Iterator[Mention]:
    """Mentions of modes by what a week is like; those of one wording after those of another."""
    sentences = list(_sentences(reading))
    for mode, pattern, settled in _PATTERNS:
        for first, words, starts in sentences:
            for found in pattern.finditer(words):
                place, last = _word(starts, found.start()) + first, _word(starts, found.end() - 1) + 1 + first
                if _FAR.isdisjoint(reading.words[place:last]):
                    yield Mention("work_mode", (mode,), place, last, settled=settled and mode != "hybrid")


def _sentences(reading: Reading) -> Iterator[tuple[int, str, list[int]]]:
    """The first word of each sentence, its words with a blank between them, and where each begins."""
    count = len(reading.words)
    starts = [at for at in range(count) if reading.begins_sentence(at)]
    for first, last in zip(starts, [*starts[1:], count][: len(starts)], strict=True):
        words = reading.words[first:last]
        offsets, at = [], 0
        for word in words:
            offsets.append(at)
            at += len(word) + 1
        yield first, " ".join(words), offsets


def _word(starts: list[int], character: int) -> int:
    """The word in which a character stands."""
    return max(0, bisect_right(starts, character) - 1)
