"""Kernel: how many days old at most the postings are to be."""

import re
from collections.abc import Iterator

from pipelines.ingest.cleaning import folded
from pipelines.wishes.reading import Mention, Reading

_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|couple of|few)"
_UNIT = (
    r"(?P<unit>hours?|hrs?|days?|weeks?|fortnight|months?|tagen?|wochen?|jours?|semaines?|mois|d[ií]as?|semanas?|mes)\b"
)
_VERB = (
    r"\b(?:posted|published|advertised|listed|uploaded|added|put up|"
    r"(?:only )?(?:jobs?|ads?|adverts?|postings?|listings?|vacancies)(?: posted)?)"
)
_LAST = r"(?:last|past|previous|letzten|derniers|dernières|depuis|[uú]ltim[oa]s)"
_LEAD = r"(?:(?:from|in|within|during|over|of|since|aus|de|en) ){0,2}(?:(?:the|den|les|los) )?"
_RELATIVE = re.compile(rf"(?P<verb>{_VERB} )?\b{_LEAD}\b{_LAST} (?:{_COUNT} )?{_UNIT}", re.IGNORECASE)
_WITHIN = re.compile(rf"{_VERB} within (?:{_COUNT} )?{_UNIT}", re.IGNORECASE)
_OLDER = re.compile(
    rf"\b(?:(?:no|not|nothing|none|never) older than|newer than|nicht älter als) (?:{_COUNT} )?{_UNIT}(?: old\b)?",
    re.IGNORECASE,
)
_OLD = re.compile(rf"\b(?:(?:less|no more) than|under|max(?:imum)?|at most) (?:{_COUNT} )?{_UNIT} old\b", re.IGNORECASE)
_NAMED = re.compile(
    rf"{_VERB} (?:since |from )?(?P<when>yesterday or today|today or yesterday|today|yesterday|this week|this month)\b",
    re.IGNORECASE,
)
_DAYS = {"hour": 1 / 24, "hr": 1 / 24} | {
    unit: days
    for days, units in {
        1: "day tag tage tagen jour dia",
        7: "week woche wochen semaine semana",
        14: "fortnight",
        30: "month mois mes",
    }.items()
    for unit in units.split()
}
_NUMBERS = {"a": 1, "an": 1, "couple of": 2, "few": 3} | {
    word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_WHEN = {"today": 1, "yesterday": 2, "yesterday or today": 2, "today or yesterday": 2, "this week": 7, "this month": 30}


def find_ages(reading: Reading) -> Iterator[Mention]:
    """Mentions, those of one wording after those of another."""
    for wording in (_RELATIVE, _WITHIN, _OLDER, _OLD, _NAMED):
        for recent in wording.finditer(reading.text):
            first, last = reading.between(*recent.span())
            alone = reading.clause_of(first)[0] == first and reading.clause_of(last - 1)[1] == last
            if wording is not _RELATIVE or recent["verb"] or alone:
                yield Mention("posted", (_days(recent.groupdict()),), first, last, settled=True)


def _days(said: dict[str, str | None]) -> int:
    """Whole days, at least one.

    >>> _days({"count": "48", "unit": "hours"}), _days({"count": None, "unit": "mois"}), _days({"when": "This week"})
    (2, 30, 7)
    """
    if when := said.get("when"):
        return _WHEN[when.lower()]
    number, unit = (said["count"] or "1").lower(), folded(said["unit"] or "")
    count = int(number) if number.isdecimal() else _NUMBERS[number]
    return max(1, round(count * (_DAYS.get(unit) or _DAYS[unit.removesuffix("s")])))
