"""Kernel: how many days old at most the postings are to be."""

import re
from collections.abc import Iterator

from pipelines.ingest.cleaning import folded
from pipelines.wishes.numbers import COUNT, count_of
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.words import either

_COUNT = rf"(?P<count>\d{{1,3}}|couple\sof|few|{COUNT})"
_UNIT = rf"(?P<unit>{either('ages', 'units')})\b"
_SPAN = rf"(?:(?:the|a|an|den|les|los|der|die|las|la)\s)?(?:{_COUNT}[\s-])?{_UNIT}"
_NOUN = either("ages", "nouns")
_DONE = either("ages", "done")
_AUX = r"(?:that|which|were|was|are|is|have|has|been|only|just|went|came|sind|du|des|en|datant)"
_SAID = rf"(?:(?:{_NOUN}|{_DONE})\s(?:{_AUX}\s){{0,3}})"
_VERB = rf"\b(?:{_SAID}){{1,2}}"
_LAST = either("ages", "last")
_IN = r"(?:from|in|within|during|over|of|since|aus|der|in|innerhalb|de|en|au\scours|dans|pendant|durante)\s"
_LEAD = rf"(?:{_IN}){{0,2}}(?:(?:the|den|der|les|la|los|el|las|des|du)\s)?"
_MOST = either("ages", "most")
_OLDER = either("ages", "older")
_OLD = rf"(?:\s?{either('ages', 'old')})"
_WORDINGS = tuple(
    re.compile(wording, re.IGNORECASE)
    for wording in (
        rf"(?P<verb>{_VERB})?\b{_LEAD}\b{_LAST}\s{_SPAN}(?P<noun>['’]?s?\s{_NOUN}\b)?(?P<only>\sonly)?",
        rf"\b{_OLDER}\s{_SPAN}{_OLD}?",
        rf"\b(?:no|not|nothing|none|never|nor)[ ](?:[\w'’]+[ ]){{0,3}}?(?:more|longer)\sthan\s{_SPAN}\s(?:ago|old)\b",
        rf"{_VERB}(?:for\s|seit\s|depuis\s|desde\shace\s|\(|hace\s|il\sy\sa\s)?\s?{_MOST}\s?{_SPAN}{_OLD}?(?:\sonline)?",
        rf"\b(?:seit|depuis|desde\shace)\s{_MOST}\s?{_SPAN}(?:\sonline)?",
        rf"\b{_MOST}\s?{_SPAN}\s(?:old|ago|alt|posted|published|listed|advertised|online)\b",
        rf"{_VERB}(?:please\s)?\(?(?:for\s|seit\s|from\s)?{_SPAN}{_OLD}",
        rf"\b{_SPAN}\sold\s(?:{_OLD.replace('old|ago|', '')}|{_NOUN}\s)",
        rf"{_VERB}(?:since\s|from\s|up\s|von\s|aus\s|seit\s|de\s|desde\s|depuis\s)?(?P<when>yesterday\sor\stoday|today\sor\syesterday|since\syesterday|today|yesterday|this\sweek|this\smonth|this\sfortnight|"
        rf"heute|gestern|diese\swoche|dieser\swoche|diesen\smonat|aujourd['’]hui|cette\ssemaine|ce\smois|hoy|ayer|esta\ssemana|este\smes)\b",
        rf"\b(?P<when>today|yesterday|this\sweek|this\smonth|this\sfortnight)['’]?s\s(?:(?:new|fresh|latest)\s)?{_NOUN}\b(?:\sonly)?",
        r"\b(?P<when>today|this\sweek|this\smonth)\sonly\b",
        rf"\b(?P<alone>(?:max(?:imum)?\s)?{_SPAN}\s?(?:old\s)?(?:max(?:imum)?|tops|at\s(?:the\s)?most|or\snewer|or\sless|höchstens|maximum|máximo|at\sthe\soldest))",
    )
)
_ADS = re.compile(
    r"\b(?:ads?|adverts?|postings?|listings?|vacancies|posted|anzeigen|annonces|anuncios)\b", re.IGNORECASE
)
_DAYS = {
    "hour": 1 / 24,
    "hr": 1 / 24,
    "h": 1 / 24,
    "stunde": 1 / 24,
    "stunden": 1 / 24,
    "heure": 1 / 24,
    "hora": 1 / 24,
} | {
    unit: days
    for days, units in {
        1: "day tag tage tagen jour dia",
        7: "week woche wochen semaine semana",
        14: "fortnight quinzaine",
        30: "month mois mes mese monat monate monaten",
    }.items()
    for unit in units.split()
}
_WHEN = {
    "today": 1, "heute": 1, "hoy": 1, "aujourd hui": 1, "yesterday": 2, "gestern": 2, "ayer": 2, "since yesterday": 2,
    "yesterday or today": 2, "today or yesterday": 2,
    "this week": 7, "diese woche": 7, "dieser woche": 7, "cette semaine": 7,
    "esta semana": 7, "this month": 30, "diesen monat": 30, "ce mois": 30, "este mes": 30, "this fortnight": 14,
}  # fmt: skip


def find_ages(reading: Reading) -> Iterator[Mention]:
    """Mentions, those of one wording after those of another."""
    for wording in _WORDINGS:
        for recent in wording.finditer(reading.text):
            first, last = reading.between(*recent.span())
            if first < last and _is_meant(reading, recent, first, last):
                yield Mention("posted", (_days(recent.groupdict()),), first, last, settled=True)


def _is_meant(reading: Reading, recent: re.Match[str], first: int, last: int) -> bool:
    """Whether the age is of postings: "the last 3 days" alone says so as a clause of its own only."""
    said = recent.groupdict()
    if reading.words[last : last + 1] in (["drive"], ["ride"], ["walk"], ["travel"], ["commute"]):
        return False
    if said.get("alone"):
        return _is_whole(reading, first, last) and bool(_ADS.search(reading.text[: recent.start()]))
    if "noun" not in said or said["verb"] or said["noun"]:
        return True
    return _is_whole(reading, first, last)


def _is_whole(reading: Reading, first: int, last: int) -> bool:
    return reading.clause_of(first)[0] == first and reading.clause_of(last - 1)[1] == last


def _days(said: dict[str, str | None]) -> int:
    """Whole days, at least one.

    >>> _days({"count": "48", "unit": "hours"}), _days({"count": None, "unit": "mois"}), _days({"when": "This week"})
    (2, 30, 7)
    """
    if when := said.get("when"):
        return _WHEN[folded(when)]
    number, unit = folded(said["count"] or "1"), folded(said["unit"] or "")
    return max(1, round(count_of(number) * (_DAYS.get(unit) or _DAYS[unit.removesuffix("s")])))
