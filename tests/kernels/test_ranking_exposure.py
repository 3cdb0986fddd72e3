"""Attention is shared, at a cost that no member exceeds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipelines.ranking.exposure import lists_of_postings, moved, parts_paid, side_by_side

DISCOUNT = 1 / np.log2(np.arange(2, 100))


def world(seed, members=60, postings=30, each=12):
    """Everybody likes the first postings best."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, each + 1, size=members)
    chosen = [np.sort(rng.choice(postings, size=one, replace=False)) for one in lengths]
    scores = [0.9 - 0.01 * row + 0.05 * rng.random(len(row)) for row in chosen]
    return lengths, chosen, scores, side_by_side(lengths, np.concatenate(chosen), np.concatenate(scores), postings)


def shared(matched, postings, k, strength, max_loss, rounds=30):
    prices = np.zeros(postings)
    for turn in range(rounds):
        paid = parts_paid(matched, prices, k, max_loss)
        prices = moved(prices, lists_of_postings(matched, prices, paid, k), strength, turn)
    return prices, parts_paid(matched, prices, k, max_loss)


def by_hand(chosen, scores, prices, paid, k):
    """Each member's list, one member at a time."""
    lists = []
    for row, score, part in zip(chosen, scores, paid, strict=True):
        order = sorted(range(len(row)), key=lambda one: (-(score[one] - part * prices[row[one]]), row[one]))
        lists.append(sorted(order[:k], key=lambda one: -score[one]))
    return lists


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), k=st.integers(1, 6), max_loss=st.floats(0, 0.3), strength=st.floats(0.001, 1))
def test_no_member_loses_more_than_is_allowed_and_counts_are_those_of_the_lists(seed, k, max_loss, strength):
    _, chosen, scores, matched = world(seed)
    prices, paid = shared(matched, 30, k, strength, max_loss, rounds=8)
    lists = by_hand(chosen, scores, prices, paid, k)
    best = by_hand(chosen, scores, np.zeros(30), np.zeros(len(chosen)), k)
    counts = np.zeros(30, dtype=int)
    for row, score, mine, ideal in zip(chosen, scores, lists, best, strict=True):
        worth, most = (float(score[one] @ DISCOUNT[: len(one)]) for one in (mine, ideal))
        assert worth >= (1 - max_loss) * most - 1e-12
        assert len(mine) == min(k, len(row))
        counts[row[mine]] += 1
    np.testing.assert_array_equal(lists_of_postings(matched, prices, paid, k), counts)


def test_without_prices_lists_are_the_best_ones_and_equal_scores_go_by_number():
    matched = side_by_side(np.array([3, 2]), np.array([0, 1, 2, 1, 3]), np.array([0.5, 0.5, 0.9, 0.1, 0.1]), 4)
    lists = lists_of_postings(matched, np.zeros(4), np.ones(2), 2)
    assert lists.tolist() == [1, 1, 1, 1]
    assert lists_of_postings(matched, np.zeros(4), np.ones(2), 1).tolist() == [0, 1, 1, 0]


def test_sharing_evens_lists_out_and_more_strength_does_so_more():
    *_, matched = world(3, members=400)
    plain = lists_of_postings(matched, np.zeros(30), np.zeros(400), 4)
    spreads = [plain.std()]
    for strength in (0.05, 0.2, 0.5):
        prices, paid = shared(matched, 30, 4, strength, 1.0)
        lists = lists_of_postings(matched, prices, paid, 4)
        assert lists.sum() == plain.sum()
        spreads.append(lists.std())
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < spreads[0] / 2


def test_the_cost_is_near_the_least_that_so_even_lists_can_cost():
    """Against a linear program: the best total score under the ceiling that the prices reached."""
    _, chosen, scores, matched = world(5, members=80, postings=20)
    k, members = 3, 80
    prices, paid = shared(matched, 20, k, 0.05, 1.0, rounds=60)
    lists = by_hand(chosen, scores, prices, paid, k)
    got = sum(score[one].sum() for score, one in zip(scores, lists, strict=True))
    ceiling = int(lists_of_postings(matched, prices, paid, k).max())
    value, number, owner = (
        np.concatenate(scores),
        np.concatenate(chosen),
        np.repeat(np.arange(members), [*map(len, chosen)]),
    )
    rows = np.concatenate([owner, members + number])
    limits = np.concatenate([np.minimum(k, [len(one) for one in chosen]), np.full(20, ceiling)])
    matrix = np.zeros((members + 20, len(value)))
    matrix[rows, np.tile(np.arange(len(value)), 2)] = 1
    best = -linprog(-value, A_ub=matrix, b_ub=limits, bounds=(0, 1)).fun
    assert 0.985 * best <= got <= best + 1e-9


def test_the_same_world_gives_the_same_prices_in_any_order_of_members():
    lengths, chosen, scores, matched = world(9)
    order = np.random.default_rng(0).permutation(len(lengths))
    other = side_by_side(
        lengths[order],
        np.concatenate([chosen[one] for one in order]),
        np.concatenate([scores[one] for one in order]),
        30,
    )
    first, second = (shared(one, 30, 4, 0.05, 0.1)[0] for one in (matched, other))
    np.testing.assert_array_equal(first, second)
