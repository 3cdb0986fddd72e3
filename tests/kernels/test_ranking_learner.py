"""Rankers learn what holds for strangers, say probabilities, and cannot learn who was there."""

import json

import numpy as np
import pytest

from pipelines.ranking.calibration import calibration_error, reliability
from pipelines.ranking.config import LearnerConfig
from pipelines.ranking.learner import Pairs, Ranker, load, save, train
from pipelines.ranking.rankers import current_ranker, pinned_ranker, promote_ranker, rollback_ranker, seal_ranker
from schemas.errors import ArtifactError

CONFIG = LearnerConfig(
    leave_out=[],
    trees=60,
    depth=3,
    learning_rate=0.1,
    min_leaf_weight=1.0,
    l2=1.0,
    seed=7,
    folds=5,
    max_members=1000,
    max_exposure_weight=10.0,
    max_calibration_error=0.03,
    min_slice_rows=200,
)


def world(seed=0, members=300, each=60, n_features=3):
    """Pairs whose interest grows with the first two features; the third is noise."""
    rng = np.random.default_rng(seed)
    n = members * each
    features = rng.normal(size=(n, n_features)).astype(np.float32)
    features[rng.random(n) < 0.1, 1] = np.nan
    chance = 1 / (1 + np.exp(3.0 - features[:, 0] - np.nan_to_num(features[:, 1])))
    fold = np.repeat(np.arange(members) % 5, each)
    return Pairs(features, rng.random(n) < chance, np.ones(n), fold), chance


@pytest.fixture(scope="module")
def learned():
    pairs, chance = world()
    return pairs, chance, *train(pairs, [1, 1, 0], CONFIG)


def test_what_is_said_of_strangers_is_near_the_true_chance_and_calibrated(learned):
    pairs, chance, _, probability = learned
    assert np.corrcoef(probability, chance)[0, 1] > 0.95
    assert calibration_error(probability, pairs.interested) < 0.01
    shuffled = np.random.default_rng(1).permutation(probability)
    assert calibration_error(shuffled, pairs.interested) > 0.05


def test_a_score_never_falls_where_a_feature_that_speaks_for_a_pair_grows(learned):
    *_, ranker, _ = learned
    rng = np.random.default_rng(3)
    low = rng.normal(size=(500, 3)).astype(np.float32)
    for feature in (0, 1):
        high = low.copy()
        high[:, feature] += rng.random(500).astype(np.float32) * 2
        assert (ranker.probability(high) >= ranker.probability(low) - 1e-12).all()
        assert (ranker.probability(high) > ranker.probability(low)).any()


def test_the_parts_sum_to_the_score(learned):
    pairs, _, ranker, _ = learned
    features = np.concatenate([pairs.features[:500], np.full((1, 3), np.nan, dtype=np.float32)])
    parts = ranker.parts(features)
    assert parts.shape == (501, 4)
    np.testing.assert_allclose(parts.sum(axis=1), ranker.probability(features), atol=1e-12)


def test_nobody_is_judged_by_a_ranker_that_has_seen_them():
    pairs, _ = world(members=50)
    secret = pairs.features.copy()
    secret[:, 2] = pairs.fold  # tells the folds apart, and in each another feature decides
    turned = np.where(pairs.fold == 0, pairs.features[:, 0] > 1, pairs.features[:, 0] < -1)
    told = Pairs(secret, turned, pairs.weight, pairs.fold)
    _, probability = train(told, [0, 0, 0], CONFIG)
    inside = pairs.fold == 0
    assert probability[inside & turned].mean() < probability[inside & ~turned].mean()  # as the other folds have it


def test_a_count_of_none_does_not_tell_who_was_there():
    """Each posting was opened by its one member: without that one, its count is 0, and every other's is 1."""
    rng = np.random.default_rng(0)
    opened = rng.random(6000) < 0.05
    likeness = rng.normal(size=6000) + opened
    features = np.column_stack([likeness, np.where(opened, 0.0, 1.0)]).astype(np.float32)
    pairs = Pairs(features, opened, np.ones(6000), np.repeat(np.arange(100) % 5, 60))
    _, free = train(pairs, [1, 0], CONFIG)
    _, held = train(pairs, [1, 1], CONFIG)
    assert free[opened].min() > free[~opened].max()  # the trap is there
    gap = held[opened].mean() / held[~opened].mean()
    assert 1.5 < gap < 6  # likeness is learned, the count is not


