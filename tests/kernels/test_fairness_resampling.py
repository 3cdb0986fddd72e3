"""Shuffles, redraws and the step-down are what their definitions say."""

import numpy as np
import pytest

from pipelines.fairness.measures import padded
from pipelines.fairness.metrics import discounts
from pipelines.fairness.resampling import observed, redrawn, shuffled, step_down, within_strata


def test_a_shuffle_gives_everybody_the_labels_of_one_of_the_same_stratum_and_a_redraw_repeats_rows():
    strata = np.array([1, 0, 1, 0, 1])
    values = np.array([[1.0], [10.0], [2.0], [20.0], [4.0]])
    groups = [np.array([0, 1]), np.array([2, 3, 4]), np.array([0, 2, 4])]
    null = shuffled(groups, values, strata, resamples=300, seed=1)
    assert set(null.sums[:, 0, 0]) == {x + y for x in (1.0, 2.0, 4.0) for y in (10.0, 20.0)}
    assert (null.sums[:, 0] + null.sums[:, 1] == 37).all()
    assert (null.sums[:, 2] == 7).all()  # the whole stratum
    again = redrawn(groups, values, resamples=4000, seed=1)
    assert again.known[:, 0].mean() == pytest.approx(2, abs=0.1)
    assert again.sums[:, 0].mean() == pytest.approx(11, abs=0.5)
    assert observed(groups, values).sums.ravel().tolist() == [11, 26, 7]
    np.testing.assert_allclose(within_strata(values, strata).ravel(), [1 - 7 / 3, -5, 2 - 7 / 3, 5, 4 - 7 / 3])


def test_step_down_is_the_definition():
    draws = np.random.default_rng(4)
    z, null = draws.normal(0, 2, 12), draws.normal(0, np.linspace(0.2, 2.5, 12), (99, 12))
    order = sorted(range(12), key=lambda i: -abs(z[i]))
    expected, so_far = {}, 0.0
    for position, test in enumerate(order):
        rest = order[position:]
        as_large = sum(max(abs(row[i]) for i in rest) >= abs(z[test]) for row in null)
        so_far = max(so_far, (1 + as_large) / 100)
        expected[test] = so_far
    np.testing.assert_allclose(step_down(z, null), [expected[i] for i in range(12)])


def test_places_beyond_a_list_are_unknown_and_discounts_fall():
    assert np.isnan(padded([[1.0]], 3)[0, 1:]).all()
    assert (np.diff(discounts(25)) < 0).all()
