"""Kernel: kinds of employment that hours a week and months of a year say: 20 hours weekly, July and August."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from pipelines.wishes.numbers import COUNT, count_of
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.words import LINKS, either, single

_FULL: Final = 30  # hours a week; from here on it is no part time
_FEWEST: Final = 4
_any = partial(either, "stints")
_NUMBER = rf"(?:\d{{1,2}}|{COUNT})"
# "up to 20 hours a week", "20-25 Stunden pro Woche", "16h/wk max"
_HOURS = re.compile(
    rf"""
    (?:\b{_any("at_most")}\s)?
    \b(?:{_NUMBER}\s?(?:[-–]|\b(?:to|or|bis|à|a|o)\b)\s?)?  # "20 to" of "20 to 25"
    (?P<hours>{_NUMBER})[\s-]?
    {_any("hours")}[\s-]?
    (?:{_any("of_work")}\s)?
    (?:/\s? | \b{_any("per")}\s)?
    {_any("week")}\b
    (?:\s{_any("or_less")})?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# "6 months", "rolling" or "day rate", in the clause of a contract
_LENGTH = re.compile(rf"\b(?:{_NUMBER}[\s-]?{_any('lengths')}|{_any('terms')})\b", re.IGNORECASE)
_CONTRACT = re.compile(rf"\bcontract(?:ing|or)?\b(?!\s{_any('contract_crafts')})", re.IGNORECASE)


def find_stints(reading: Reading) -> Iterator[Mention]:
    """Mentions of part time, then of contracts by their length, then of temporary work by its months."""
    for found in _HOURS.finditer(reading.text):
        first, last = reading.between(*found.span())
        if _FEWEST <= count_of(found["hours"].lower()) < _FULL and _is_job(reading, first, last):
            yield Mention("employment_type", ("part_time",), first, last, settled=first not in reading.affirmed)
    for found in _CONTRACT.finditer(reading.text):
        first, last = reading.between(*found.span())
        start, end = (reading.spans[at].start for at in (reading.clause_of(first)[0], reading.clause_of(first)[1] - 1))
        if _LENGTH.search(reading.text, start, end + 12):
            yield Mention("employment_type", ("contract",), first, last)
    yield from _seasons(reading)


def _is_job(reading: Reading, first: int, last: int) -> bool:
    """Whether hours are those of the job, and not of its author's children, shows or former jobs."""
    around = {*reading.words[max(first - 3, 0) : first], *reading.words[last : last + 2]}
    return single("stints", "of_others").isdisjoint(around) and not reading.past(first)


def _seasons(reading: Reading) -> Iterator[Mention]:
    """Two months of one year: July and August, June to September."""
    months, links = single("stints", "months"), LINKS | single("stints", "until")
    for place in range(len(reading.words) - 2):
        one, link, other = reading.words[place : place + 3]
        if one != other and {one, other} <= months and link in links:
            yield Mention("employment_type", ("temporary",), place, place + 3)
