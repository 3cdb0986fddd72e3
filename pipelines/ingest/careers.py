"""Kernel: positions that a member has held, most recent first, and what follows from their dates."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.ingest.companies import company_key
from pipelines.ingest.reading import Unreadable, clean_of, elements_of, month_of, text_of

_NOW = frozenset({"present", "current", "now", "today", "ongoing", "to date", "until now"})
_DAYS_PER_YEAR = 365.25


class Experience(NamedTuple):
    """One position; a start without an end: held now."""

    title: str | None
    company: str | None
    description: str | None
    started_on: datetime.date | None
    ended_on: datetime.date | None

    @property
    def is_current(self) -> bool:
        """Whether the position is held on the night's date."""
        return self.started_on is not None and self.ended_on is None


def experiences_of(value: object, run_date: datetime.date, max_short: int, max_long: int) -> list[Experience]:
    """Positions begun by `run_date`, each once: those held now, then by end and start, latest first, undated last."""
    held = dict.fromkeys(
        position
        for element in elements_of(value)
        if isinstance(element, dict) and (position := _experience(element, run_date, max_short, max_long))
    )
    return sorted(held, key=lambda position: _recency(position, run_date))


def years_of_experience(positions: Sequence[Experience], run_date: datetime.date) -> float | None:
    """Years covered by the positions, overlaps counted once; None when there are none or any lacks a date.

    >>> day = datetime.date
    >>> held = [(day(2010, 1, 1), day(2012, 1, 1)), (day(2011, 1, 1), day(2013, 1, 1)), (day(2014, 1, 1), None)]
    >>> years_of_experience([Experience("a", None, None, *dates) for dates in held], day(2015, 1, 1))
    4.0
    """
    spans = sorted((p.started_on, p.ended_on or run_date) for p in positions if p.started_on)
    if not spans or len(spans) < len(positions):
        return None
    days, covered_to = 0, spans[0][0]
    for start, end in spans:
        days += max((end - max(start, covered_to)).days, 0)
        covered_to = max(covered_to, end)
    return round(days / _DAYS_PER_YEAR, 1)


def current_employer_keys(positions: Sequence[Experience]) -> set[str]:
    """Company keys of the positions held now."""
    return {key for position in positions if position.is_current and (key := company_key(position.company))}


def _experience(raw: dict[str, object], run_date: datetime.date, max_short: int, max_long: int) -> Experience | None:
    """A position; None when it says nothing or is yet to begin. Dates that contradict are not known."""
    title, company = (_text(raw.get(name), max_short) for name in ("title", "company"))
    description = _text(raw.get("description"), max_long, lines=True)
    try:
        started_on = month_of(raw.get("started_on"))
        end = text_of(raw.get("ended_on"))
        ended_on = None if end is None or end.lower() in _NOW else month_of(end)
    except Unreadable:
        started_on = ended_on = None
    if started_on and started_on > run_date:
        return None
    if ended_on and ended_on > run_date:
        ended_on = None
    if started_on and ended_on and ended_on < started_on:
        started_on = ended_on = None
    if not (title or company or description):
        return None
    return Experience(title, company, description, started_on, ended_on)


def _text(value: object, max_chars: int, *, lines: bool = False) -> str | None:
    try:
        return clean_of(value, max_chars, lines=lines)
    except Unreadable:
        return None


def _recency(position: Experience, run_date: datetime.date) -> tuple[int, int]:
    """Sort key: days since the end, then since the start; what has no date comes last."""
    never = datetime.date.min
    end = run_date if position.is_current else position.ended_on or position.started_on or never
    return ((run_date - end).days - position.is_current, (run_date - (position.started_on or never)).days)
