"""Constrained lists beside brute force over all orders and beside DetConstSort as its paper writes it."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.fairness.constrained import UNKNOWN, Weighed, constrained_order, cost_of, owed, shares_of, weigh

TARGETS = ([0.5, 0.5], [0.3, 0.7], [0.25, 0.34], [0.8, 0.0])
CASES = [
    (list(groups), targets) for n in (1, 4, 5) for groups in product((0, 1, UNKNOWN), repeat=n) for targets in TARGETS
]


def feasible(groups, targets):
    """Whether every first k hold floor(share * k) of each group, or all there are."""
    return all(
        groups[:k].count(g) >= min(math.floor(share * k + 1e-9), groups.count(g))
        for k in range(1, len(groups) + 1)
        for g, share in enumerate(targets)
    )


def dcg(scores):
    return sum(score / math.log2(place + 2) for place, score in enumerate(scores))


def det_const_sort(groups, targets):
    """Algorithm 3 with places counted from 0, then all who are owed nothing; positions of the list."""
    n, counts, least, order, due = len(groups), [0, 0], [0, 0], [], []
    by_group = [[i for i in range(n) if groups[i] == g] for g in (0, 1)]

    def take(position, last):
        order.append(position)
        due.append(last)
        start = len(order) - 1
        while start > 0 and due[start - 1] > start and order[start - 1] > order[start]:
            for one in (order, due):
                one[start - 1], one[start] = one[start], one[start - 1]
            start -= 1

    for k in range(1, n + 1):
        now = [min(math.floor(share * k + 1e-9), len(by_group[g])) for g, share in enumerate(targets)]
        for g in sorted((g for g in (0, 1) if now[g] > least[g]), key=lambda g: by_group[g][counts[g]]):
            take(by_group[g][counts[g]], k)
            counts[g] += 1
        least = now
    for position in sorted(set(range(n)) - set(order)):
        take(position, n)
    return order


def test_no_order_within_the_constraints_loses_less_and_det_const_sort_sometimes_loses_more():
    scores = np.array([0.97, 0.9, 0.62, 0.6, 0.31])
    worse = 0
    for groups, targets in CASES:
        orders = permutations(range(len(groups)))
        best = max(dcg(scores[list(one)]) for one in orders if feasible([groups[i] for i in one], targets))
        order = constrained_order(np.array(groups), np.array(targets)).tolist()
        paper = det_const_sort(groups, targets)
        assert feasible([groups[i] for i in order], targets)
        assert feasible([groups[i] for i in paper], targets)
        assert dcg(scores[order]) == pytest.approx(best)
        worse += dcg(scores[paper]) < best - 1e-12
    assert 0 < worse < len(CASES) / 10


@given(st.lists(st.integers(UNKNOWN, 3), min_size=1, max_size=60), st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_every_first_k_has_what_is_owed_and_groups_keep_their_own_order(groups, weights):
    held = np.array(groups)
    for targets in (shares_of(held, 4), np.array(weights) / max(sum(weights), 1)):
        order = constrained_order(held, targets)
        assert sorted(order.tolist()) == list(range(len(groups)))
        assert feasible(held[order].tolist(), targets.tolist())
        for group in range(UNKNOWN, 4):
            assert (np.diff(order[held[order] == group]) > 0).all()


@given(st.lists(st.integers(UNKNOWN, 2), min_size=1, max_size=40))
def test_a_list_that_owes_nothing_or_keeps_to_it_stays_as_it_is(groups):
    held = np.array(groups)
    unmoved = np.arange(len(held)).tolist()
    assert constrained_order(held, np.zeros(3)).tolist() == unmoved
    once = held[constrained_order(held, shares_of(held, 3))]
    assert constrained_order(once, shares_of(once, 3)).tolist() == unmoved


def test_nobody_whose_group_is_unknown_moves_up_past_whom_more_is_owed():
    assert constrained_order(np.array([0, UNKNOWN, 0, 0, 1]), np.array([0.0, 0.5])).tolist() == [0, 4, 1, 2, 3]


@pytest.mark.parametrize("targets", [[0.6, 0.5], [-0.1, 0.5]])
def test_shares_that_cannot_be_kept_are_refused(targets):
    with pytest.raises(ValueError, match="sum to at most 1"):
        constrained_order(np.array([0, 1]), np.array(targets))


def test_shares_that_floats_cannot_hold_are_owed_in_full():
    assert owed(np.array([0.29, 0.7]), 100).tolist() == [29, 70]  # 0.29 * 100 is 28.999999999999996
    groups = np.array([0] * 90 + [1] * 10)
    assert groups[constrained_order(groups, shares_of(groups, 2))].tolist() == ([0] * 9 + [1]) * 10


def test_the_cost_of_a_list_is_arithmetic():
    scores, groups = np.array([0.9, 0.8, 0.4, 0.2]), np.array([0, 0, 1, 1])  # reordered: 0.9, 0.4, 0.8, 0.2
    weighed = weigh(scores, groups, np.array([0.5, 0.5]), [2, 10])
    d = [1, 1 / math.log2(3), 0.5, 1 / math.log2(5)]
    assert (weighed.lists, weighed.moved) == (1, 1)
    assert weighed.ndcg[0].tolist() == [1, 1]
    assert weighed.ndcg[1] == pytest.approx(
        [
            (0.9 + 0.4 * d[1]) / (0.9 + 0.8 * d[1]),
            (0.9 + 0.4 * d[1] + 0.8 * d[2] + 0.2 * d[3]) / (0.9 + 0.8 * d[1] + 0.4 * d[2] + 0.2 * d[3]),
        ]
    )
    assert weighed.lacking.tolist() == [[0.5, 0.25], [0, 0]]  # at 2 places one of each is owed
    assert weighed.got.tolist() == [[[2, 0], [2, 2]], [[1, 1], [2, 2]]]
    assert weighed.target.tolist() == [[1, 1], [2, 2]]
    third = 2 / 3 * math.log(4 / 3) + 1 / 3 * math.log(2 / 3)
    whole = [
        (math.log(2) * (d[0] + d[1]) + third * d[2]) / sum(d),
        (math.log(2) * d[0] + third * d[2]) / sum(d),
    ]
    assert weighed.ndkl[:, 1] == pytest.approx(whole)
    twice = Weighed.of(2 * weighed.flat(), 2, 2)
    assert (twice.lists, twice.moved, twice.got.tolist()) == (2, 2, (2 * weighed.got).tolist())
    assert [cost.k for cost in cost_of(twice, [2, 10])] == [2, 10]
    [first, last] = cost_of(twice, [2, 10])
    assert (first.lists, first.moved, first.lacking, last.lacking) == (2, 1.0, (0.5, 0.0), (0.25, 0.0))
    assert first.ndcg == (1.0, weighed.ndcg[1, 0])
    assert (first.min_skew, first.max_skew) == ((-math.inf, 0.0), (math.log(2), 0.0))
    assert (last.min_skew, last.max_skew) == ((0.0, 0.0), (0.0, 0.0))


def test_whoever_is_owed_no_share_makes_up_the_rest():
    weighed = weigh(np.ones(4), np.array([UNKNOWN, 0, UNKNOWN, 0]), np.array([0.5]), [2, 4])
    assert weighed.moved == 0
    assert weighed.ndkl[0, 0] == pytest.approx(math.log(2) / (1 + 1 / math.log2(3)))  # one of either: 0 at the second
