"""Kernel: postings, each a function of the sample's seed and day and its row number.

What others ask about a posting (its occupation, place, date) is cheap to know without writing its text.
"""

import datetime
from dataclasses import dataclass

from pipelines.sample.catalogue import Occupation
from pipelines.sample.companies import some_company
from pipelines.sample.damage import Feed, damaged_posting
from pipelines.sample.draws import Draws, Odds, number, share
from pipelines.sample.mess import COPIES, POSTING_SHARES, mess_of, original_of
from pipelines.sample.mixture import occupation_of
from pipelines.sample.places import Country, Region, region_at, some_city, spelled
from pipelines.sample.spellings import EMPLOYMENT_TYPES, LEVELS, WORK_MODES, languages_spelled
from pipelines.sample.texts import Terms, advertised_title, posting_body, posting_title
from pipelines.sample.world import World

KIND = "posting"
_OPEN_DAYS = 120
_LEVEL_SHARES = Odds({"entry": 20, "mid": 45, "senior": 25, "lead": 10})
_YEARS = {"entry": (0, 1), "mid": (2, 4), "senior": (5, 8), "lead": (7, 10)}
LEVEL_PAY = {"entry": 0.72, "mid": 1.0, "senior": 1.28, "lead": 1.55}
_TYPE_SHARES = Odds({"full_time": 72, "part_time": 15, "contract": 7, "temporary": 6})
_BEGINNERS_TYPE_SHARES = Odds({"full_time": 60, "part_time": 15, "contract": 3, "temporary": 7, "internship": 15})


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """What a posting is, before it is put into words."""

    posting_id: str
    mess: str | None
    written_from: int  # the row that its words are of: its own, or the one that it is a copy of
    occupation: Occupation
    level: str
    region: Region
    city: str
    employer_kind: str
    company: str
    posted_on: datetime.date


def posting_id(row: int) -> str:
    """The id under which the posting of a row is advertised."""
    return f"JR-{row:08d}"


def home_of(world: World, row: int) -> Region:
    """Where the posting of a row is, if it is no copy."""
    return region_at(share(world.seed, KIND, "region", row))


def posting_facts(world: World, row: int) -> PostingFacts:
    """What the posting of a row is; a copy is what its original is, under its own id and date."""
    mess = mess_of(POSTING_SHARES, world.seed, KIND, row)
    source = original_of(POSTING_SHARES, world.seed, KIND, row) if mess in COPIES else row
    occupation = occupation_of(world.seed, KIND, source)
    draws = world.draws(KIND, source)
    region = home_of(world, source)
    city = some_city(region, draws)
    kind = draws.pick(occupation.employers)
    return PostingFacts(
        posting_id=posting_id(row),
        mess=mess,
        written_from=source,
        occupation=occupation,
        level=_LEVEL_SHARES.draw(draws),
        region=region,
        city=city,
        employer_kind=kind,
        company=some_company(kind, region.country, city, draws),
        posted_on=world.as_of - datetime.timedelta(days=number(world.seed, "posted", row) % _OPEN_DAYS),
    )


def posting_feed(world: World, row: int) -> Feed:
    """The feed row of a posting, mess included."""
    facts = posting_facts(world, row)
    draws = world.draws("posting text", facts.written_from)
    occupation, country = facts.occupation, facts.region.country
    terms = _terms(facts, draws)
    types = _BEGINNERS_TYPE_SHARES if facts.level == "entry" else _TYPE_SHARES
    languages = _languages(country, occupation, draws)
    pay = _pay(facts, draws)
    closing = _closing(facts.posted_on, world, row)
    feed: Feed = {
        "jobRef": facts.posting_id,
        "jobTitle": advertised_title(terms, draws),
        "employer": facts.company,
        "body": posting_body(occupation, terms, draws),
        "tags": ";".join(draws.some(occupation.skills, draws.between(3, 7))) if draws.chance(0.7) else None,
        "countryName": spelled(country, draws),
        "state": None if terms.mode == "remote" and draws.chance(0.5) else facts.region.name,
        "town": None if terms.mode == "remote" or draws.chance(0.1) else facts.city,
        "workplace": draws.pick(WORK_MODES[terms.mode]) if draws.chance(0.92) else None,
        "contract": draws.pick(EMPLOYMENT_TYPES[types.draw(draws)]) if draws.chance(0.95) else None,
        "level": draws.pick(LEVELS[facts.level]) if draws.chance(0.65) else None,
        "yearsRequired": str(terms.years) if draws.chance(0.6) else None,
        "languages": ";".join(languages_spelled(languages, draws)) or None,
        "payFrom": pay[0],
        "payTo": pay[1],
        "payCurrency": country.currency if pay[0] else None,
        "datePosted": facts.posted_on.isoformat(),
        "closingDate": closing.isoformat() if closing else None,
        "vacancyState": "Open",
    }
    return damaged_posting(facts.mess, feed, world.as_of, world.draws("posting mess", row))


def _terms(facts: PostingFacts, draws: Draws) -> Terms:
    return Terms(
        title=posting_title(facts.occupation, facts.level, draws),
        kind=facts.employer_kind,
        company=facts.company,
        country=facts.region.country.code,
        city=facts.city,
        reference=f"{facts.written_from % 10_000:04d}",
        mode=_mode(facts.occupation, draws),
        years=draws.between(*_YEARS[facts.level]),
        shift=draws.chance(facts.occupation.night),
    )


def _mode(occupation: Occupation, draws: Draws) -> str:
    if not draws.chance(occupation.remote):
        return "onsite"
    return "remote" if draws.chance(0.4) else "hybrid"


def _languages(country: Country, occupation: Occupation, draws: Draws) -> list[str]:
    drawn = draws.unit()
    if country.language == "English":
        return [] if drawn < 0.55 else ["English", country.others[0]] if drawn > 0.96 else ["English"]
    international = 0.35 if occupation.sector in ("technology", "science") else 0.12
    if drawn < international:
        return ["English"]
    return [] if drawn > 0.85 else ["English", country.language] if drawn > 0.6 else [country.language]


def _pay(facts: PostingFacts, draws: Draws) -> tuple[str | None, str | None]:
    if not draws.chance(0.55):
        return None, None
    low, high = facts.occupation.salary
    middle = (low + (high - low) * draws.unit()) * LEVEL_PAY[facts.level] * facts.region.country.pay
    return str(round(middle * 0.92 / 500) * 500), str(round(middle * 1.1 / 500) * 500)


def _closing(posted_on: datetime.date, world: World, row: int) -> datetime.date | None:
    """Thirty to ninety days after posting, but always after the sample's day; absent in a fifth of the rows."""
    draws = world.draws("closing", row)
    if draws.chance(0.2):
        return None
    planned = posted_on + datetime.timedelta(days=draws.between(30, 90))
    return planned if planned > world.as_of else world.as_of + datetime.timedelta(days=draws.between(1, 45))
