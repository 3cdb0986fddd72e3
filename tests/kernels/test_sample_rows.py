import datetime
from collections import Counter
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample.catalogue import catalogue
from pipelines.sample.draws import Draws
from pipelines.sample.interactions import interaction_feed
from pipelines.sample.members import member_facts, member_feed
from pipelines.sample.mess import MEMBER_SHARES, POSTING_SHARES, mess_of
from pipelines.sample.mixture import BLOCK, occupation_of, row_of
from pipelines.sample.places import REGIONS
from pipelines.sample.postings import posting_facts, posting_feed
from pipelines.sample.truth import posting_truth
from pipelines.sample.world import World

AS_OF = "2026-11-02"
WORLD = World(seed=7, as_of=datetime.date(2026, 11, 2), postings=5000, members=5000)


@pytest.fixture(scope="module")
def postings():
    return [posting_feed(WORLD, row) for row in range(WORLD.postings)]


@pytest.fixture(scope="module")
def members():
    return [member_feed(WORLD, row) for row in range(WORLD.members)]


@pytest.fixture(scope="module")
def messes():
    return [mess_of(POSTING_SHARES, WORLD.seed, "posting", row) for row in range(WORLD.postings)]


@pytest.mark.parametrize("feed", [posting_feed, member_feed, interaction_feed])
def test_a_row_depends_on_its_number_and_the_seed_alone(feed):
    forwards = [feed(WORLD, row) for row in range(40)]
    backwards = [feed(WORLD, row) for row in reversed(range(40))]
    assert forwards == backwards[::-1]
    other = World(seed=8, as_of=WORLD.as_of, postings=WORLD.postings, members=WORLD.members)
    assert all(feed(other, row) != forwards[row] for row in range(40))


def test_a_longer_sample_starts_with_the_shorter_one(postings):
    longer = World(seed=7, as_of=WORLD.as_of, postings=10_000_000, members=10_000_000)
    assert [posting_feed(longer, row) for row in range(200)] == postings[:200]


@given(st.integers(0, 2**31), st.sampled_from(sorted(catalogue())), st.integers(BLOCK, 10**7), st.integers())
def test_the_rows_of_an_occupation_can_be_named(seed, name, rows, draw):
    row = row_of(seed, "posting", catalogue()[name], rows - rows % BLOCK, Draws(draw))
    assert 0 <= row < rows
    assert occupation_of(seed, "posting", row).id == name


def test_every_block_holds_every_occupation_equally_often():
    first, second = (
        Counter(occupation_of(7, "posting", row).id for row in range(at, at + BLOCK)) for at in (0, 5 * BLOCK)
    )
    assert first == second
    assert set(first) == set(catalogue())
    assert max(first.values()) <= 8 * min(first.values())


@pytest.mark.parametrize(("kind", "shares"), [("posting", POSTING_SHARES), ("member", MEMBER_SHARES)])
def test_each_mess_occurs_as_often_as_its_share_says(kind, shares):
    rows = 50_000
    found = Counter(mess_of(shares, 7, kind, row) for row in range(rows))
    for mess, share in shares.items():
        assert abs(found[mess] - rows * share) < 5 * sqrt(rows * share * (1 - share)), mess


def test_a_posting_without_mess_is_open_dated_and_titled(postings, messes):
    clean = [feed for feed, mess in zip(postings, messes, strict=True) if mess is None]
    assert all("2026-07-05" <= feed["datePosted"] <= AS_OF for feed in clean)
    assert all(feed["closingDate"] is None or feed["closingDate"] > AS_OF for feed in clean)
    assert all(feed["vacancyState"] == "Open" and feed["jobTitle"].strip() for feed in clean)
    assert not any("<" in feed["body"] or "&nbsp;" in feed["body"] for feed in clean)
    assert all(feed["payFrom"] is None or int(feed["payFrom"]) < int(feed["payTo"]) for feed in clean)


