import math
import re

import pandas as pd
import pytest
from pydantic import ValidationError

from pipelines.fairness.config import FairnessConfig
from pipelines.night import Night
from pipelines.quality.comparing import NotJudged
from pipelines.quality.config import QualityConfig
from pipelines.quality.gate import QualityResult, account_for, judge, not_judged, quality_rows, raise_if_blocked
from schemas import search_suites
from schemas.comparisons import COMPARED
from schemas.errors import QualityGateError
from schemas.operations import QUALITY_RESULTS
from schemas.suite import Rule, Suite, weighed
from schemas.suites import AUDITED, SUITES
from tests.rows import NIGHT
from tests.thresholds import THRESHOLDS

JUDGED = (*SUITES, *search_suites.SUITES, *COMPARED)
AT_MOST = Suite("gate", "table", (Rule("rule", "count(*)", maximum=3),))


def judged(measures: pd.DataFrame, suite: Suite) -> list[QualityResult]:
    return judge([(suite, measures)], THRESHOLDS).results


def verdict(value: object, rule: Rule = AT_MOST.rules[0]) -> QualityResult:
    (result,) = judged(pd.DataFrame({"rule": [value]}), Suite("gate", "table", (rule,)))
    return result


@pytest.mark.parametrize(("value", "passed"), [(0, True), (3, True), (3.0001, False), (-1e9, True)])
def test_a_measure_passes_up_to_and_including_its_maximum(value, passed):
    assert verdict(value).passed is passed


@pytest.mark.parametrize(("value", "passed"), [(2, True), (1.9, False), (4, True), (4.1, False)])
def test_both_bounds_hold_where_both_are_given(value, passed):
    assert verdict(value, Rule("rule", "", minimum=2, maximum=4)).passed is passed


@pytest.mark.parametrize("value", [None, math.nan, -math.inf, math.inf])
def test_a_measure_that_is_no_finite_number_fails_and_is_not_reported_as_one(value):
    result = verdict(value, Rule("rule", "", minimum=-1.0)) if value == math.inf else verdict(value)
    assert (result.passed, result.observed) == (False, None)


def test_a_measure_that_is_missing_fails():
    (result,) = judged(pd.DataFrame({"another": [0]}), AT_MOST)
    assert (result.name, result.passed, result.observed) == ("rule", False, None)


def test_measures_of_no_row_or_of_two_are_refused():
    for rows in ([], [0, 0]):
        with pytest.raises(ValueError, match="rows of measures, not one"):
            judged(pd.DataFrame({"rule": rows}), AT_MOST)


def test_a_named_bound_is_the_configured_threshold_and_the_result_says_both():
    rule = Rule("rule", "", minimum="min_share_members_served")
    assert verdict(0.9, rule).passed
    assert not verdict(0.89, rule).passed
    assert verdict(0.89, rule).expected == "at least 0.9 (min_share_members_served)"


def test_results_come_in_the_order_of_the_rules_with_what_was_observed():
    suite = Suite("gate", "table", (Rule("z", "", maximum=0), Rule("a", "", maximum=0, severity="warn")))
    assert judged(pd.DataFrame({"a": [2], "z": [0]}), suite) == [
        QualityResult("gate", "z", "block", True, 0.0, "at most 0"),
        QualityResult("gate", "a", "warn", False, 2.0, "at most 0"),
    ]


def test_results_are_rows_of_the_quality_results_table():
    (row,) = quality_rows([verdict(1)], NIGHT)
    assert isinstance(NIGHT, Night)
    assert list(row) == QUALITY_RESULTS.columns
    assert (row["run_date"], row["run_id"]) == (NIGHT.run_date, NIGHT.run_id)


