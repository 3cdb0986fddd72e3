"""The search against a brute force that shares no code with it."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.retrieval.directions import Members, postings_for
from pipelines.retrieval.eligibility import Cells, Cohort, Lists, MemberTerms, PostingTerms
from pipelines.retrieval.precision import BFLOAT16, FLOAT32, bounds, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index, make_shard

COUNTRIES = ["", "DE", "FR"]
REGIONS = ["", "north", "south"]
MODES = ["", "onsite", "remote"]
LANGUAGES = ["", "de", "de,en"]


def make_postings(rng, n, distinct, d=8):
    """Postings as dicts, in random order; few distinct vectors, so that there are many equal scores."""
    pool = rng.normal(size=(distinct, d)).astype(np.float32)
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    return [
        {
            "id": f"p{number:05d}".encode(),
            "vector": pool[rng.integers(distinct)],
            "country": str(rng.choice(COUNTRIES)),
            "region": str(rng.choice(REGIONS)),
            "mode": str(rng.choice(MODES)),
            "languages": str(rng.choice(LANGUAGES)),
            "min_years": float(rng.choice([np.nan, 0, 3, 8])),
            "salary_max": float(rng.choice([np.nan, 30_000, 60_000])),
            "currency": bytes(rng.choice([b"", b"EUR", b"USD"])),
            "company": int(rng.integers(0, 4)),
        }
        for number in rng.permutation(n)
    ]


def make_members(rng, n, postings, d=8):
    ids = [posting["id"] for posting in postings]
    members = []
    for _ in range(n):
        vector = rng.normal(size=d).astype(np.float32)
        members.append(
            {
                "vector": vector / np.linalg.norm(vector),
                "places": frozenset([("DE", str(rng.choice(REGIONS)))] if rng.random() < 0.7 else []),
                "modes": frozenset(["onsite"] if rng.random() < 0.3 else []),
                "languages": frozenset(rng.choice([["de"], ["de", "en"]][rng.integers(2)], size=2).tolist())
                if rng.random() < 0.5
                else frozenset(),
                "years": float(rng.choice([np.nan, 1, 5])),
                "min_salary": float(rng.choice([np.nan, 45_000])),
                "currency": bytes(rng.choice([b"", b"EUR"])),
                "companies": rng.choice(4, size=rng.integers(0, 2), replace=False).tolist(),
                "applied": rng.choice(ids, size=min(len(ids), int(rng.integers(0, 4))), replace=False).tolist(),
            }
        )
    return members


def may_take(member, posting):
    """The rules, one pair at a time, in plain words."""
    if member["places"]:
        fits = [
            posting["country"] in ("", country)
            and (region in ("", posting["region"]) or posting["region"] == "" or posting["mode"] == "remote")
            for country, region in member["places"]
        ]
        if not any(fits):
            return False
    if member["modes"] and posting["mode"] and posting["mode"] not in member["modes"]:
        return False
    if member["languages"] and posting["languages"]:
        if not set(posting["languages"].split(",")) <= member["languages"]:
            return False
    if posting["min_years"] > member["years"]:
        return False
    if posting["currency"] == member["currency"] != b"" and posting["salary_max"] < member["min_salary"]:
        return False
    return posting["company"] not in member["companies"] and posting["id"] not in member["applied"]


def brute_force(member, postings, k):
    scored = [
        (-round(float(np.dot(member["vector"].astype(np.float64), p["vector"].astype(np.float64))), 6), p["id"])
        for p in postings
        if may_take(member, p)
    ]
    return [(posting_id, -score) for score, posting_id in sorted(scored)[:k]]


def number(text):
    return int.from_bytes(text, "big") % (1 << 62)


def sharded(postings):
    def key(posting):
        return posting["country"], posting["region"], posting["mode"], posting["languages"]

    rows = sorted(postings, key=lambda p: (key(p), p.get("place", 0), p["id"]))
    runs = [(cell, len(list(group))) for cell, group in itertools.groupby(rows, key=key)]
    country, region, mode, languages = (np.array(values) for values in zip(*(cell for cell, _ in runs), strict=True))
    return make_shard(
        np.array([p["vector"] for p in rows], dtype=np.float32),
        pa.array([p["id"].decode() for p in rows]),
        PostingTerms(
            min_years=np.array([p["min_years"] for p in rows]),
            salary_max=np.array([p["salary_max"] for p in rows]),
            currency=np.array([number(p["currency"]) for p in rows]),
            company=np.array([p["company"] for p in rows]),
            posting=np.array([number(p["id"]) for p in rows]),
        ),
        Cells(country, region, mode, np.full(len(runs), ""), languages, np.cumsum([size for _, size in runs])),
        np.array([p.get("place", 0) for p in rows], dtype=np.int32),
    )


def ragged(lists):
    values = [value for one in lists for value in sorted(one)]
    return Lists(np.array(values, dtype=np.int64), np.cumsum([len(one) for one in lists]))


def together(members):
    wishes = [Cohort(m["places"], m["modes"], frozenset(), m["languages"]) for m in members]
    cohorts = list(dict.fromkeys(wishes))
    return Members(
        vectors=np.array([m["vector"] for m in members], dtype=np.float32),
        terms=MemberTerms(
            years=np.array([m["years"] for m in members]),
            min_salary=np.array([m["min_salary"] for m in members]),
            currency=np.array([number(m["currency"]) for m in members]),
            excluded_companies=ragged([m["companies"] for m in members]),
            excluded_postings=ragged([[number(one) for one in m["applied"]] for m in members]),
        ),
        cohorts=cohorts,
        cohort=np.array([cohorts.index(one) for one in wishes]),
    )


def searched(members, postings, shards, k, precision=BFLOAT16, unknown_excludes=(), effort=None):
    prepare_worker()
    asked = together(members)
    efforts = {} if effort is None else dict.fromkeys(asked.cohorts, effort)
    index = Index([sharded(postings[start::shards]) for start in range(shards) if postings[start::shards]])
    lists = [[] for _ in members]
    queries = postings_for(asked, index, unknown_excludes, efforts)
    for found in search(queries, index, k=k, precision=precision):
        ids = index.ids(found.row).to_pylist()
        for member, posting_id, similarity in zip(found.query, ids, found.similarity, strict=True):
            lists[member].append((posting_id.encode(), similarity))
    return lists


@settings(max_examples=40, deadline=None)
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


@settings(max_examples=60, deadline=None)
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
