"""Kernel: kinds of employment that hours a week and months of a year say: 20 hours weekly, July and August."""

import re
from collections.abc import Iterator
from typing import Final

from pipelines.wishes.numbers import COUNT, count_of
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.words import LINKS, single

_FULL: Final = 30  # hours a week; from here on it is no part time
_FEWEST: Final = 4
_NUMBER = rf"(?:\d{{1,2}}|{COUNT})"
_HOURS = re.compile(
    rf"(?:\b(?:(?:no|not)\smore\sthan|up\sto|at\smost|max(?:imum)?(?:\sof)?|under|below|less\sthan|fewer\sthan|only|höchstens|maximal|maximum|máximo|unter)\s)?"
    rf"\b(?:{_NUMBER}\s?(?:-|–|\bto\b|\bor\b|\bbis\b|\bà\b|\ba\b|\bo\b)\s?)?(?P<hours>{_NUMBER})[\s-]?(?:hours?|hrs?|h|stunden|std|heures|horas)[\s-]?(?:of\swork\s|work\s|max\s|maximum\s)?"
    r"(?:/\s?|\b(?:a|per|each|every|pro|die|in\sder|par|por|a\sla|at\smost\sa)\s)?(?:weekly|week|wk|pw|w|woche|wöchentlich|semaine|hebdo(?:madaires)?|semana|semanales)\b"
    r"(?:\s(?:max(?:imum)?|at\s(?:the\svery\s)?most|tops|or\s(?:less|fewer)|only|no\smore))?",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    rf"\b(?:{_NUMBER}[\s-]?(?:months?|mths?|weeks?|monate|mois|meses)|rolling|day\srate|daily\srate|per\sday)\b",
    re.IGNORECASE,
)
_CONTRACT = re.compile(r"\bcontract(?:ing|or)?\b(?!\s(?:law|lawyer|negotiat|manage|admin|clean))", re.IGNORECASE)


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
    months = single("stints", "months")
    for place in range(len(reading.words) - 2):
        one, link, other = reading.words[place : place + 3]
        if (
            one != other
            and {one, other} <= months
            and link in LINKS | {"to", "till", "until", "through", "bis", "a", "hasta", "thru"}
        ):
            yield Mention("employment_type", ("temporary",), place, place + 3)