@pytest.mark.parametrize(
    ("mess", "shown"),
    [
        ("expired", lambda feed: feed["closingDate"] < AS_OF and feed["datePosted"] < feed["closingDate"]),
        ("closed", lambda feed: feed["vacancyState"] == "Closed"),
        ("future_dated", lambda feed: feed["datePosted"] > AS_OF),
        (
            "missing_title",
            lambda feed: (feed["jobTitle"] or "").strip() in ("", "NA", "N/A", "-", "null", "n/a", "None"),
        ),
        ("html", lambda feed: feed["body"].startswith("<div>") and feed["jobTitle"].startswith("<b>")),
        ("wrong_types", lambda feed: not feed["payFrom"].isdigit() and not feed["datePosted"].startswith("2026")),
        ("contradicting_dates", lambda feed: feed["closingDate"] < feed["datePosted"] <= AS_OF),
        ("unknown_currency", lambda feed: feed["payCurrency"] in ("XXX", "credits", "??", "gold")),
        ("blanks", lambda feed: sum(value in ("NA", "N/A", "", " ", "-", "null") for value in feed.values()) >= 1),
    ],
)
def test_a_mess_shows_in_the_row(postings, messes, mess, shown):
    rows = [feed for feed, kind in zip(postings, messes, strict=True) if kind == mess]
    assert rows
    wrong = [feed["jobRef"] for feed in rows if not shown(feed)]
    assert len(wrong) <= (len(rows) // 4 if mess == "blanks" else 0)  # blanks may all be "n/a" or "None"


def test_a_copy_says_what_its_original_says(postings, messes):
    for row, mess in enumerate(messes):
        truth = posting_truth(WORLD, row)
        if mess in ("repost", "near_duplicate"):
            original = postings[int(truth["copy_of"][3:])]
            same = ("employer", "town", "state") if mess == "near_duplicate" else ("employer", "town", "state", "body")
            assert [postings[row][key] for key in same] == [original[key] for key in same]
            assert truth["occupation"] == posting_truth(WORLD, int(truth["copy_of"][3:]))["occupation"]
            assert shingle_similarity(postings[row]["body"], original["body"]) > 0.8
        else:
            assert truth["copy_of"] is None


def shingle_similarity(left, right):
    one, two = (
        {tuple(words[at : at + 3]) for at in range(len(words) - 2)}
        for words in (left.lower().split(), right.lower().split())
    )
    return len(one & two) / len(one | two)


def test_members_seldom_use_the_exact_title_of_a_posting_of_their_work(postings, members):
    advertised = {}
    for row, feed in enumerate(postings):
        advertised.setdefault(posting_truth(WORLD, row)["occupation"], []).append((feed["jobTitle"] or "").lower())
    shares = []
    for row, feed in enumerate(members):
        own = {held["role"].lower() for held in feed["positions"] or []} | {
            title.lower() for title in feed["lookingFor"] or []
        }
        titles = advertised[member_facts(WORLD, row).occupation.id]
        shares.append(sum(title in own for title in titles) / len(titles))
    assert 0 < sum(shares) / len(shares) < 0.1


def test_positions_follow_each_other_back_in_time(members):
    for row, feed in enumerate(members):
        held = feed["positions"] or []
        if member_facts(WORLD, row).mess != "future_experience":
            assert all(later["fromDate"] >= earlier["toDate"] for later, earlier in pairwise(held))
            assert all(each["fromDate"] <= (each["toDate"] or AS_OF) <= AS_OF for each in held)


def test_a_repeated_id_is_an_export_of_the_same_person():
    repeated = [row for row in range(WORLD.members) if member_facts(WORLD, row).mess == "duplicate_id"]
    assert repeated
    for row in repeated:
        copy, original = member_feed(WORLD, row), member_feed(WORLD, member_facts(WORLD, row).written_from)
        assert (copy["profileId"], copy["positions"]) == (original["profileId"], original["positions"])


def test_interactions_are_with_existing_open_postings_before_the_sample_day(postings):
    known = {feed["jobRef"]: feed for feed in postings}
    ids = {member_facts(WORLD, row).member_id for row in range(WORLD.members)}
    done = [feed for row in range(1000) if (feed := interaction_feed(WORLD, row))]
    assert len(done) > 950
    assert all(feed["profileId"] in ids for feed in done)
    assert all(known[feed["jobRef"]]["datePosted"] <= feed["at"] < AS_OF for feed in done)
    assert {feed["event"] for feed in done} == {"view", "apply", "dismiss"}


def test_interactions_are_mostly_with_postings_of_the_members_own_work():
    same = []
    for row in range(1000):
        if feed := interaction_feed(WORLD, row):
            posting, member = int(feed["jobRef"][3:]), int(feed["profileId"][2:])
            same.append(posting_facts(WORLD, posting).occupation is member_facts(WORLD, member).occupation)
    assert abs(sum(same) / len(same) - 0.75) < 0.08


def test_a_few_employers_are_large_and_many_are_small(postings):
    sizes = Counter(feed["employer"] for feed in postings)
    assert len(sizes) > 1000
    assert max(sizes.values()) > 20
    assert sum(size == 1 for size in sizes.values()) > len(sizes) / 3


def test_there_are_eight_countries_and_every_region_has_postings(postings):
    assert len(REGIONS) >= 8
    assert {region.name for regions in REGIONS.values() for region in regions} <= {feed["state"] for feed in postings}
