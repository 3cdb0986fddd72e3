"""What the fast search is said to find is what it finds."""

import numpy as np
import pytest

from pipelines.retrieval.precision import BFLOAT16, prepare_worker
from pipelines.retrieval.recall import Recall, compare, enough
from pipelines.retrieval.shards import Index
from tests.searched_world import brute_force, make_members, make_postings, searched, sharded, together


def scattered(seed):
    """Postings whose clusters say nothing about their vectors, so that little effort misses many."""
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, 800, 800)
    for row, posting in enumerate(postings):
        posting |= {"place": row % 40, "country": "DE", "region": "north", "mode": "", "languages": ""}
    return postings, make_members(rng, 60, postings)


def test_recall_is_the_share_of_brute_force_that_is_found_mean_over_members():
    postings, members = scattered(1)
    prepare_worker()
    asked, effort = together(members), 1.0
    names = [str(place) for place in range(len(asked.cohorts))]
    compared = compare(asked, names, Index([sharded(postings)]), k=10, precision=BFLOAT16, efforts=[effort])
    shares = {}
    found = searched(members, postings, 1, 10, effort=effort)
    for member, cohort, near in zip(members, asked.cohort, found, strict=True):
        wanted = {posting_id for posting_id, _ in brute_force(member, postings, 10)}
        if wanted:
            shares.setdefault(names[cohort], []).append(len(wanted & {one for one, _ in near}) / len(wanted))
    assert {one.cohort: (one.members, one.effort) for one in compared} == {
        name: (len(of_cohort), effort) for name, of_cohort in shares.items()
    }
    for one in compared:
        assert one.total == pytest.approx(sum(shares[one.cohort]))
        assert one.squares == pytest.approx(sum(share**2 for share in shares[one.cohort]))
    assert sum(one.total for one in compared) < 0.95 * sum(one.members for one in compared)  # or nothing is proved


def test_members_who_may_take_nothing_do_not_count():
    postings, members = scattered(2)
    for posting in postings:
        posting["country"] = "FR"
    for row, member in enumerate(members):
        member["places"] = frozenset([("DE", "") if row % 2 else ("FR", "")])
    asked = together(members)
    names = [str(place) for place in range(len(asked.cohorts))]
    compared = compare(asked, names, Index([sharded(postings)]), k=10, precision=BFLOAT16, efforts=[1e6])
    assert sum(one.members for one in compared) == 30
    assert sum(one.total for one in compared) == 30


def test_an_effort_is_enough_only_when_its_interval_is_above_the_floor():
    unsure = Recall("a", 2.0, members=50, total=49.75, squares=49.5625)  # 49 times 1 and 0.75: mean 0.995
    sure = Recall("a", 4.0, members=50, total=50.0, squares=50.0)
    assert unsure.low == pytest.approx(0.995 - 1.96 * 0.005)  # 0.25 / 50 is the standard error: 0.9852
    assert enough([unsure, sure], [2.0, 4.0], floor=0.99) == {"a": 4.0}
    assert enough([unsure], [2.0, 4.0], floor=0.99) == {}


def test_a_sample_of_few_members_is_never_enough():
    assert enough([Recall("a", 2.0, members=19, total=19.0, squares=19.0)], [2.0], floor=0.9) == {}
    assert enough([Recall("a", 2.0, members=20, total=20.0, squares=20.0)], [2.0], floor=0.9) == {"a": 2.0}


def test_parts_of_a_cohort_that_were_compared_by_several_tasks_count_together():
    halves = [Recall("a", 2.0, members=50, total=total, squares=total) for total in (50.0, 0.0)]
    assert enough(halves, [2.0], floor=0.4) == {"a": 2.0}  # mean 0.5, low end 0.5 - 1.96 * 0.0503
    assert enough(halves, [2.0], floor=0.41) == {}
