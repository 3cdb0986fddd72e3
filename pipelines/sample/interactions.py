"""Kernel: interactions, each a function of the sample's seed, day and sizes and its row number."""

import datetime

from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.damage import Feed
from pipelines.sample.draws import Draws, Odds
from pipelines.sample.members import MemberFacts, member_facts
from pipelines.sample.mixture import row_of
from pipelines.sample.places import Region
from pipelines.sample.postings import KIND as POSTING
from pipelines.sample.postings import PostingFacts, home_of, posting_facts
from pipelines.sample.world import World

_EVENTS = Odds({"view": 72, "apply": 18, "dismiss": 10})
_LOOKS = 24  # postings of the occupation that a member skims, anywhere, for each one acted on
_DAY_SECONDS = 86_400


def interaction_feed(world: World, row: int) -> Feed | None:
    """What a member did with a posting before the sample's day; some members do much more than others.

    The posting is mostly of the member's occupation, sometimes of a related one, rarely of any other, and the nearest
    of a few. None in the rare case that none of these was open before the sample's day.
    """
    draws = world.draws("interaction", row)
    member = member_facts(world, int(draws.unit() ** 1.5 * world.members))
    posting = _posting(world, member, draws)
    if posting is None:
        return None
    opened = datetime.datetime.combine(posting.posted_on, datetime.time())
    seconds = (world.as_of - posting.posted_on).days * _DAY_SECONDS
    return {
        "profileId": member.member_id,
        "jobRef": posting.posting_id,
        "event": _EVENTS.draw(draws),
        "at": (opened + datetime.timedelta(seconds=int(draws.unit() ** 2 * seconds))).isoformat(sep=" "),
    }


def _posting(world: World, member: MemberFacts, draws: Draws) -> PostingFacts | None:
    occupation = _occupation(member.occupation, draws)
    rows = [row_of(world.seed, POSTING, occupation, world.postings, draws) for _ in range(_LOOKS)]
    rows.sort(key=lambda row: _nearness(home_of(world, row), member.home), reverse=True)
    seen = (posting_facts(world, row) for row in rows)
    return next((posting for posting in seen if posting.mess is None and posting.posted_on < world.as_of), None)


def _occupation(own: Occupation, draws: Draws) -> Occupation:
    drawn = draws.unit()
    if drawn < 0.75:
        return own
    return catalogue()[draws.pick(own.related)] if drawn < 0.95 else draws.pick(tuple(catalogue().values()))


def _nearness(place: Region, home: Region) -> int:
    return (place.country is home.country) + (place is home)
