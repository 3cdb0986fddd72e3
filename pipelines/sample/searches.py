"""Kernel: saved searches, each a function of the sample's seed and day and its row number."""

import datetime

from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.damage import Feed
from pipelines.sample.draws import Draws, Odds
from pipelines.sample.members import member_facts
from pipelines.sample.mixture import occupation_of
from pipelines.sample.places import Region, next_region, some_city
from pipelines.sample.wording import members_wording
from pipelines.sample.world import World

_ABOUT = Odds({"own": 45, "related": 25, "new": 20, "nothing": 10})  # work, beside what the member does
_FOR_NAMES = ("", "", "looking for ", "work as a ", "something like ")
_FOR_DUTIES = ("", "I want to ", "I would like to ")
_CRITERIA = Odds({0: 15, 1: 35, 2: 35, 3: 15})  # how many a search names
_KINDS = ("place", "mode", "type", "pay", "posted", "level", "not_company", "not_title", "language")
_MODES = ("remote", "hybrid", "remote or hybrid", "on site", "no remote")
_TYPES = ("part time", "full time", "full time or part time", "no temporary work", "contract")
_POSTED = ("posted this week", "posted in the last 14 days", "posted in the last 30 days")
_LEVELS = ("senior", "entry level", "mid level", "junior")


def search_feed(world: World, row: int) -> Feed:
    """The feed row of a saved search; one in fifty is paused, of nobody, or has not been looked at for a year."""
    draws = world.draws("search", row)
    facts = member_facts(world, int(draws.unit() * world.members))
    saved_on = world.as_of - datetime.timedelta(days=draws.between(0, 200))
    unseen = draws.between(0, 60) if draws.chance(0.98) else 365
    return {
        "searchId": f"S-{row:08d}",
        "profileId": facts.member_id if draws.chance(0.98) else f"M-gone-{row}",
        "query": search_text(world, facts.occupation, facts.home, draws),
        "lang": "en" if draws.chance(0.5) else None,
        "savedOn": saved_on.isoformat(),
        "enabled": "true" if draws.chance(0.98) else "false",
        "unseenSince": (world.as_of - datetime.timedelta(days=unseen)).isoformat() if draws.chance(0.7) else None,
    }


def search_text(world: World, own: Occupation, home: Region, draws: Draws) -> str:
    """A wish in plain words: work, or none, and up to three criteria before or behind it."""
    kinds = draws.some(_KINDS, _CRITERIA.draw(draws))
    criteria = [_criterion(kind, world, home, draws) for kind in kinds]
    work = _work(world, own, draws)
    if work is None:
        return ", ".join(criteria or [_criterion("place", world, home, draws)])
    if not criteria or draws.chance(0.7):
        return ", ".join([work, *criteria])
    return ", ".join([criteria[0], work, *criteria[1:]])


def _work(world: World, own: Occupation, draws: Draws) -> str | None:
    """What the member does, something near it, something quite new, or nothing."""
    drawn = _ABOUT.draw(draws)
    if drawn == "nothing":
        return None
    others = {"own": own, "related": catalogue()[draws.pick(own.related)]}
    wanted = others[drawn] if drawn in others else occupation_of(world.seed, "search", draws.between(0, 10**6))
    in_duties = draws.chance(0.4)
    said = draws.pick(members_wording(wanted).duties).rstrip(".") if in_duties else wanted.name
    return f"{draws.pick(_FOR_DUTIES if in_duties else _FOR_NAMES)}{said[0].lower()}{said[1:]}"


def _criterion(kind: str, world: World, home: Region, draws: Draws) -> str:
    country = home.country
    if kind == "place":
        region = home if draws.chance(0.7) else next_region(home)
        return draws.pick((f"in {country.name}", f"in {country.name}", f"near {some_city(region, draws)}"))
    if kind == "pay":
        return f"at least {round(45_000 * country.pay / 500) * 500:,} {country.currency} a year"
    if kind == "not_title":
        return f"no {draws.pick(('sales', 'management', 'teaching', 'night shifts'))}"
    if kind == "language":
        return f"in {country.language}"
    if kind == "not_company":
        return draws.pick(("not at Amazon", "not at Deloitte", "no agencies"))
    return draws.pick({"mode": _MODES, "type": _TYPES, "posted": _POSTED, "level": _LEVELS}[kind])
