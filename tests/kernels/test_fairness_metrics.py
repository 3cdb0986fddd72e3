"""Measures of fairness against loops and arithmetic."""

import math

import numpy as np
import pandas as pd
import pytest

from pipelines.fairness.figures import audit_side
from pipelines.fairness.measures import (
    EXPOSURE,
    SELECTED,
    Measure,
    audited_members,
)
from tests.kernels.test_fairness import CONFIG, members


def test_shares_skew_and_impact_ratios_are_those_of_a_loop():
    audited = members(9, order=True)
    figures = {
        (one.audit_group, one.metric, one.stage, one.k): one
        for one in audit_side(audited, config=CONFIG, families=1)
        if one.attribute == "team"
    }
    exposure, any_paid = (audited.values[Measure("shown", metric, 3)] for metric in (EXPOSURE, SELECTED))
    team = audited.attributes["team"]
    sums = {one: sum(exposure[i] for i in range(600) if team[i] == one) for one in "abc"}
    sizes = {one: sum(team[i] == one for i in range(600)) for one in "abc"}
    rates = {one: sum(any_paid[i] for i in range(600) if team[i] == one) / sizes[one] for one in "abc"}
    skews = {one: math.log(sums[one] / sum(sums.values()) / (sizes[one] / 600)) for one in "abc"}
    for one in "abc":
        assert figures[one, "share", "shown", 3].value == pytest.approx(sums[one] / sum(sums.values()))
        assert figures[one, "skew", "shown", 3].value == pytest.approx(skews[one])
        assert figures[one, "impact_ratio", "shown", 3].value == pytest.approx(rates[one] / max(rates.values()))
        for metric in ("share", "skew", "impact_ratio"):
            figure = figures[one, metric, "shown", 3]
            assert figure.low <= figure.value <= figure.high
    assert figures["*", "min_skew", "shown", 3].value == pytest.approx(min(skews.values()))
    assert figures["*", "max_skew", "shown", 3].value == pytest.approx(max(skews.values()))


def test_divergence_is_that_of_a_loop():
    audited = members(10, order=True)
    figures = audit_side(audited, config=CONFIG, families=1)
    got = {one.k: one.value for one in figures if one.metric == "ndkl" and one.attribute == "team"}
    team, total, weight = audited.attributes["team"], 0.0, 0.0
    for place in range(1, 6):
        so_far = {one: audited.placed[team == one, :place].sum() for one in "abc"}
        kl = 0.0
        for one, amount in so_far.items():
            share = amount / sum(so_far.values())
            kl += share * math.log(share / (team == one).mean()) if share else 0.0
        total, weight = total + kl / math.log2(place + 1), weight + 1 / math.log2(place + 1)
        if place in got:
            assert got[place] == pytest.approx(total / weight)
    assert set(got) == {1, 3, 5}


def test_measures_of_a_list_are_arithmetic():
    rows = pd.DataFrame(
        {
            "groups": [["x"], [None]],
            "stratum": ["", ""],
            "matches": [4, 0],
            "matched_similarity": [0.5, None],
            "matched_salary": [1.0, None],
            "matched_seniority": [2.0, None],
            "matched_well_paid": [1.0, 0.0],
            "scores": [[0.9, 0.5, 0.4], []],
            "salaries": [[None, 1.5, 1.0], []],
            "seniorities": [[1.0, 2.0, 4.0], []],
            "well_paid": [[0.0, 1.0, 0.0], []],
        }
    )
    values = audited_members(rows, ["team"], k=[1, 3], per_member=4).values
    d = [1, 1 / math.log2(3), 0.5]
    expected = {
        Measure("matched", SELECTED): [1, 0],
        Measure("ranked", SELECTED): [0, 0],  # 3 of 4
        Measure("ranked", "length"): [3, 0],
        Measure("ranked", "salary"): [1.25, np.nan],
        Measure("shown", SELECTED, 1): [0, 0],
        Measure("shown", SELECTED, 3): [1, 0],
        Measure("shown", EXPOSURE, 3): [d[1] / sum(d), 0],
        Measure("shown", "salary", 1): [np.nan, np.nan],
        Measure("shown", "salary", 3): [(1.5 * d[1] + d[2]) / (d[1] + d[2]), np.nan],
        Measure("shown", "score", 3): [(0.9 + 0.5 * d[1] + 0.4 * d[2]) / sum(d), np.nan],
    }
    for measure, numbers in expected.items():
        np.testing.assert_allclose(values[measure], numbers)
    assert Measure("shown", "churn") not in values
