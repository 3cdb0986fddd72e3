"""Kernel: members, each a function of the sample's seed and day and its row number."""

from dataclasses import dataclass

from pipelines.sample import phrases
from pipelines.sample.careers import level_after, member_title, positions
from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.companies import some_company
from pipelines.sample.damage import Feed, damaged_member
from pipelines.sample.draws import Draws, Odds, share
from pipelines.sample.mess import COPIES, MEMBER_SHARES, mess_of, original_of
from pipelines.sample.mixture import occupation_of
from pipelines.sample.places import REGIONS, Region, next_region, region_at, some_city, spelled
from pipelines.sample.postings import LEVEL_PAY
from pipelines.sample.spellings import EMPLOYMENT_TYPES, LEVELS, WORK_MODES, languages_spelled
from pipelines.sample.world import World

KIND = "member"
_WANTED_TYPES = Odds[tuple[str, ...]](
    {(): 50, ("full_time",): 24, ("full_time", "part_time"): 12, ("part_time",): 6, ("full_time", "contract"): 8}
)
_BEGINNERS_TYPES = Odds[tuple[str, ...]]({(): 55, ("full_time",): 25, ("full_time", "internship"): 20})
_WANTED_MODES = Odds[tuple[str, ...]](
    {(): 55, ("remote",): 12, ("remote", "hybrid"): 22, ("hybrid", "onsite"): 8, ("onsite",): 3}
)
_ONSITE_MODES = Odds[tuple[str, ...]]({(): 80, ("onsite",): 12, ("hybrid", "onsite"): 8})  # little can be done remotely


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a member is, before it is put into words."""

    member_id: str
    mess: str | None
    written_from: int  # the row that its words are of: its own, or the one whose id it repeats
    occupation: Occupation
    home: Region
    years: float


def member_facts(world: World, row: int) -> MemberFacts:
    """What the member of a row is; a row that repeats an id is an export of the same person."""
    mess = mess_of(MEMBER_SHARES, world.seed, KIND, row)
    source = original_of(MEMBER_SHARES, world.seed, KIND, row) if mess in COPIES else row
    return MemberFacts(
        member_id=f"M-{source:08d}",
        mess=mess,
        written_from=source,
        occupation=occupation_of(world.seed, KIND, source),
        home=region_at(share(world.seed, KIND, "region", source)),
        years=round(0.3 + 30 * share(world.seed, KIND, "years", source) ** 1.7, 1),
    )


def member_feed(world: World, row: int) -> Feed:
    """The feed row of a member, mess included."""
    facts = member_facts(world, row)
    draws = world.draws("member text", facts.written_from)
    occupation, country = facts.occupation, facts.home.country
    level = level_after(facts.years, draws)
    held = positions(occupation, level, facts.years, facts.home, world.as_of, draws)
    skills = draws.some(occupation.skills, draws.between(3, 8))
    if occupation.licence and draws.chance(0.6):
        skills.append(occupation.licence)
    speaks, asks_pay = draws.chance(0.7), draws.chance(0.25)
    types = _BEGINNERS_TYPES if level == "entry" else _WANTED_TYPES
    modes = _WANTED_MODES if occupation.remote >= 0.3 else _ONSITE_MODES
    feed: Feed = {
        "profileId": facts.member_id,
        "tagline": _headline(facts, held, skills, draws),
        "summary": _summary(facts, skills, draws) if speaks else None,
        "positions": held,
        "lookingFor": _wanted_titles(occupation, level, draws) if draws.chance(0.35) else None,
        "skills": skills if draws.chance(0.8) or not speaks else None,
        "experienceYears": str(facts.years) if draws.chance(0.7) else None,
        "level": draws.pick(LEVELS[level]) if draws.chance(0.5) else None,
        "searchAreas": _areas(facts.home, draws),
        "workplaces": [draws.pick(WORK_MODES[mode]) for mode in modes.draw(draws)],
        "contracts": [draws.pick(EMPLOYMENT_TYPES[kind]) for kind in types.draw(draws)],
        "spokenLanguages": languages_spelled(_languages(facts.home, draws), draws),
        "payExpected": _pay(facts, level, draws) if asks_pay else None,
        "payCurrency": country.currency if asks_pay else None,
        "blockedEmployers": _blocked(facts, draws) if draws.chance(0.03) else None,
        "findable": "true" if share(world.seed, KIND, "findable", facts.written_from) < 0.8 else None,
        "unsubscribed": "false",
    }
    return damaged_member(facts.mess, feed, world.as_of, world.draws("member mess", row))


def _headline(facts: MemberFacts, held: list[dict[str, str | None]], skills: list[str], draws: Draws) -> str | None:
    drawn = draws.unit()
    if drawn < 0.4:
        return f"{held[0]['role']} at {held[0]['employer']}"
    if drawn < 0.55:
        return str(held[0]["role"])
    if drawn < 0.7:
        return " | ".join(skills[:3])
    if drawn < 0.9:
        return draws.pick(phrases.VAGUE_HEADLINES)
    return draws.pick(facts.occupation.about) if drawn < 0.95 else None


def _summary(facts: MemberFacts, skills: list[str], draws: Draws) -> str:
    told = draws.some(facts.occupation.about, draws.between(1, 2))
    told += draws.some(phrases.MEMBER_LINES, draws.between(0, 2))
    return " ".join(told).format(years=max(1, round(facts.years)), skills=" and ".join(skills[:2]))


def _wanted_titles(occupation: Occupation, level: str, draws: Draws) -> list[str]:
    wanted = [occupation.name if draws.chance(0.2) else member_title(occupation, level, draws)]
    if draws.chance(0.3):
        wanted.append(catalogue()[draws.pick(occupation.related)].name)
    return wanted


def _areas(home: Region, draws: Draws) -> list[dict[str, str | None]]:
    """The home region alone (half of the time with the town), with another one, the whole country, or nothing said."""
    drawn = draws.unit()
    if drawn > 0.97:
        return []
    regions = [None] if drawn > 0.67 else [home.name] if drawn < 0.5 else [home.name, next_region(home).name]
    country = spelled(home.country, draws)
    areas: list[dict[str, str | None]] = [{"countryName": country, "state": region, "town": None} for region in regions]
    if drawn < 0.25:
        areas[0]["town"] = some_city(home, draws)
    if drawn > 0.94:
        abroad = draws.pick(tuple(REGIONS))
        areas.append({"countryName": spelled(abroad, draws), "state": None, "town": None})
    return areas


def _languages(home: Region, draws: Draws) -> list[str]:
    """The country's language, mostly with English; newcomers bring another one, a few speak English alone."""
    native, other = home.country.language, draws.pick(home.country.others)
    if native == "English":
        return ["English"] if draws.chance(0.75) else ["English", other]
    drawn = draws.unit()
    if drawn < 0.1:
        return ["English"]
    spoken = [native, "English"] if drawn < 0.8 else [native]
    return [*spoken, other] if draws.chance(0.12) else spoken


def _pay(facts: MemberFacts, level: str, draws: Draws) -> str:
    low, high = facts.occupation.salary
    usual = (low + high) / 2 * LEVEL_PAY[level] * facts.home.country.pay
    return str(round(usual * (0.7 + 0.35 * draws.unit()) / 500) * 500)


def _blocked(facts: MemberFacts, draws: Draws) -> list[str]:
    kinds = facts.occupation.employers
    return [
        some_company(draws.pick(kinds), facts.home.country, some_city(facts.home, draws), draws)
        for _ in range(draws.between(1, 3))
    ]