def test_every_blocking_failure_is_listed_with_its_count_and_nothing_else():
    results = [
        QualityResult("postings", "ids_unique", "block", False, 7.0, "at most 0"),
        QualityResult("postings", "share", "block", False, None, "at most 0.2 (max_share)"),
        QualityResult("postings", "titles_present", "block", True, 0.0, "at most 0"),
        QualityResult("postings", "advice", "warn", False, 3.0, "at most 0"),
    ]
    with pytest.raises(QualityGateError) as error:
        raise_if_blocked(results)
    assert str(error.value).splitlines() == [
        "2 blocking quality rule(s) failed; what was published before keeps serving:",
        "  - postings.ids_unique: 7, at most 0",
        "  - postings.share: no number, at most 0.2 (max_share)",
    ]


def test_a_warning_blocks_nothing():
    raise_if_blocked([QualityResult("postings", "advice", "warn", False, 3.0, "at most 0")])


def test_a_rule_without_a_bound_cannot_be_written():
    with pytest.raises(ValueError, match="no bound"):
        Rule("rule", "count(*)")


def test_every_threshold_that_a_rule_names_is_configured():
    named = {bound for suite in JUDGED for rule in suite.rules for bound in (rule.minimum, rule.maximum)}
    thresholds = {
        name for name in FairnessConfig.model_fields if name.startswith(("min_impact", "max_skew", "max_find"))
    }
    assert {bound for bound in named if isinstance(bound, str)} == set(QualityConfig.model_fields) - {
        "history",
        "severities",
        "max_rows",  # counted while the source is read
    } | thresholds


def test_a_rule_is_named_once_in_its_gate():
    names = [(suite.gate, rule.name) for suite in JUDGED for rule in suite.rules]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("accepted", "rejected"), [(1, 1), (3, 1)])
def test_rows_that_are_lost_or_doubled_on_the_way_block_the_night(accepted, rejected):
    with pytest.raises(QualityGateError, match="3 postings were read, but"):
        account_for("postings", read=3, accepted=accepted, rejected=rejected)


def test_rules_block_as_the_configuration_names_them():
    severities = {rule.name: rule.severity for rule in weighed(AUDITED, {"fairness.skew": "block"}).rules}
    assert severities == {"impact_ratio": "warn", "skew": "block", "findings": "warn", "rows_of_this_run": "block"}


def test_what_could_not_be_judged_blocks_nothing_and_says_why():
    suite = Suite("postings", "postings", (Rule("rule", "", maximum=3), Rule("other", "", maximum=3)))
    assert not_judged(suite, {"rule": NotJudged("1 of 3 earlier nights")}) == [
        QualityResult("postings", "rule", "block", None, None, "not judged: 1 of 3 earlier nights")
    ]
    raise_if_blocked(not_judged(suite, {"rule": NotJudged("why")}))


def test_rules_of_one_name_in_two_gates_are_judged_apart():
    suites = [
        (Suite(gate, "table", AT_MOST.rules), pd.DataFrame({"rule": [value]})) for gate, value in (("a", 3), ("b", 4))
    ]
    assert [(one.gate, one.passed) for one in judge(suites, THRESHOLDS).results] == [("a", True), ("b", False)]


@pytest.mark.parametrize("name", ["<b>rule</b>", "a rule", "a.rule", ""])
def test_a_rule_whose_name_a_page_would_have_to_escape_cannot_be_written(name):
    with pytest.raises(ValueError, match="named by letters"):
        Rule(name, "count(*)", maximum=0)


@pytest.mark.parametrize(
    ("severities", "message"),
    [
        ({"postings.volume_of_postings": "warn"}, None),
        ({"recommendations.share_of_lists_kept": "block"}, None),
        ({"postings.volume": "warn"}, "no such rule: postings.volume"),
        ({"volume_of_postings": "warn"}, "no such rule: volume_of_postings"),
        ({"postings.ids_unique": "ignore"}, "Input should be 'block' or 'warn'"),
        ({"fairness.skew": "block"}, "fairness.blocking"),
    ],
)
def test_severities_are_those_of_rules_that_exist(severities, message):
    given = THRESHOLDS.model_dump() | {"severities": severities}
    if message is None:
        assert QualityConfig.model_validate(given).severities == severities
    else:
        with pytest.raises(ValidationError, match=re.escape(message)):
            QualityConfig.model_validate(given)
