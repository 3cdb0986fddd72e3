"""The audit's statistics on worlds whose truth is known: a planted bias is named, an unbiased world is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from pipelines.fairness.config import FairnessConfig, ReorderingConfig
from pipelines.fairness.figures import audit_side, first_findings
from pipelines.fairness.groups import groups_of
from pipelines.fairness.measures import (
    EXPOSURE,
    Measure,
    audited_members,
    audited_postings,
    audited_recruiting,
)

K, PER_MEMBER = [1, 3, 5], 5
CONFIG = FairnessConfig(
    k=K,
    min_group_size=20,
    max_groups=10,
    max_members=10_000,
    max_postings=10_000,
    well_paid_quantile=0.75,
    resamples=199,
    seed=7,
    confidence=0.95,
    min_impact_ratio=0.8,
    max_skew=0.25,
    max_findings=0,
    calibration_days=7,
    reordering=ReorderingConfig(enabled=False, attribute="", targets={}),
)


def members(seed, n=600, *, order=False, matched=1.0, ranked=1.0):
    """Members of teams a, b, c; those of b may find, or be ranked, fewer well-paid postings, or see them last."""
    draws = np.random.default_rng(seed)
    team = draws.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    of_b = team == "b"
    found = draws.binomial(30, np.where(of_b, 0.3 * matched, 0.3))
    paid = draws.random((n, PER_MEMBER)) < np.where(of_b, 0.3 * matched * ranked, 0.3)[:, None]
    if order:
        paid[of_b] = np.sort(paid[of_b], axis=1)  # the same postings, the well-paid ones last
    salaries = draws.lognormal(0, 0.3, (n, PER_MEMBER))
    rows = pd.DataFrame(
        {
            "groups": [[one, region] for one, region in zip(team, draws.choice(["n", "s"], n), strict=True)],
            "stratum": "",
            "matches": 30,
            "matched_similarity": draws.normal(0.5, 0.1, n),
            "matched_salary": draws.lognormal(0, 0.1, n),
            "matched_seniority": draws.normal(2, 0.4, n),
            "matched_well_paid": found,
            "scores": list(draws.random((n, PER_MEMBER))),
            "salaries": list(np.where(draws.random((n, PER_MEMBER)) < 0.2, np.nan, salaries)),
            "seniorities": list(draws.integers(0, 5, (n, PER_MEMBER)).astype(float)),
            "well_paid": list(paid.astype(float)),
            "churn": np.where(draws.random(n) < 0.5, np.nan, draws.random(n)),
        }
    )
    return audited_members(rows, ["team", "region"], k=K, per_member=PER_MEMBER)


def postings(seed, n=600, factor=1.0):
    draws = np.random.default_rng(seed + 10_000)
    large = draws.random(n) < 0.5
    interest = draws.lognormal(0, 1, n) * np.where(large, 1.0, factor)
    shown = draws.poisson(interest[:, None], (n, PER_MEMBER)).astype(float)
    rows = pd.DataFrame(
        {
            "groups": [["large" if one else "small"] for one in large],
            "stratum": "",
            "matches": draws.poisson(20, n),
            "lists": shown.sum(axis=1),
            "shown_at": list(shown),
        }
    )
    return audited_postings(rows, ["company"], k=K)


def recruiting(seed, n=600, factor=1.0, order=False):
    """Members on lists of postings; those of b on fewer, or at later places of as many."""
    draws = np.random.default_rng(seed + 20_000)
    of_b = draws.random(n) < 0.4
    lists = draws.poisson(8 * np.where(of_b, factor, 1.0))
    first = [draws.binomial(count, 0.1 if b and order else 0.5) for count, b in zip(lists, of_b, strict=True)]
    rows = pd.DataFrame(
        {
            "groups": [["b" if one else "a"] for one in of_b],
            "stratum": "",
            "lists": lists,
            "found_similarity": np.where(lists > 0, draws.normal(0.5, 0.1, n), np.nan),
            "shown_at": [[float(one), 0.0, float(count - one)] for one, count in zip(first, lists, strict=True)],
        }
    )
    return audited_recruiting(rows, ["team"], k=[1, 3])


def named(figures):
    return {(one.attribute, one.audit_group, one.metric): one for one in first_findings(figures)}


def test_a_bias_in_the_order_is_named_where_lists_are_shown_and_with_its_size():
    audited = members(1, order=True)
    figures = audit_side(audited, config=CONFIG, families=1)
    assert first_findings(figures)[0].audit_group == "b"
    worst = named(figures)["team", "b", "exposure"]
    assert worst.stage == "shown"
    assert {one.stage for one in first_findings(figures)} == {"shown"}
    assert {one.attribute for one in first_findings(figures)} == {"team"}
    exposure = audited.values[Measure("shown", EXPOSURE, worst.k)]
    of_b = audited.attributes["team"] == "b"
    assert worst.value == pytest.approx(exposure[of_b].mean())
    assert worst.difference == pytest.approx(exposure[of_b].mean() - exposure[~of_b].mean())
    assert worst.low < worst.difference < worst.high < 0


@pytest.mark.parametrize(("planted", "stage"), [({"matched": 0.6}, "matched"), ({"ranked": 0.5}, "ranked")])
def test_a_bias_is_named_at_the_stage_at_which_it_begins(planted, stage):
    figures = audit_side(members(2, **planted), config=CONFIG, families=1)
    found = named(figures)["team", "b", "exposure"]
    assert found.stage == stage
    expected = {"matched": 30 * 0.3 * (0.6 - 1), "ranked": PER_MEMBER * 0.3 * (0.5 - 1)}[stage]
    assert found.low < expected < found.high
    assert max(first_findings(figures), key=lambda one: abs(one.effect)).audit_group == "b"


def test_postings_of_companies_that_are_shown_half_as_often_are_named():
    found = named(audit_side(postings(3, factor=0.5), config=CONFIG, families=1))["company", "small", "exposure"]
    assert found.stage == "ranked"
    assert found.value / found.reference == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize(("planted", "stage"), [({"factor": 0.6}, "matched"), ({"order": True}, "shown")])
def test_members_whom_recruiters_see_less_are_named_at_the_stage_at_which_it_begins(planted, stage):
    figures = audit_side(recruiting(4, **planted), config=CONFIG, families=3)
    found = named(figures)["team", "b", "exposure"]
    assert (found.side, found.stage) == ("recruiting", stage)
    assert found.high < 0
    assert not [one for one in audit_side(recruiting(4), config=CONFIG, families=3) if one.finding]


def test_unbiased_worlds_raise_a_false_alarm_no_more_often_than_stated():
    alarms = 0
    for world in range(200):
        sides = (members(world), postings(world))
        figures = [one for side in sides for one in audit_side(side, config=CONFIG, families=2)]
        alarms += any(one.finding for one in figures)
    print(f"{alarms} of 200 unbiased worlds with a finding")  # noqa: T201
    assert alarms <= binom.ppf(0.99, 200, 1 - CONFIG.confidence)


def test_a_difference_that_strata_explain_is_no_finding_within_them():
    draws = np.random.default_rng(5)
    audited = members(5)
    senior = draws.random(600) < np.where(audited.attributes["team"] == "b", 0.8, 0.2)
    paid_more = {m: v + senior * 2.0 if m.metric == "salary" else v for m, v in audited.values.items()}
    explained = replace(audited, values=paid_more)
    assert ("team", "b", "salary") in named(audit_side(explained, config=CONFIG, families=1))
    within = replace(explained, strata=senior.astype(np.int64))
    assert not named(audit_side(within, config=CONFIG, families=1))
    worse = {
        m: v - (audited.attributes["team"] == "b") * 0.5 if m.metric == "salary" else v for m, v in paid_more.items()
    }
    found = named(audit_side(replace(within, values=worse), config=CONFIG, families=1))["team", "b", "salary"]
    assert found.low < -0.5 < found.high


def test_small_groups_are_counted_and_never_named():
    audited = members(6)
    labels = audited.attributes["team"].copy()
    labels[np.flatnonzero(labels == "c")[19:]] = None
    figures = audit_side(replace(audited, attributes={"team": labels}), config=CONFIG, families=1)
    assert {one.audit_group for one in figures} == {"*", "a", "b"}
    counts = {one.metric: one.value for one in figures if one.metric in ("suppressed_groups", "unknown")}
    assert counts == {"suppressed_groups": 1, "unknown": (labels == None).sum()}  # noqa: E711
    [reference] = [one.reference for one in figures if (one.audit_group, one.metric) == ("a", "similarity")]
    of_b = audited.values[Measure("matched", "similarity")][labels == "b"].mean()
    assert reference == pytest.approx(of_b)  # the 19 are in nobody's "others" either


def test_a_figure_known_of_too_few_of_a_group_is_not_published():
    audited = members(7)
    churn = audited.values[Measure("shown", "churn")].copy()
    of_c = np.flatnonzero((audited.attributes["team"] == "c") & ~np.isnan(churn))
    churn[of_c[19:]] = np.nan
    values = {**audited.values, Measure("shown", "churn"): churn}
    figures = audit_side(replace(audited, values=values), config=CONFIG, families=1)
    assert {one.audit_group for one in figures if one.metric == "churn"} == {"a", "b", "n", "s"}


def test_an_attribute_of_one_large_group_is_not_compared():
    one = replace(members(8), attributes={"team": np.array(["a"] * 595 + ["b"] * 5, dtype=object)})
    assert {figure.audit_group for figure in audit_side(one, config=CONFIG, families=1)} == {"*"}
    assert groups_of(members(8), min_size=20, max_groups=2).names == [
        *(("team", "a"), ("team", "b")),
        *(("region", "n"), ("region", "s")),
    ]
