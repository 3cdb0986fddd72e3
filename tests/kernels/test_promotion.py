"""What a promotion measures is arithmetic, and each gate refuses exactly beyond its bound."""

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.evaluation.benchmark import Benchmark
from pipelines.promotion.comparison import Answers, Comparison, answered, compared, listed_answers
from pipelines.promotion.config import PromotionConfig
from pipelines.promotion.gates import Fidelity, Findings, judged, raise_if_refused
from pipelines.promotion.invariance import Invariance, invariance
from pipelines.promotion.report import report_html, report_json
from pipelines.promotion.swaps import SwappedTexts, swap_table, swapped, swapped_texts
from schemas.errors import QualityGateError
from tests.rows import NIGHT

CONFIG = PromotionConfig(
    sets=["truth"],
    sample_members=100,
    teacher_texts=0,
    invariance_postings=100,
    resamples=100,
    seed=1,
    max_fidelity_loss=0.02,
    max_set_loss=0.02,
    max_slice_loss=0.05,
    min_slice_queries=50,
    min_list_overlap=0.3,
    min_invariance_cosine=0.9,
    min_invariance_overlap=0.6,
)
TABLE = swap_table([("she", "he"), ("Mary", "James"), ("waitress", "waiter"), ("Mrs", "Mr")])


