"""A night's metrics, baselines, estimates and intervals against plain Python, scikit-learn and enumeration."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from pipelines.evaluation.baselines import Document
from pipelines.evaluation.contest import Logged, logged_figures, spread_figures
from pipelines.evaluation.metrics import accuracy
from pipelines.evaluation.night_figures import member_figures, member_rows
from pipelines.evaluation.night_summary import night_grids
from pipelines.evaluation.off_policy import off_policy
from pipelines.evaluation.popularity import Popularity
from pipelines.evaluation.variety import coverage, diversity, gini, novelty, rank_biased_overlap

POSTINGS = [f"p{i}" for i in range(6)]


def places(*names):
    return frozenset(names)


def documents(ids, where=frozenset()):
    return [Document(name, "", where) for name in ids]


@given(st.permutations(POSTINGS), st.sets(st.sampled_from(POSTINGS), min_size=1), st.integers(1, 6))
def test_accuracy_is_what_plain_python_and_scikit_learn_say(order, right, k):
    found = {name: values[0] for name, values in accuracy({"m": order}, {"m": right}, [k]).items()}
    hits = [posting in right for posting in order[:k]]
    by_sklearn = ndcg_score([[posting in right for posting in order]], [[-i for i in range(len(order))]], k=k)
    assert found == pytest.approx(
        {
            f"hit@{k}": float(any(hits)),
            f"precision@{k}": sum(hits) / k,
            f"recall@{k}": sum(hits) / len(right),
            f"ndcg@{k}": by_sklearn,
        }
    )


def test_a_shorter_cut_of_many_is_as_if_it_had_been_asked_for_alone():
    lists, relevant = {"m": POSTINGS, "n": ["p5"]}, {"m": {"p1", "p4", "x"}, "n": {"p5"}, "absent": {"p0"}}
    together = accuracy(lists, relevant, [5, 2])
    for k in (2, 5):
        for name, values in accuracy(lists, relevant, [k]).items():
            assert together[name].tolist() == values.tolist()


@given(
    st.lists(st.integers(0, 2), min_size=5, max_size=5),
    st.sets(st.sampled_from(POSTINGS[:5]), min_size=1),
    st.integers(1, 4),
)
def test_ties_at_random_are_the_mean_over_every_order_of_the_tied(counts, right, k):
    likes = dict(zip(POSTINGS, counts, strict=False))
    popularity = Popularity(documents(likes), likes, {}, local=False)
    found = popularity.expected_accuracy(documents(["m"]), {"m": right}, [k])
    orders = [sorted(order, key=lambda posting: -likes[posting]) for order in itertools.permutations(likes)]
    every = [accuracy({"m": order}, {"m": right}, [k]) for order in orders]
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {name: np.mean([one[name][0] for one in every]) for name in found}
    )


@given(
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.sets(st.sampled_from(POSTINGS)),
    st.integers(1, 6),
)
def test_popularity_leaves_the_members_own_out_and_breaks_ties_by_id(others, own, k):
    likes = {posting: count + (posting in own) for posting, count in zip(POSTINGS, others, strict=True)}
    shuffled = documents(reversed(POSTINGS))
    found = Popularity(shuffled, likes, {"m": own}, local=False).lists(documents(["m"]), k)
    plain = dict(zip(POSTINGS, others, strict=True))
    assert found == {"m": sorted(POSTINGS, key=lambda posting: (-plain[posting], posting))[:k]}


def test_local_popularity_sees_the_members_places_and_postings_without_one():
    here, there, nowhere = (
        Document("a", "", places("US/CA")),
        Document("b", "", places("US/NY")),
        Document("c", "", places()),
    )
    popularity = Popularity([here, there, nowhere], {"b": 9, "c": 2, "a": 1}, {}, local=True)
    assert popularity.lists([Document("m", "", places("US/CA"))], 3) == {"m": ["c", "a"]}
    assert popularity.lists([Document("m", "", places())], 3) == {"m": ["b", "c", "a"]}
    assert popularity.lists([Document("m", "", places("DE"))], 3) == {"m": ["c"]}


def test_novelty_counts_bits_and_what_nobody_knows_is_the_newest():
    found = novelty({"m": ["x", "y"]}, ["m"], {"x": 3}, likers=7, k=2)
    assert found.tolist() == [(-math.log2(4 / 8) - math.log2(1 / 8)) / 2]


def test_diversity_is_the_mean_over_all_pairs():
    drawn = np.random.default_rng(3).normal(size=(7, 5))
    vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    rows = {f"p{i}": i for i in range(7)}
    shown = ["p6", "p2", "closed", "p0", "p4"]
    [found, single] = diversity({"m": shown, "n": ["p1"]}, ["m", "n"], rows, vectors, k=5)
    known = [rows[posting] for posting in shown if posting in rows]
    pairs = [1 - float(vectors[i] @ vectors[j]) for i, j in itertools.combinations(known, 2)]
    assert found == pytest.approx(np.mean(pairs), abs=1e-6)
    assert math.isnan(single)


def test_overlap_of_equal_lists_is_1_of_strangers_0_and_of_uneven_ones_as_in_the_paper():
    assert rank_biased_overlap(POSTINGS, POSTINGS, 0.9) == pytest.approx(1, abs=1e-12)
    assert rank_biased_overlap(POSTINGS[:3], POSTINGS[:5], 0.9) == pytest.approx(1, abs=1e-12)
    assert rank_biased_overlap(["a", "b"], ["c", "d"], 0.9) == 0
    # agreement 1, 1/2, 2/3 at places 1 to 3, and 2/3 beyond: by summing the series itself
    series = [1, 1 / 2, 2 / 3] + [2 / 3] * 2000
    expected = 0.1 * sum(agreement * 0.9**d for d, agreement in enumerate(series))
    assert rank_biased_overlap(["a", "b", "c"], ["a", "d", "b"], 0.9) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any))
def test_gini_is_half_the_relative_mean_difference_and_coverage_the_share_shown(shown):
    exposures, postings = np.unique(shown, return_counts=True)
    apart = np.mean([abs(a - b) for a in shown for b in shown])
    assert gini(exposures[::-1], postings[::-1]) == pytest.approx(apart / (2 * np.mean(shown)), abs=1e-12)
    assert coverage(exposures, postings) == pytest.approx(np.mean([x > 0 for x in shown]))


def test_spread_counts_open_postings_among_the_first_k_of_the_asked_alone():
    lists = {"m": ["a", "closed", "b"], "n": ["a", "c"], "unasked": ["d"]}
    found = spread_figures("x", lists, {"m": {"a"}, "n": {"a"}}, {"a", "b", "c", "d"}, k=2)
    figures = {figure.name: figure.value for figure in found}
    # exposures 2, 1, 0, 0: the ordered differences sum to 14, over 16 pairs and twice the mean of 3/4
    assert figures == pytest.approx({"coverage@2": 2 / 4, "gini@2": 14 / 16 / 1.5})


def logging_policy(seed, n):
    """Two postings for a place, drawn by lot; the second is right six times in ten, the first three times."""
    draws = np.random.default_rng(seed)
    propensity = np.array([0.8, 0.2])
    shown = draws.choice(2, size=n, p=propensity)
    rewards = (draws.random(n) < np.array([0.3, 0.6])[shown]).astype(np.float64)
    return rewards, propensity[shown], shown


def test_an_estimate_from_logged_lots_is_the_targets_true_value_within_its_interval():
    inside = {"ips": 0, "snips": 0}
    for seed in range(60):
        rewards, propensities, shown = logging_policy(seed, 1000)
        target = (shown == 1).astype(np.float64)  # always shows the second, which brings 0.6
        found = off_policy(rewards, propensities, target, np.arange(1000) // 2, clip=100, resamples=300, seed=1)
        inside["ips"] += found.ips.low <= 0.6 <= found.ips.high
        inside["snips"] += found.snips.low <= 0.6 <= found.snips.high
        assert found.effective_places == pytest.approx(target.sum())  # equal weights
        assert found.snips.high - found.snips.low < found.ips.high - found.ips.low
    assert all(count >= 52 for count in inside.values()), inside  # 57 expected


def test_a_clipped_weight_lowers_the_estimate_and_nothing_logged_leaves_no_ratio():
    rewards, propensities, owners = np.array([1.0, 1.0]), np.array([0.1, 1.0]), np.array([0, 1])
    whole = off_policy(rewards, propensities, np.ones(2), owners, clip=100, resamples=9, seed=0)
    clipped = off_policy(rewards, propensities, np.ones(2), owners, clip=4, resamples=9, seed=0)
    assert (whole.ips.value, clipped.ips.value) == ((10 + 1) / 2, (4 + 1) / 2)
    assert whole.effective_places == pytest.approx(11**2 / (100 + 1))
    unseen = off_policy(rewards, propensities, np.zeros(2), owners, clip=100, resamples=9, seed=0)
    assert (unseen.ips.value, unseen.snips, unseen.effective_places) == (0.0, None, 0.0)


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.5])
def test_a_propensity_that_is_none_is_refused(propensity):
    one = np.ones(1)
    with pytest.raises(ValueError, match="propensities"):
        off_policy(one, one * propensity, one, np.zeros(1, dtype=np.int64), clip=9, resamples=9, seed=0)


def test_a_logged_place_counts_for_a_method_that_puts_the_same_posting_at_the_same_place():
    logged = [Logged("m", 1, "a", 1.0), Logged("m", 2, "b", 0.5), Logged("n", 1, "a", 0.25), Logged("n", 2, "c", 0.5)]
    lists = {"m": ["b", "a"], "n": ["a", "c", "d"]}
    relevant = {"n": {"a"}, "m": {"b"}}
    figures = {one.name: one.value for one in logged_figures("x", lists, logged, relevant, clip=100)}
    assert figures["ips"] == 4 / 4  # n's a, once in four lists: weight 4; n's c was wrong
    assert figures["snips"] == pytest.approx(4 / (4 + 2))
    assert figures["logged places"] == 4


def test_a_lead_is_the_difference_on_the_same_members_and_its_interval_is_a_paired_one():
    draws = np.random.default_rng(0)
    base = draws.random(300)
    better = base + 0.05 + draws.normal(0, 0.02, 300)
    found = member_figures({"ours": {"x": better}, "theirs": {"x": base}}, {"all": np.arange(300)})
    by_name = {(one.method, one.against): one for one in found}
    lead = by_name["ours", "theirs"]
    assert lead.value == pytest.approx(by_name["ours", None].value - by_name["theirs", None].value)
    spread = (better - base).std() / math.sqrt(300)
    assert (lead.low, lead.high) == pytest.approx(
        (lead.value - 1.96 * spread, lead.value + 1.96 * spread), abs=spread / 4
    )
    apart = base.std() / math.sqrt(300)
    assert by_name["theirs", None].high - by_name["theirs", None].low == pytest.approx(2 * 1.96 * apart, rel=0.1)
    assert lead.high - lead.low < 0.2 * (by_name["ours", None].high - by_name["ours", None].low)


def test_what_is_not_defined_for_a_member_is_left_out_of_the_mean_and_of_the_count():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    [figure] = member_figures({"ours": {"x": values}}, {"all": np.arange(4)})
    assert (figure.value, figure.members) == (2.0, 2)
    assert 1 <= figure.low <= figure.high <= 3
    assert member_figures({"ours": {"x": values * np.nan}}, {"all": np.arange(4)}) == []


def test_a_slice_is_told_from_the_minimum_on():
    members = [f"m{i}" for i in range(5)]
    slices = {"m0": ["three"], "m1": ["three", "two"], "m4": ["two", "three"], "stranger": ["two"]}
    found = member_rows(members, slices, minimum=3)
    assert {name: rows.tolist() for name, rows in found.items()} == {"all": [0, 1, 2, 3, 4], "three": [0, 1, 4]}


def test_the_grids_show_every_figure_with_the_lead_over_its_method():
    methods = {"ours": {"hit@1": np.ones(9)}, "theirs": {"hit@1": np.zeros(9)}}
    figures = member_figures(methods, {"all": np.arange(9), "new": np.arange(3)})
    whole, by_slice, _ = night_grids(figures, title="night", shown="hit@1")
    cells = [list(column.cells) for column in whole.columns]
    assert cells[1] == ["ours", "theirs"]
    assert cells[4] == ["", "+1.0000 (+1.0000 to +1.0000) *"]
    assert list(by_slice.columns[0].cells) == ["new", ""]
