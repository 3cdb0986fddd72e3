"""Kernel: what each row of a feed is really of; kept apart from the feeds, for measuring alone."""

from pipelines.sample.damage import Feed
from pipelines.sample.members import member_facts
from pipelines.sample.mess import COPIES
from pipelines.sample.postings import posting_facts, posting_id
from pipelines.sample.world import World


def posting_truth(world: World, row: int) -> Feed:
    """The occupation of a posting, its mess, and the posting that it copies."""
    facts = posting_facts(world, row)
    return {
        "posting_id": facts.posting_id,
        "occupation": facts.occupation.id,
        "mess": facts.mess,
        "copy_of": posting_id(facts.written_from) if facts.mess in COPIES else None,
    }


def member_truth(world: World, row: int) -> Feed:
    """The occupation of a member, those that it is related to, and the mess; an id occurs as often as in the feed."""
    facts = member_facts(world, row)
    return {
        "member_id": facts.member_id,
        "occupation": facts.occupation.id,
        "related": list(facts.occupation.related),
        "mess": facts.mess,
    }
