"""Lists are the best within their caps, as varied as was asked for, and lots are fair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ranking.lists import NOTHING, Cap, Chosen, Lots, Variety, choose, ranked, uniform, with_lots


def world(seed, members=20, width=12):
    rng = np.random.default_rng(seed)
    worth = rng.integers(0, 8, (members, width)) / 8  # many are equal
    worth[np.arange(width)[None, :] >= rng.integers(0, width + 1, members)[:, None]] = -np.inf
    kinds = rng.integers(0, 4, (2, members, width))
    vectors = rng.normal(size=(members, width, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    return worth, rng.random((members, width)) < 0.2, kinds, vectors @ vectors.transpose(0, 2, 1)


def by_hand(worth, beyond, kinds, most, count, likeness=None, share=0.0):
    """One member's list, one place after the other, in plain words."""
    left = [one for one in range(len(worth)) if np.isfinite(worth[one])]
    low, high = (min(worth[left]), max(worth[left])) if left else (0, 0)
    listed = []
    while left and len(listed) < count:

        def tier(one):
            capped = any(
                kind[one] != 0 and sum(kind[other] == kind[one] for other in listed) >= cap
                for kind, cap in zip(kinds, most, strict=True)
            )
            return 2 * bool(beyond[one]) + capped

        def value(one):
            if likeness is None:
                return worth[one]
            own = (worth[one] - low) / (high - low) if high > low else 0.0
            nearest = max([0.0, *(float(likeness[one, other]) for other in listed)])
            return (1 - share) * own - share * nearest

        best = min(left, key=lambda one: (tier(one), -value(one), one))
        listed.append(best)
        left.remove(best)
    return listed


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    caps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    count=st.integers(1, 15),
    share=st.sampled_from([None, 0.0, 0.3, 1.0]),
)
def test_a_list_is_chosen_place_by_place(seed, caps, count, share):
    worth, beyond, kinds, likeness = world(seed)
    variety = None if share is None else Variety(likeness, share)
    chosen = choose(worth, beyond, [Cap(kind, most) for kind, most in zip(kinds, caps, strict=True)], count, variety)
    for member, row in enumerate(chosen.match):
        given = None if share is None else likeness[member]
        expected = by_hand(worth[member], beyond[member], kinds[:, member], caps, count, given, share or 0.0)
        assert row[row != NOTHING].tolist() == expected
        assert (row[len(expected) :] == NOTHING).all()
        assert (np.diff(chosen.tier[member]) >= 0).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 10))
def test_without_caps_variety_and_lots_a_list_is_the_plain_order(seed, k):
    worth, *_ = world(seed)
    chosen = choose(worth, np.zeros(worth.shape, dtype=bool), [], k)
    lists = with_lots(
        ranked(chosen, worth, k), chosen.match[:, k:], np.arange(20), np.zeros(worth.shape, int), Lots(0.0, 1)
    )
    for row, values in zip(lists.match, worth, strict=True):
        plain = sorted(np.flatnonzero(np.isfinite(values)).tolist(), key=lambda one: (-values[one], one))[:k]
        assert row[row != NOTHING].tolist() == plain
    assert not lists.by_lot.any()
    assert (lists.propensity == 1).all()


def test_unlike_postings_come_before_their_like_and_no_share_is_the_order_of_worth():
    worth, like = np.array([[0.9, 0.8, 0.5]]), np.array([[[1, 0.99, 0], [0.99, 1, 0], [0, 0, 1]]], dtype=np.float32)
    none = np.zeros((1, 3), dtype=bool)
    assert choose(worth, none, [], 2, Variety(like, 0.6)).match.tolist() == [[0, 2]]
    assert choose(worth, none, [], 2, Variety(like, 0.0)).match.tolist() == [[0, 1]]


def test_what_was_chosen_stands_in_the_order_of_standing_within_its_tier():
    chosen = Chosen(np.array([[2, 0, 1, 3]]), np.array([[0, 0, 0, 1]]))
    assert ranked(chosen, np.array([[0.5, 0.5, 0.1, 0.9]]), 4).tolist() == [[0, 1, 2, 3]]
    assert ranked(chosen, np.array([[0.5, 0.6, 0.1, 0.9]]), 2).tolist() == [[0, 2]]


LISTED, OTHERS = np.arange(5), np.array([5, 6, 7, 8, NOTHING])


def drawn(members, lots, listed=LISTED, others=OTHERS):
    keys = np.tile(np.arange(9) * 1_000_003, (members, 1))
    seeds = np.random.default_rng(1).integers(-(2**62), 2**62, members)
    return with_lots(np.tile(listed, (members, 1)), np.tile(others, (members, 1)), seeds, keys, lots)


def test_every_place_has_the_match_of_its_propensity():
    """Of 200,000 lists, how often each match came to each place, against what is logged; 5 standard errors."""
    members, share = 200_000, 0.25
    lists = drawn(members, Lots(share, 3))
    assert (lists.match[:, :2] == [0, 1]).all()
    assert (lists.propensity[:, :2] == 1).all()
    error = 5 * np.sqrt(0.25 / members)
    for place in (2, 3, 4):
        for match in (place, 5, 6, 7, 8):
            there = lists.match[:, place] == match
            logged = np.unique(lists.propensity[there, place])
            assert logged.tolist() == [1 - share if match == place else share / 4]
            assert there.mean() == pytest.approx(logged[0], abs=error)
            assert (lists.by_lot[there, place] == (match != place)).all()
    assert all(len(set(row)) == 5 for row in lists.match[:1000].tolist())


def test_lots_of_different_places_are_apart():
    lists = drawn(200_000, Lots(0.5, 3))
    both = (lists.by_lot[:, 2] & lists.by_lot[:, 4]).mean()
    assert both == pytest.approx(0.25, abs=0.006)
    twice = lists.by_lot[:, 2] & lists.by_lot[:, 3]
    pairs = np.unique(lists.match[twice][:, [2, 3]], axis=0, return_counts=True)[1]
    assert len(pairs) == 12  # ordered pairs of four
    assert pairs / twice.sum() == pytest.approx(1 / 12, abs=0.006)


@pytest.mark.parametrize(
    ("listed", "others"),
    [(np.array([0, 1, 2, 3, NOTHING]), OTHERS), (LISTED, np.array([5, 6, NOTHING, NOTHING, NOTHING]))],
    ids=["a short list", "fewer others than places"],
)
def test_a_list_that_cannot_be_drawn_for_is_left_as_it_is(listed, others):
    lists = drawn(50, Lots(0.9, 3), listed, others)
    assert (lists.match == listed).all()
    assert not lists.by_lot.any()
    assert (lists.propensity == 1).all()


def test_draws_are_even_and_differ_by_seed_and_key():
    draws = uniform(np.arange(-500, 500)[:, None], np.arange(1000)[None, :])
    assert len(np.unique(draws)) == draws.size
    counts = np.histogram(draws, 100, (0, 1))[0]
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 170  # chi-squared of 99 degrees, p below 1 in 100,000
