"""Who finds too little is searched for again with a wish relaxed: brute force says the same, step by step."""

import numpy as np
import pytest

from pipelines.retrieval.config import RelaxationConfig, RetrievalConfig
from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.precision import BFLOAT16, prepare_worker
from pipelines.retrieval.relaxation import search_by_steps
from pipelines.retrieval.shards import Index
from schemas.rules import RELAXATIONS
from tests.searched_world import brute_force, make_members, make_postings, may_take, sharded, together

K, ENOUGH = 8, 6


@pytest.fixture(scope="module")
def world():
    """Few postings of any region and very few of one country, so that many members find few."""
    rng = np.random.default_rng(11)
    postings = [
        one
        | {"country": one["country"] or ("FR" if row > 8 else "IT"), "region": f"{one['region'] or 'north'} {row % 5}"}
        for row, one in enumerate(make_postings(rng, 150, 30))
    ]
    members = make_members(rng, 80, postings)
    for row, member in enumerate(members):
        if row % 8:
            member["places"] = frozenset([("DE" if row % 4 else "IT", f"{['north', 'south'][row % 2]} {row % 5}")])
    return members, postings


def by_step(member, posting, step):
    """Whether the member may take the posting by that step, whatever was asked for."""
    anywhere = {**member, "places": frozenset()}
    if step == "next_region":
        return posting["country"] in {country for country, _ in member["places"]} and may_take(anywhere, posting)
    return posting["mode"] == "remote" and may_take(anywhere, posting)


def expected(member, postings, steps):
    """(step, posting id, similarity), in the order of the ladder."""
    found = [(None, *one) for one in brute_force(member, postings, K)]
    left = [posting for posting in postings if not may_take(member, posting)]
    for step in steps if member["places"] else ():
        if len(found) >= ENOUGH:
            break
        reached = [posting for posting in left if by_step(member, posting, step)]
        anyone = {**member, "places": frozenset()}
        found += [(step, *one) for one in brute_force(anyone, reached, K)]
        left = [posting for posting in left if not by_step(member, posting, step)]
    return found


def searched(members, postings, steps, shards=1, effort=None):
    prepare_worker()
    index = Index([sharded(postings[start::shards]) for start in range(shards)])
    asked = together(members)
    strict = postings_for(asked, index, (), {} if effort is None else dict.fromkeys(asked.cohorts, effort))
    ladder = {"steps": steps, "enough": ENOUGH, "k": K, "precision": BFLOAT16}
    lists = [[] for _ in members]
    for step, found in search_by_steps(strict, asked.cohorts, index, index.cells, **ladder):
        ids = index.ids(found.row).to_pylist()
        for member, posting_id, similarity in zip(found.query, ids, found.similarity, strict=True):
            lists[member].append((step, posting_id.encode(), similarity))
    return lists


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("steps", [RELAXATIONS, RELAXATIONS[::-1], RELAXATIONS[:1], ()])
def test_each_step_is_brute_force_over_what_it_adds_for_those_who_have_too_few(world, steps, shards):
    members, postings = world
    right = [expected(member, postings, steps) for member in members]
    assert searched(members, postings, steps, shards) == right
    relaxed = [{step for step, *_ in one if step} for one in right]
    assert {step for one in relaxed for step in one} == set(steps)
    assert not steps or 0 < sum(map(bool, relaxed)) < len(members)
    assert steps != RELAXATIONS or any(len(one) == 2 for one in relaxed)


def test_members_who_are_searched_fast_get_the_same_relaxed_postings(world):
    members, postings = world
    assert searched(members, postings, RELAXATIONS, effort=1000.0) == searched(members, postings, RELAXATIONS)


def test_a_member_who_named_no_place_has_nothing_to_relax(world):
    members, postings = world
    nowhere = [{**member, "places": frozenset()} for member in members]
    few = postings[:ENOUGH]
    assert all(step is None for one in searched(nowhere, few, RELAXATIONS) for step, *_ in one)


@pytest.mark.parametrize(
    ("steps", "least", "problem"),
    [(["next_region", "next_region"], 5, "names a step twice"), (["next_region"], 6, r"\(6\) is above .* \(5\)")],
)
def test_a_ladder_that_contradicts_itself_is_refused(steps, least, problem):
    given = {
        "matches_per_member": 5, "popular_per_member": 0, "popular_postings": 10,
            "members_per_posting": 0, "block_members": 64, "task_members": 16,
        "shard_postings": 100, "max_stale_share": 0.2, "first_pass": "auto", "cache_folder": "",
        "cluster_postings": 20, "fast_min_postings": 100, "fast_efforts": [2.0], "recall_members": 20,
        "funnel_members": 20,
    }  # fmt: skip
    assert RetrievalConfig(**given, relaxation=RelaxationConfig(steps=["next_region"], min_postings=5))
    with pytest.raises(ValueError, match=problem):
        RetrievalConfig(**given, relaxation=RelaxationConfig(steps=steps, min_postings=least))
