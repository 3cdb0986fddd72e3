"""The funnel counts what brute force counts, pair by pair and rule by rule."""

import numpy as np
import pytest

from pipelines.quality.eligibility import SUITS
from pipelines.retrieval.eligibility import cell_rules, pair_rules
from pipelines.retrieval.funnel import Counted, count_cell_rules, count_pair_rules, funnel
from pipelines.retrieval.shards import Index
from schemas.rules import HARD_RULES, WISHES
from tests.searched_world import make_members, make_postings, may_take, sharded, together

UNASKED = {"places": frozenset(), "modes": frozenset(), "languages": frozenset(), "companies": [], "applied": []} | {
    "years": float("nan"),
    "min_salary": float("nan"),
}
ASKED = {  # what a rule looks at, of the rules that the small world has
    "place": ["places"],
    "work_mode": ["modes"],
    "employment_type": [],
    "language": ["languages"],
    "experience": ["years"],
    "salary": ["min_salary"],
    "company": ["companies"],
    "applied_or_dismissed": ["applied"],
}


def brute_force(members, postings):
    """(before, removed, without) of each rule, with the rules of the small world taken one at a time."""
    left = [list(postings) for _ in members]
    steps = []
    for rule in HARD_RULES:
        before = sum(len(one) for one in left)
        for place, member in enumerate(members):
            alone = {**member, **UNASKED, **{name: member[name] for name in ASKED[rule.name]}}
            left[place] = [posting for posting in left[place] if may_take(alone, posting)]
        after = sum(len(one) for one in left)
        steps.append((before, before - after, sum(not one for one in left)))
    return steps


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(3)
    postings = [one | {"country": one["country"] or "FR"} for one in make_postings(rng, 200, 50)]
    members = make_members(rng, 60, postings)
    for member in members[:4]:
        member["places"] = frozenset([("XX", "")])  # nowhere
    members[5]["companies"] = [0, 1, 2, 3]  # all there are
    return members, postings


def counted(members, postings, shards, sample, gone=()):
    index = Index([sharded(postings[start::shards]) for start in range(shards)])
    if len(gone):
        ids = np.array(index.ids(np.arange(len(postings))).to_pylist())
        index._gone = np.isin(ids, [one.decode() for one in gone])
    asked = together(members)
    sizes = np.bincount(asked.cohort).tolist()
    everybody = count_cell_rules(asked.cohorts, sizes, index)
    drawn = together([members[place] for place in sample])
    seen = count_cell_rules(drawn.cohorts, np.bincount(drawn.cohort).tolist(), index)
    seen += count_pair_rules(drawn.terms, drawn.cohorts, drawn.cohort, index)
    return funnel(everybody, seen, members=len(members), sampled=len(sample))


def numbers(steps):
    return [(step.counted.before, step.counted.removed, step.counted.without) for step in steps]


@pytest.mark.parametrize("shards", [1, 3])
def test_where_all_are_in_the_sample_every_number_is_that_of_brute_force(world, shards):
    members, postings = world
    steps = counted(members, postings, shards, range(len(members)))
    expected = brute_force(members, postings)
    assert numbers(steps) == expected
    assert {step.members for step in steps} == {60}
    assert sum(removed > 0 for _, removed, _ in expected) == 7  # all but the employment type, which nobody asks for
    assert [without for _, _, without in expected] == [4] * 6 + [5] * 2


def test_a_posting_that_is_gone_is_counted_nowhere(world):
    members, postings = world
    gone = {posting["id"] for posting in postings[::7]}
    kept = [posting for posting in postings if posting["id"] not in gone]
    assert numbers(counted(members, postings, 2, range(60), list(gone))) == brute_force(members, kept)


def test_on_a_sample_partitioning_rules_stay_exact_and_the_others_are_near(world):
    members, postings = world
    expected = brute_force(members, postings)
    steps = counted(members, postings, 1, range(0, 60, 2))
    assert numbers(steps)[:4] == expected[:4]
    assert [step.members for step in steps] == [60] * 4 + [30] * 4
    for (before, removed, without), step, after in zip(expected, steps, steps[1:], strict=False):
        assert step.counted.before == pytest.approx(before, rel=0.2)
        assert step.counted.removed == pytest.approx(removed, rel=0.5, abs=0.02 * before)
        assert step.counted.without == pytest.approx(without, abs=5)
        assert after.counted.before == step.counted.before - step.counted.removed


def test_nobody_in_the_sample_takes_nothing_away():
    everybody = [Counted(rule.name, 10, 1, 0) for rule in HARD_RULES[:4]]
    steps = funnel(everybody, [], members=5, sampled=0)
    assert [(step.counted.removed, step.members) for step in steps] == [(1, 5)] * 4 + [(0, 0)] * 4


def test_shares_of_the_sample_are_taken_of_what_the_rules_before_left_to_everybody():
    everybody = [Counted(rule.name, 1000, 0, 60) for rule in HARD_RULES[:4]]  # of 100 members
    sample = [Counted(rule.name, 90, 0, 5) for rule in HARD_RULES[:4]]  # of 10
    sample += [Counted("experience", 90, 30, 7), Counted("salary", 60, 60, 10)]
    sample += [Counted(rule.name, 0, 0, 10) for rule in HARD_RULES[6:]]
    steps = funnel(everybody, sample, members=100, sampled=10)
    # a third of 1000; 2 of the 5 sampled members who had some, so 16 of 40; then all that is left
    assert numbers(steps)[4:] == [(1000, 333, 76), (667, 667, 100), (0, 0, 100), (0, 0, 100)]


def test_search_gate_and_declaration_name_the_same_rules_in_the_same_order(world):
    members, postings = world
    asked, index = together(members), Index([sharded(postings)])
    named = [name for name, _ in cell_rules(asked.cohorts[0], index.cells)]
    one = np.zeros(1, dtype=np.int64)
    named += [name for name, _ in pair_rules(asked.terms, one, index.terms(one))]
    assert named == [rule.name for rule in HARD_RULES]
    assert tuple(SUITS) == WISHES == tuple(named[: len(WISHES)])
