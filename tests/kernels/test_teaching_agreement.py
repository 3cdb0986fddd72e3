import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pipelines.teaching.agreement import Side, agreement_figures, check_kappa, spearman, weighted_kappa
from pipelines.teaching.graded import read_graded_pairs
from pipelines.teaching.teacher import Pair
from schemas.errors import ConfigError, QualityGateError
from tests.conftest import PROJECT

GRADES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


@given(GRADES)
def test_kappa_is_that_of_scikit_learn(pairs):
    left, right = zip(*pairs, strict=True)
    theirs = cohen_kappa_score(left, right, weights="quadratic", labels=range(5)) if {*left, *right} != {left[0]} else 0
    assert weighted_kappa(left, right) == pytest.approx(theirs)


@given(GRADES)
def test_nobody_agrees_better_than_with_oneself_and_order_of_names_does_not_matter(pairs):
    left, right = (list(side) for side in zip(*pairs, strict=True))
    assert weighted_kappa(left, right) == pytest.approx(weighted_kappa(right, left))
    assert -1 - 1e-9 <= spearman(left, right) <= 1 + 1e-9
    if len(set(left)) > 1:
        assert weighted_kappa(left, left) == spearman(left, left) == pytest.approx(1)


def test_figures_are_those_of_a_table_done_by_hand():
    """Grades 4 3 1 0 against 4 1 1 1: gaps 0 2 0 1."""
    figures = agreement_figures(Side([4, 3, 1, 0], [0.9, 0.8, 0.3, 0.1]), Side([4, 1, 1, 1], [1.0, 0.25, 0.25, 0.25]))
    assert (figures["exact"], figures["within_one"], figures["pairs"]) == (0.5, 0.75, 4)
    by_chance = (0 + 3 * 9 + 1 + 3 * 4 + 9 + 0 + 16 + 3 * 1) / 16
    assert figures["kappa"] == pytest.approx(1 - (5 / 4) / by_chance)


def test_a_teacher_below_the_floor_or_never_compared_with_people_is_no_grader():
    who = {"teacher_id": "t", "policy_version": "1-a", "min_kappa": 0.4}
    named = {"kappa with people, policy 1-a": 0.4, "pairs with people, policy 1-a": 73.0}
    assert check_kappa(named, **who) == 0.4
    with pytest.raises(QualityGateError, match=r"kappa 0.390 on 73 pairs under policy 1-a; teaching.min_kappa is 0.4"):
        check_kappa(named | {"kappa with people, policy 1-a": 0.39}, **who)
    with pytest.raises(QualityGateError, match="never compared with people under policy 1-b"):
        check_kappa(named, **who | {"policy_version": "1-b"})
    with pytest.raises(QualityGateError, match="kappa nan"):
        check_kappa(named | {"kappa with people, policy 1-a": np.nan}, **who)


def test_the_shipped_graded_pairs_use_every_grade_often():
    pairs, people = read_graded_pairs(PROJECT / "conf" / "policy" / "graded_pairs.csv")
    assert len(set(pairs)) == len(pairs) >= 60
    assert min(np.bincount(people.grades, minlength=5)) >= 10


def test_csv_and_json_lines_are_read_alike_and_every_broken_line_is_listed(tmp_path):
    (tmp_path / "a.csv").write_text('left,right,grade\n"baker,\nat night",bread,4\n')
    (tmp_path / "a.jsonl").write_text('{"left": "baker,\\nat night", "right": "bread", "grade": 4}\n')
    read = [read_graded_pairs(tmp_path / name) for name in ("a.csv", "a.jsonl")]
    assert read[0] == read[1] == ([Pair("baker,\nat night", "bread")], Side([4], [1.0]))
    (tmp_path / "b.jsonl").write_text('{"left": "a", "right": "b", "grade": 5}\nno json\n{"left": "a", "grade": 1}\n')
    with pytest.raises(ConfigError) as error:
        read_graded_pairs(tmp_path / "b.jsonl")
    assert [line.strip("- ") for line in str(error.value).splitlines()[1:]] == [
        "pair 1: the grade is not 0, 1, 2, 3 or 4",
        "pair 2: no left, right, grade",
        "pair 3: no right",
    ]
    (tmp_path / "empty.csv").write_text("left,right,grade\n")
    for name, said in (("empty.csv", "it holds no pair"), ("absent.csv", "no graded pairs can be read")):
        with pytest.raises(ConfigError, match=said):
            read_graded_pairs(tmp_path / name)