class Letters:
    """A student in two dimensions: how often `a` and `b` occur."""

    def encode(self, texts):
        counts = np.array([[text.count("a"), text.count("b")] for text in texts], dtype=np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def comparison(part="all", difference=0.0, low=-0.01, high=0.01, queries=100, dataset="truth", metric="ndcg@10"):
    return Comparison(dataset, part, metric, queries, 0.5, 0.5 + difference, difference, low, high)


def even(kind, cosine=0.95, overlap=0.8):
    return Invariance(kind, 10, cosine, cosine, overlap, overlap)


PASSING = Findings(
    champion="old",
    challenger="new",
    fidelity=Fidelity("teacher@1", 0.50, 0.49),
    comparisons=(comparison(), comparison("sector health", -0.04, -0.06, -0.02)),
    overlaps=(0.2, 0.6),
    invariance=(even("names"), even("words")),
    champion_invariance=(even("names"), even("words")),
)


@given(st.text() | st.lists(st.sampled_from([*TABLE, "a", "I", "-", "ſhe"])).map(" ".join))
def test_swapping_twice_gives_the_text_back(text):
    assert swapped(swapped(text, TABLE), TABLE) == text


def test_only_whole_words_are_swapped_and_keep_their_case():
    assert swapped("She, HE, the; Mary's MRS. waitresses sHe", TABLE) == "He, SHE, the; James's MR. waitresses sHe"


def test_a_word_in_two_pairs_is_refused():
    with pytest.raises(ValueError, match="his occurs in two pairs"):
        swap_table([("her", "his"), ("hers", "his")])


def test_every_declared_text_differs_in_the_words_of_one_kind_alone():
    names, words = swapped_texts()
    assert (names.kind, words.kind) == ("names", "words")
    assert len(names.texts) == 100  # ten texts, ten names
    assert len(words.texts) == 10
    for swaps in (names, words):
        for before, after in zip(swaps.texts, swaps.swapped, strict=True):
            changed = [pair for pair in zip(before.split(), after.split(), strict=True) if pair[0] != pair[1]]
            assert 1 <= len(changed) <= 10
            assert "{" not in before + after


def test_invariance_is_the_cosine_and_the_shared_neighbours_of_the_two_versions():
    """`ab` and `b` have a cosine of 1/sqrt(2); nearest of a, aab, b are aab and a to one, b and aab to the other."""
    swaps = SwappedTexts("words", ["ab", "a"], ["b", "a"])
    found = invariance(Letters(), swaps, ["a", "aab", "b"], k=2)
    assert found.cosine == pytest.approx((1 / np.sqrt(2) + 1) / 2, abs=1e-6)
    assert found.worst_cosine == pytest.approx(1 / np.sqrt(2), abs=1e-6)
    assert (found.overlap, found.worst_overlap) == (0.75, 0.5)  # a and b are equally near to `ab`


def test_a_list_is_judged_by_its_first_ten_places_against_the_best_possible():
    lists = {"m": ["x", "r1", *(f"x{n}" for n in range(8)), "r2"]}
    answers = listed_answers("truth", lists, {"m": {"r1", "r2"}, "n": {"r1"}}, {"m": ["senior"], "n": ["senior"]})
    best = 1 + 1 / np.log2(3)
    assert answers.values["ndcg@10"].tolist() == pytest.approx([(1 / np.log2(3)) / best, 0.0])
    assert answers.values["map@10"].tolist() == [0.25, 0.0]  # (1/2) of 2 relevant
    assert answers.values["mrr@10"].tolist() == [0.5, 0.0]
    assert {part: rows.tolist() for part, rows in answers.slices.items()} == {"all": [0, 1], "senior": [0, 1]}


def test_a_benchmark_is_answered_by_vectors_and_sliced_by_the_length_of_its_queries():
    benchmark = Benchmark("b", {"q": "aaa"}, {"d1": "b", "d2": "a"}, {"q": {"d1": 1.0}})
    answers = answered(benchmark, Letters().encode)
    assert answers.values["mrr@100"].tolist() == [0.5]
    assert set(answers.slices) == {"all", "1-2 words"}


def test_a_difference_is_paired():
    """Every query gains 0.1, so that however the queries are drawn the difference is 0.1."""
    values = np.linspace(0, 0.9, 30)
    before = Answers("s", {"ndcg@10": values}, {"all": np.arange(30)})
    [one] = compared(before, replace(before, values={"ndcg@10": values + 0.1}), resamples=50, seed=1)
    assert (one.difference, one.low, one.high) == pytest.approx((0.1, 0.1, 0.1))
    assert one.champion == pytest.approx(0.45)


def test_a_challenger_within_every_bound_passes():
    gates = judged(PASSING, CONFIG)
    assert [gate.name for gate in gates if not gate.passed] == []
    assert len({gate.name for gate in gates}) == len(gates) == 8
    raise_if_refused(gates, "old")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"fidelity": Fidelity("teacher@1", 0.50, 0.47)}, "fidelity"),
        ({"fidelity": Fidelity("the manifests", 0.50, None)}, "fidelity"),
        ({"comparisons": (comparison(low=-0.021),)}, "truth.ndcg@10"),
        ({"comparisons": (comparison(), comparison("a", -0.06, -0.1, -0.001))}, "truth.ndcg@10.a"),
        ({"comparisons": (comparison(), comparison("a", float("nan")))}, "truth.ndcg@10.a"),
        ({"overlaps": (0.2, 0.3)}, "list_overlap"),
        ({"overlaps": ()}, "list_overlap"),
        ({"invariance": (even("names", cosine=0.89),)}, "invariance.names.cosine"),
        ({"invariance": (even("words", overlap=0.59),)}, "invariance.words.overlap"),
    ],
)
def test_each_gate_refuses_beyond_its_bound_and_says_what_it_saw(changed, refused):
    gates = judged(replace(PASSING, **changed), CONFIG)
    assert [gate.name for gate in gates if not gate.passed] == [refused]
    with pytest.raises(QualityGateError, match=rf"(?s)1 promotion gate.*student old keeps serving.*{refused}: "):
        raise_if_refused(gates, "old")


@pytest.mark.parametrize(
    "part",
    [
        comparison("a", -0.3, -0.6, 0.001),  # could be chance
        comparison("a", -0.3, -0.6, -0.1, queries=49),  # too few to say
        comparison("a", -0.05, -0.06, -0.04),  # at the bound
        comparison("a", -0.3, -0.6, -0.1, metric="mrr@10"),  # reported alone
    ],
)
def test_a_slice_that_proves_nothing_refuses_nobody(part):
    assert all(gate.passed for gate in judged(replace(PASSING, comparisons=(comparison(), part)), CONFIG))


def test_the_report_escapes_what_it_shows_and_needs_no_other_file():
    found = replace(PASSING, comparisons=(comparison(dataset="<script>$x</script>"),))
    gates = judged(found, CONFIG)
    page = report_html(found, gates, NIGHT)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    images = re.findall(r'src="([^"]*)"', page)
    assert len(images) == 2
    assert all(base64.b64decode(src.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG") for src in images)
    assert not re.findall(r'href=|src="http', page)
    read = json.loads(json.dumps(report_json(found, gates, NIGHT)))
    assert read["overlap"] == pytest.approx(0.4)
    assert [gate["passed"] for gate in read["gates"]] == [True] * len(gates)
