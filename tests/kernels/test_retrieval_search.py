"""The search against a brute force that shares no code with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.retrieval.precision import BFLOAT16, FLOAT32, bounds
from tests.searched_world import brute_force, make_members, make_postings, searched


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 600),
    distinct=st.integers(1, 60),
    shards=st.sampled_from([1, 7]),
    k=st.integers(1, 20),
    precision=st.sampled_from([BFLOAT16, FLOAT32]),
)
def test_the_result_is_brute_force_over_the_eligible_row_for_row(seed, n, distinct, shards, k, precision):
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, n, distinct)
    members = make_members(rng, 20, postings)
    assert searched(members, postings, shards, k, precision) == [brute_force(member, postings, k) for member in members]


def test_a_member_whose_nearest_postings_are_all_forbidden_is_not_left_short():
    rng = np.random.default_rng(0)
    postings = make_postings(rng, 500, 500)
    for posting in postings:
        posting |= {"country": "", "mode": "", "languages": "", "min_years": np.nan, "currency": b"", "company": 9}
    member = make_members(rng, 1, postings)[0] | {"companies": [], "applied": []}
    nearest = [posting_id for posting_id, _ in brute_force(member, postings, 490)]
    member["applied"] = nearest
    assert [i for i, _ in searched([member], postings, 1, 10)[0]] == [i for i, _ in brute_force(member, postings, 10)]
    assert len(searched([member], postings, 1, 10)[0]) == 10


def test_equal_scores_break_by_posting_id_however_many_there_are():
    rng = np.random.default_rng(1)
    postings = make_postings(rng, 400, 1)
    for posting in postings:
        posting |= {"country": "", "mode": "", "languages": "", "min_years": np.nan, "currency": b"", "company": 9}
    member = make_members(rng, 1, postings)[0] | {"companies": [], "applied": []}
    assert [i for i, _ in searched([member], postings, 3, 5)[0]] == [
        b"p00000",
        b"p00001",
        b"p00002",
        b"p00003",
        b"p00004",
    ]


@pytest.mark.parametrize(
    ("rule", "unknown"),
    [
        ("place", {"country": ""}),
        ("work_mode", {"mode": ""}),
        ("language", {"languages": ""}),
        ("experience", {"min_years": np.nan}),
        ("salary", {"salary_max": np.nan}),
    ],
)
def test_an_unknown_value_excludes_only_where_the_configuration_says_so(rule, unknown):
    rng = np.random.default_rng(2)
    open_to_all = {
        "country": "DE",
        "region": "north",
        "mode": "onsite",
        "languages": "de",
        "min_years": 0.0,
        "salary_max": 60_000.0,
        "currency": b"EUR",
        "company": 1,
    }
    posting = make_postings(rng, 1, 1)[0] | open_to_all | unknown
    member = make_members(rng, 1, [posting])[0] | {
        "places": frozenset([("DE", "north")]), "modes": frozenset(["onsite"]), "languages": frozenset(["de"]),
        "years": 5.0, "min_salary": 45_000.0, "currency": b"EUR", "companies": [], "applied": [],
    }  # fmt: skip
    found = {
        excluding: bool(searched([member], [posting], 1, 1, unknown_excludes=excluding)[0])
        for excluding in [(), (rule,)]
    }
    assert found == {(): True, (rule,): False}


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT32])
@pytest.mark.parametrize("shards", [1, 3])
def test_many_tiles_and_mixed_cohorts_lose_nothing(precision, shards):
    rng = np.random.default_rng(3)
    postings = make_postings(rng, 9_000, 8_000, d=32)
    members = make_members(rng, 40, postings, d=32)
    found = searched(members, postings, shards, 25, precision)
    assert found == [brute_force(member, postings, 25) for member in members]


def test_products_that_are_zero_or_negative_count_like_others():
    rng = np.random.default_rng(4)
    postings = make_postings(rng, 64, 64)
    for row, posting in enumerate(postings):
        vector = np.zeros(8, dtype=np.float32)
        vector[row % 8] = -1.0
        posting |= {"vector": vector, "country": "", "mode": "", "languages": "", "min_years": np.nan}
        posting |= {"currency": b"", "company": 9}
    vector = np.zeros(8, dtype=np.float32)
    vector[0] = 1.0
    member = make_members(rng, 1, postings)[0] | {"vector": vector, "companies": [], "applied": []}
    for k in (5, 56, 60):
        assert searched([member], postings, 1, k) == [brute_force(member, postings, k)]


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-3, 1.0, 3.0]), d=st.sampled_from([3, 32, 256]))
def test_a_product_is_never_wrong_by_more_than_its_bound(seed, scale, d):
    rng = np.random.default_rng(seed)
    rows, queries = (rng.standard_t(2, size=(40, d)).astype(np.float32) * scale for _ in range(2))
    exact = rows.astype(np.float64) @ queries.astype(np.float64).T
    for precision in (BFLOAT16, FLOAT32):
        out = np.empty((40, 40), dtype=precision.key)
        precision.products(precision.encode(rows), precision.encode(queries), out)
        error = bounds(
            d,
            query=np.linalg.norm(queries.astype(np.float64), axis=1),
            query_loss=precision.loss(queries),
            row=float(np.linalg.norm(rows.astype(np.float64), axis=1).max()),
            row_loss=float(precision.loss(rows).max()),
        )
        product = precision.decode(out)
        assert (np.abs(product - exact) <= error[None, :] + precision.unit * np.abs(product) * 1.01 + 1e-12).all()


def test_a_processor_that_multiplies_worse_than_it_says_is_found_out(monkeypatch):
    rng = np.random.default_rng(6)
    postings, right = make_postings(rng, 300, 300), type(BFLOAT16).products

    def wrong(self, rows, queries, out):
        right(self, rows, queries, out)
        out[::7] += 40

    monkeypatch.setattr(type(BFLOAT16), "products", wrong)
    with pytest.raises(ValueError, match=r"set retrieval\.first_pass to float32"):
        searched(make_members(rng, 20, postings), postings, 1, 20)
