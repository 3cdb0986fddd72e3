"""Kernel: what members have done: positions, newest first, and how they speak of them."""

import datetime

from pipelines.sample import phrases
from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.companies import some_company
from pipelines.sample.draws import Draws
from pipelines.sample.places import Region, some_city
from pipelines.sample.wording import members_wording

_MOST_POSITIONS = 5
_YEAR_DAYS = 365.25


def level_after(years: float, draws: Draws) -> str:
    """The level that a member has reached after some years of work."""
    if years < 2:
        return "entry"
    if years < 6:
        return "mid"
    if years < 11:
        return "senior" if draws.chance(0.6) else "mid"
    return "lead" if draws.chance(0.3) else "senior" if draws.chance(0.7) else "mid"


def member_title(occupation: Occupation, level: str, draws: Draws) -> str:
    """What a member calls the post: mostly a title of the members' half, often the employer's own."""
    known = members_wording(occupation).titles[level]
    drawn = draws.unit()
    if drawn < 0.08:
        return draws.pick(occupation.titles[level])
    if drawn < 0.72 and known:
        return draws.pick(known)
    return draws.pick(phrases.INTERNAL_TITLES[level]).format(skill=draws.pick(occupation.skills))


def positions(
    occupation: Occupation, level: str, years: float, home: Region, as_of: datetime.date, draws: Draws
) -> list[dict[str, str | None]]:
    """One to five positions over the given years; the oldest are sometimes in a related occupation.

    Args:
        occupation: of the newest position.
        level: of the newest position.
        years: of work until the last day.
        home: where all employers are.
        as_of: the day on which the profile is read.
        draws: where the rest comes from.

    Returns:
        Positions in the feed's columns, newest first; the first is still held by nine members in ten.
    """
    count = min(_MOST_POSITIONS, 1 + int(draws.unit() * (1 + years / 3)))
    edges = sorted((draws.unit() for _ in range(count - 1)), reverse=True)
    spans = [years * edge for edge in (1.0, *edges, 0.0)]  # years before the last day, oldest first
    gap = 0 if draws.chance(0.9) else draws.between(30, 400)  # days without work until now
    last_day = as_of - datetime.timedelta(days=gap)
    told = draws.some(members_wording(occupation).duties, len(occupation.duties))
    held: list[dict[str, str | None]] = []
    line = occupation
    for at in range(count):
        began, ended = spans[count - 1 - at], spans[count - at]
        if at:
            level = level_after(years - ended, draws)
        if at and line is occupation and draws.chance(0.25):
            line = catalogue()[draws.pick(occupation.related)]
            told = draws.some(members_wording(line).duties, len(line.duties))
        tasks, told = told[: draws.between(1, 2)], told[2:]
        held.append(
            {
                "role": member_title(line, level, draws),
                "employer": some_company(draws.pick(line.employers), home.country, some_city(home, draws), draws),
                "what": draws.pick(phrases.TASK_LEADS) + " ".join(tasks) if tasks and draws.chance(0.75) else None,
                "fromDate": _before(last_day, began),
                "toDate": None if not at and not gap else _before(last_day, ended),
            }
        )
    return held


def _before(day: datetime.date, years: float) -> str:
    return (day - datetime.timedelta(days=round(years * _YEAR_DAYS))).isoformat()
