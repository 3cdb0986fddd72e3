import math

import pytest

from pipelines.quality.comparing import MEASURES, NotJudged, Profiled, compare, worth_keeping
from schemas.comparisons import COMPARED
from tests.thresholds import HISTORY

BY_NAME = {rule.name: rule for suite in COMPARED for rule in suite.rules}


def measured(rule, tonight, *earlier):
    suite = next(one for one in COMPARED if BY_NAME[rule] in one.rules)
    found = compare(suite, {one.profile: tonight for one in suite.rules}, {BY_NAME[rule].profile: earlier}, HISTORY)
    return found[rule]


def night(rows, *values, student="s"):
    return Profiled(rows, tuple(values), student)


def test_every_comparison_is_measured_by_a_function_that_is_there():
    assert {rule.measure for rule in BY_NAME.values()} == set(MEASURES)


@pytest.mark.parametrize("rule", [name for name in BY_NAME if name.startswith("volume_")])
def test_volumes_are_held_against_the_median_so_one_odd_night_changes_nothing(rule):
    earlier = [night(rows) for rows in (100, 0, 100, 90_000, 100)]
    assert measured(rule, night(50), *earlier) == 0.5


def test_too_few_nights_judge_no_volume_and_no_scores_and_say_how_many_there_are():
    for rule in ("volume_of_postings", "scores_shift"):
        assert measured(rule, night(9, 5, 4), night(9, 5, 4), night(9, 5, 4)) == NotJudged("2 of 3 earlier nights")


def test_a_volume_beside_empty_nights_is_no_number():
    assert measured("volume_of_matches", night(5), *[night(0)] * 3) is None


def test_days_are_those_from_the_newest_date():
    assert measured("days_since_newest_posting", night(9, 3.0)) == 3.0


def test_a_source_that_never_had_dates_is_not_judged_and_one_that_lost_them_fails():
    rule = "days_since_newest_interaction"
    assert measured(rule, night(9)) == NotJudged("no row has a date")
    assert measured(rule, night(9), night(9)) == NotJudged("no row has a date")
    assert measured(rule, night(9), night(9, 1.0)) is None


def test_scores_that_lie_as_before_do_not_shift_however_many_they_are():
    assert measured("scores_shift", night(30_000, 10_000, 20_000), *[night(300, 100, 200)] * 3) == pytest.approx(
        0, abs=1e-5
    )


def test_the_shift_is_the_population_stability_index_of_all_earlier_nights_together():
    before = [night(10, 10, 0), night(10, 0, 10), night(10, 5, 5)]  # 15 and 15, half a row added to each
    p, q = (9.5 / 11, 1.5 / 11), (0.5, 0.5)
    by_hand = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert measured("scores_shift", night(10, 9, 1), *before) == pytest.approx(by_hand)


def test_nights_of_other_bins_are_no_nights_to_compare_with():
    assert measured("scores_shift", night(9, 5, 4), *[night(9, 3, 3, 3)] * 5) == NotJudged("0 of 3 earlier nights")


@pytest.mark.parametrize("rows", [(1, 9), (9, 1)])
def test_too_few_rows_judge_no_scores(rows):
    tonight, before = rows
    found = measured("scores_shift", night(tonight, tonight, 0), *[night(before, 0, 0)] * 2, night(before, before, 0))
    assert found == NotJudged("fewer than 2 rows")


def test_vectors_are_held_against_the_last_night_of_their_student():
    earlier = [night(9, 1.0, 0.0), night(9, 0.0, 0.5), night(9, -1.0, 0.0, student="other")]
    tonight = night(9, 0.3, 0.4)  # at 0.8 to the second, half as long as a unit vector
    assert measured("vectors_turn", tonight, *earlier) == pytest.approx(0.2)
    assert measured("vectors_spread_changes", tonight, *earlier) == pytest.approx(0.0)
    assert measured("vectors_spread_changes", tonight, night(9, 0.0, 0.9)) == pytest.approx(0.4)


@pytest.mark.parametrize("rule", ["vectors_turn", "vectors_spread_changes"])
def test_vectors_of_another_student_or_of_few_texts_are_not_judged(rule):
    before = night(9, 0.6, 0.8, student="other")
    assert measured(rule, night(9, 0.6, 0.8), before) == NotJudged("no earlier night of this student")
    assert measured(rule, night(1, 0.6, 0.8), night(9, 0.6, 0.8)) == NotJudged("fewer than 2 rows")
    assert measured(rule, night(9, 0.6, 0.8), night(9)) == NotJudged("no earlier night of this student")


def test_a_mean_vector_of_no_length_is_no_number():
    assert measured("vectors_turn", night(9, 0.0, 0.0), night(9, 0.6, 0.8)) is None


def test_a_mean_of_few_rows_is_not_kept_and_days_are():
    assert worth_keeping(night(1, 0.6, 0.8), HISTORY) == night(1)
    assert worth_keeping(night(2, 0.6, 0.8), HISTORY) == night(2, 0.6, 0.8)
    assert worth_keeping(night(1, 3.0), HISTORY) == night(1, 3.0)
