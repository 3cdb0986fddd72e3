"""Calibration by group: arithmetic, a score that is wrong for one group only, and worlds in which it is right."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from pipelines.fairness.calibration import binned
from pipelines.fairness.figures import audit_side
from pipelines.fairness.measures import audited_members
from tests.kernels.test_fairness import CONFIG, PER_MEMBER


def members(seed, n=600, flat=1.0):
    """Members whose interest is as probable as their score says; for those of b, nearer to a half by `flat`."""
    draws = np.random.default_rng(seed)
    team = draws.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    said = draws.uniform(0.1, 0.9, (n, PER_MEMBER))
    true = np.where(team[:, None] == "b", 0.5 + flat * (said - 0.5), said)
    happened = (draws.random((n, PER_MEMBER)) < true).astype(float)
    did = draws.random(n) < 0.8
    return pd.DataFrame(
        {
            "groups": [[one] for one in team],
            "stratum": "",
            **dict.fromkeys(("matches", "matched_similarity", "matched_salary", "matched_seniority"), 1.0),
            "matched_well_paid": 0.0,
            **{name: [[] for _ in range(n)] for name in ("scores", "salaries", "seniorities", "well_paid")},
            **{
                name: [list(one) if known else None for one, known in zip(values, did, strict=True)]
                for name, values in (("said", said), ("happened", happened))
            },
        }
    )


def figures_of(rows):
    audited = audited_members(rows, ["team"], k=[5], per_member=PER_MEMBER)
    figures = audit_side(audited, config=CONFIG, families=1)
    return {(one.metric, one.audit_group): one for one in figures if one.audit_group != "*"}


def test_a_score_that_is_wrong_both_ways_for_one_group_is_named_though_its_mean_is_right():
    rows = members(1, flat=0.2)
    figures = figures_of(rows)
    assert {group for (_, group), one in figures.items() if one.finding and one.difference > 0} == {"b"}
    assert not figures["interest_above_score", "b"].finding
    found = figures["calibration_error", "b"]
    known = rows[rows["said"].notna()]
    edges = np.quantile(np.concatenate(list(known["said"])), np.arange(0.1, 0.95, 0.1))
    of_b = known[[one == ["b"] for one in known["groups"]]]
    said, happened = (np.concatenate(list(of_b[name])) for name in ("said", "happened"))
    bins = [int((score >= edges).sum()) for score in said]
    gaps = [abs(sum(said[i] - happened[i] for i in range(len(said)) if bins[i] == b)) for b in range(10)]
    assert found.value == pytest.approx(sum(gaps) / len(said))
    assert found.size == len(of_b)
    assert found.value == pytest.approx(0.8 * 0.2, abs=0.04)  # |p - 0.5| is 0.2 on average
    assert found.difference == pytest.approx(found.value - found.reference)
    assert found.value > 2 * found.reference > 0


def test_a_calibrated_score_raises_a_false_alarm_no_more_often_than_stated():
    alarms = sum(any(one.finding for one in figures_of(members(world)).values()) for world in range(100))
    assert alarms <= binom.ppf(0.99, 100, 1 - CONFIG.confidence)


def test_nothing_is_said_of_calibration_where_too_few_have_done_anything():
    rows = members(2)
    rows.loc[[one == ["c"] for one in rows["groups"]], ["said", "happened"]] = None
    calibrated = {group for metric, group in figures_of(rows) if metric == "calibration_error"}
    assert calibrated == {"a", "b"}
    rows[["said", "happened"]] = None
    assert not [one for one in figures_of(rows) if one[0] in ("calibration_error", "interest_above_score")]


def test_bins_hold_as_many_pairs_each_of_all_members_together():
    said = np.random.default_rng(3).random((40, 5))
    sums = binned(list(said), list(said - 1.0))  # every gap is 1, so sums are counts
    assert sums[:, :-1].sum(axis=0).tolist() == [20.0] * 10
    assert sums[:, -1].tolist() == [5.0] * 40
