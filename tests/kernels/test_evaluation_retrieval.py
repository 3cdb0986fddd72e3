"""Metrics, intervals and rankers against plain Python, and the published figures of MELO."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.evaluation.benchmark import Benchmark, assembled, read_benchmark
from pipelines.evaluation.figures import evaluate, per_query, slices
from pipelines.evaluation.rankers import bm25, tfidf, tfidf_chars, vectors
from tests.conftest import PROJECT

MELO = PROJECT.parent / "shared" / "data" / "melo_us_en"
melo = pytest.mark.skipif(not MELO.exists(), reason="the MELO test set is not beside the project")


def fixed(lists):
    """A ranker that knows the answer."""
    return lambda queries, documents, k: np.array(lists)[:, :k]


@st.composite
def rankings(draw):
    """A ranking of up to 130 documents and the gains of some of them; at least one is relevant."""
    n = draw(st.integers(1, 130))
    order = draw(st.permutations(range(n)))
    gains = draw(st.dictionaries(st.integers(0, n - 1), st.sampled_from([1.0, 2.0, 3.0]), min_size=1))
    return order, gains


@given(rankings())
def test_every_metric_is_what_plain_python_says(drawn):
    order, gains = drawn
    corpus = {f"d{i}": "" for i in range(len(order))}
    benchmark = Benchmark("one", {"q": "words"}, corpus, {"q": {f"d{i}": gain for i, gain in gains.items()}})
    found = {name: value[0] for name, value in per_query(benchmark, fixed([order[:100]])).items()}
    assert found == pytest.approx(slowly(order, gains))


def slowly(order, gains):
    places = [place for place, document in enumerate(order[:100], start=1) if document in gains]
    best = sorted(gains.values(), reverse=True)[:10]
    discounted = [gains.get(document, 0) / math.log2(place + 1) for place, document in enumerate(order[:10], start=1)]
    return {
        "map@100": sum((i + 1) / place for i, place in enumerate(places)) / min(len(gains), 100),
        "mrr@100": 1 / places[0] if places else 0,
        "ndcg@10": sum(discounted) / sum(gain / math.log2(place + 1) for place, gain in enumerate(best, start=1)),
        "recall@10": sum(place <= 10 for place in places) / len(gains),
        "recall@100": len(places) / len(gains),
    }


def unit_vectors(n, seed):
    drawn = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_vectors_rank_by_product_whatever_the_block_and_equal_ones_by_position(monkeypatch):
    table = unit_vectors(40, seed=1)
    table[[7, 30]] = table[3]  # equal texts
    encode = lambda texts: table[[int(text) for text in texts]]  # noqa: E731
    queries, documents = [str(i) for i in range(10)], [str(i) for i in range(40)]
    whole = vectors(encode)(queries, documents, 15)
    scores = table.astype(np.float64) @ table.astype(np.float64).T
    assert whole.tolist() == [sorted(range(40), key=lambda j: (-round(scores[i, j], 6), j))[:15] for i in range(10)]
    assert whole[3].tolist()[:3] == [3, 7, 30]
    monkeypatch.setattr("pipelines.evaluation.rankers._BLOCK_SCORES", 90)  # two queries a block
    assert np.array_equal(vectors(encode)(queries, documents, 15), whole)


def test_a_cut_ranks_as_a_model_that_has_only_the_leading_dimensions():
    table = unit_vectors(30, seed=2)
    short = table[:, :3] / np.linalg.norm(table[:, :3], axis=1, keepdims=True)
    names = [str(i) for i in range(30)]
    cut, own = (vectors(lambda texts, t=t: t[[int(x) for x in texts]], d) for t, d in ((table, 3), (short, None)))
    assert np.array_equal(cut(names, names, 10), own(names, names, 10))


def test_bm25_is_its_formula():
    documents = ["night nurse nurse", "night baker", "day baker bread oven"]
    mean = 3.0  # words

    def score(tf, df, length):
        return math.log(1 + (3 - df + 0.5) / (df + 0.5)) * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / mean))

    # "nurse baker": 2 nurses in 3 words of document 0; one baker in 2 words of document 1 and in 4 of document 2
    scores = [score(2, 1, 3), score(1, 2, 2), score(1, 2, 4)]
    assert scores[0] > scores[1] > scores[2]
    assert bm25(["Nurse baker"], documents, 3).tolist() == [[0, 1, 2]]
    # "night day day": a day twice in the query (df 1) outweighs a night (df 2)
    assert 2 * score(1, 1, 4) > score(1, 2, 2) > score(1, 2, 3)
    assert bm25(["night day day"], documents, 3).tolist() == [[2, 1, 0]]


@pytest.mark.parametrize("rank", [bm25, tfidf, tfidf_chars])
def test_keyword_matching_finds_nothing_where_no_word_is_shared(rank):
    assert rank(["zoo", "baker"], ["night nurse", "baker"], 2).tolist() == [[-1, -1], [1, -1]]


def test_the_interval_of_a_paired_difference_is_narrower_than_either_and_the_same_every_time():
    queries = {f"q{i}": "two words" for i in range(40)}
    judged = [(f"q{i}", f"d{i}", 1.0) for i in range(40)]
    benchmark = assembled("b", queries, {f"d{i}": "" for i in range(40)}, judged)
    wrong, right = np.arange(1, 41) % 40, np.arange(40)
    some = np.stack([np.where(right % 2, right, wrong), wrong], axis=1)  # every second query right at place 1
    more = some.copy()
    more[0, 0] = 0  # and query 0
    figures = evaluate(benchmark, {"some": fixed(some), "more": fixed(more)})
    first, second = (f for f in figures if f.metric == "recall@10" and f.slice == "all")
    assert (first.value, second.value) == (20 / 40, 21 / 40)
    assert first.difference is None
    assert second.difference.low == 0
    assert second.difference.high < (second.high - second.low) / 2
    assert evaluate(benchmark, {"some": fixed(some), "more": fixed(more)}) == figures


def test_the_95_percent_interval_is_as_wide_as_the_central_limit_says():
    judged = [(f"q{i}", f"d{i % 2}", 1.0) for i in range(400)]
    benchmark = assembled("b", {f"q{i}": "a" for i in range(400)}, {"d0": "", "d1": ""}, judged)
    [figure] = [
        f for f in evaluate(benchmark, {"m": fixed([[0]] * 400)}) if (f.metric, f.slice) == ("recall@10", "all")
    ]
    half = 1.96 * math.sqrt(0.5 * 0.5 / 400)
    assert (figure.low, figure.high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.01)


def test_slices_are_by_length_and_by_the_benchmarks_own_groups_and_empty_ones_are_left_out():
    queries = {"q1": "nurse", "q2": "registered night nurse", "q3": "baker"}
    own = {"cold": {"q3"}, "nobody": set()}
    benchmark = assembled("b", queries, {"d": ""}, [(query, "d", 1.0) for query in queries], own)
    found = {name: rows.tolist() for name, rows in slices(benchmark)}
    assert found == {"all": [0, 1, 2], "1-2 words": [0, 2], "3-5 words": [1], "cold": [2]}


@melo
def test_keyword_matching_on_melo_is_near_its_published_figures():
    """Published, MAP@100: BM25 on lemmas 0.231, TF-IDF of character runs on lemmas 0.241; lemmas here: no plurals."""
    benchmark = read_benchmark(MELO)
    assert (len(benchmark.queries), len(benchmark.corpus), benchmark.left_out) == (633, 33_809, 0)
    singular = replace(
        benchmark,
        queries={query: without_plural(text) for query, text in benchmark.queries.items()},
        corpus={document: without_plural(text) for document, text in benchmark.corpus.items()},
    )
    assert per_query(singular, bm25)["map@100"].mean() == pytest.approx(0.231, abs=0.02)
    assert per_query(singular, tfidf_chars)["map@100"].mean() == pytest.approx(0.241, abs=0.03)


def without_plural(text):
    return re.sub(r"(?<=\w\w\w)s\b", "", re.sub(r"ies\b", "y", text.lower()))
