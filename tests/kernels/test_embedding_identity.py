import datetime
import json
import random

import pytest

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.identity import identity_free
from pipelines.embedding.profile import member_text
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.members import read_embedded_member
from pipelines.promotion.swaps import swapped_texts
from pipelines.sample.members import member_feed
from pipelines.sample.world import World
from tests.identities import person, told_by

DAY = datetime.date(2026, 11, 2)
EMBEDDING = EmbeddingConfig(batch_texts=8, recent_experiences=4, experience_chars=200, max_text_chars=4000)
INGEST = IngestConfig(
    max_title_chars=300,
    max_description_chars=20_000,
    max_age_days=180,
    interest_days=180,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=128,
)
PROFILES = 10_000
WORLD = World(7, DAY, PROFILES, PROFILES)


def text_of(feed: dict) -> str | None:
    """What ingest makes of a feed row, mapped as conf/sample.toml does."""
    positions = [
        {"title": one["role"], "company": one["employer"], "description": one["what"], "started_on": one["fromDate"]}
        for one in feed["positions"] or []
    ]
    row = {
        "member_id": "m",
        "headline": feed["tagline"],
        "about": feed["summary"],
        "experiences": positions,
        "wanted_titles": feed["lookingFor"],
        "skills": feed["skills"],
    }
    return read_embedded_member(json.dumps(row), DAY, INGEST, EMBEDDING)["text"]


def test_ten_thousand_profiles_have_the_same_text_whoever_tells_them():
    different = []
    for row in range(PROFILES):
        draws = random.Random(row)
        who, other = person(draws), person(draws)
        feed = dict(member_feed(WORLD, row))
        texts = [text_of(told_by(feed, one, random.Random(row))) for one in (who, other)]
        assert texts[0]
        if texts[0] != texts[1]:
            different.append((row, texts))
    assert different == []


@pytest.mark.parametrize("swaps", swapped_texts(), ids=lambda swaps: swaps.kind)
def test_the_texts_that_promotion_swaps_are_one(swaps):
    assert [identity_free(text) for text in swaps.texts] == [identity_free(text) for text in swaps.swapped]


@pytest.mark.parametrize(
    "title",
    [
        "Baker",
        "Head Cook, Page Designer",
        "Mason - Grant Writer",
        "Barista at Christian Dior",
        "Bilingual Spanish Teacher",
        "Chinese Cuisine Chef",
        "Women's Health Nurse Practitioner",
        "Hearing Instrument Specialist (HIS)",
        "HIM Director, MS Project",
        "Native iOS Developer",
        "Black Belt, Six Sigma",
        "White Goods Technician",
        "Grace Period Analyst, Will Drafter",
        "Crystal Reports, Ruby, Julia, Jenkins, Maya",
        "Single Source Procurement Manager",
        "Older Adult Social Worker",
    ],
)
def test_words_that_name_work_stay(title):
    assert identity_free(title) == title


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Head Waitress", "Head Waiter"),
        ("SALESMAN, shoes", "SALESPERSON, shoes"),
        ("I am deaf and sign fluently.", "I am and sign fluently."),
        ("Nanny: a girl aged 20 months", "Nanny: a person months"),
        ("Born in 1979, class of 1998.", "class of."),
        ("Call me Xochitl. I bake.", ". I bake."),
        ("J. Smith, nurse", "J. Smith, nurse"),  # a surname alone is not told from a trade
    ],
)
def test_what_says_who_somebody_is_is_dropped_or_neutral(text, left):
    assert identity_free(text) == left


def test_a_members_text_names_wishes_first_then_recent_positions_and_no_company_or_place():
    member = {
        "wanted_titles": ["Chef"],
        "headline": "I cook",
        "experiences": [{"title": f"t{n}", "description": f"d{n} and more" if n else None} for n in range(3)],
        "skills": ["knives", "soups"],
        "about": "fast",
    }

    def text(max_chars: int) -> str | None:
        cut = {"recent_experiences": 2, "experience_chars": 2, "max_text_chars": max_chars}
        return member_text(member, EMBEDDING.model_copy(update=cut))

    assert text(400) == "Chef\nI cook\nt0\nt1: d1\nknives, soups\nfast"
    assert text(8) == "Chef\nI c"


def test_a_cut_does_not_depend_on_the_length_of_a_name():
    def text(name: str) -> str | None:
        held = {"title": "Clerk", "description": f"{name} has kept the books of a mill"}
        member = {"wanted_titles": [], "headline": None, "experiences": [held], "skills": [], "about": f"I am {name}."}
        return member_text(member, EMBEDDING.model_copy(update={"experience_chars": 12, "max_text_chars": 30}))

    assert text("Anne") == text("Guadalupe") == "Clerk: has kept the\nI am."