def test_heavy_pairs_decide_the_order_and_all_pairs_the_probability():
    pairs, _ = world(members=40)
    odd = np.arange(len(pairs.fold)) % 2 == 1
    interested = np.where(odd, pairs.features[:, 2] > 1, pairs.features[:, 2] < -1)
    weight = np.where(odd, 10.0, 1.0)
    _, probability = train(Pairs(pairs.features, interested, weight, pairs.fold), [1, 1, 0], CONFIG)
    high, low = (probability[side].mean() for side in (pairs.features[:, 2] > 1, pairs.features[:, 2] < -1))
    assert high > low
    assert probability.mean() == pytest.approx(interested.mean(), rel=0.02)


@pytest.mark.parametrize("interested", [False, True])
def test_nothing_to_tell_apart_is_said(interested):
    pairs, _ = world(members=10)
    with pytest.raises(ValueError, match="pairs are of interest"):
        train(Pairs(pairs.features, np.full(600, interested), pairs.weight, pairs.fold), [1, 1, 0], CONFIG)


def test_training_again_gives_the_same_ranker(tmp_path):
    pairs, _ = world(members=40)
    ids = [
        seal_ranker(
            train(pairs, [1, 1, 0], CONFIG)[0], tmp_path / one, names="abc", student_id="s", recipe={}
        ).ranker_id
        for one in ("first", "second")
    ]
    assert ids[0] == ids[1]


def test_slices_of_few_pairs_say_nothing():
    probability, happened = np.full(300, 0.25), np.arange(300) % 4 == 0
    few, many = np.arange(300) < 10, np.arange(300) < 200
    found = reliability(probability, happened, {"few": few, "many": many}, min_pairs=200)
    assert [(one.slice, one.pairs) for one in found] == [("all", 300), ("many", 200)]
    assert found[0].happened == 0.25


def test_a_ranker_comes_back_from_disk_as_it_was_and_a_damaged_one_is_refused(learned, tmp_path):
    pairs, _, ranker, _ = learned
    sealed = seal_ranker(ranker, tmp_path, names=["a", "b", "c"], student_id="s", recipe={"key": "later"})
    assert (sealed.names, sealed.student_id) == (("a", "b", "c"), "s")
    np.testing.assert_array_equal(load(sealed.folder).probability(pairs.features), ranker.probability(pairs.features))
    load.cache_clear()
    (sealed.folder / "calibration.json").write_text(json.dumps({"slope": 1.0, "offset": 9.0}))
    with pytest.raises(ArtifactError):
        load(sealed.folder)


def test_a_promoted_ranker_serves_a_run_keeps_its_own_and_one_goes_back(learned, tmp_path):
    _, _, ranker, _ = learned
    assert current_ranker(tmp_path) is None
    assert pinned_ranker(tmp_path, tmp_path / "early") is None
    with pytest.raises(ArtifactError, match="nothing to roll back"):
        rollback_ranker(tmp_path)
    first = seal_ranker(ranker, tmp_path, names="abc", student_id="s", recipe={})
    assert current_ranker(tmp_path) is None  # sealed is not promoted
    promote_ranker(tmp_path, first.ranker_id)
    assert pinned_ranker(tmp_path, tmp_path / "run") == first
    other = Ranker(ranker.trees, ranker.slope, ranker.offset + 1)
    second = seal_ranker(other, tmp_path, names="abc", student_id="s", recipe={})
    assert second.ranker_id != first.ranker_id
    promote_ranker(tmp_path, second.ranker_id)
    assert current_ranker(tmp_path) == second
    assert pinned_ranker(tmp_path, tmp_path / "run") == first
    assert rollback_ranker(tmp_path) == first == current_ranker(tmp_path)


def test_files_of_a_ranker_are_json(learned, tmp_path):
    *_, ranker, _ = learned
    save(ranker, tmp_path)
    assert all(json.loads(path.read_text()) for path in tmp_path.iterdir())
