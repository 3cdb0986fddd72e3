import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.popular import also_popular, rows_of
from pipelines.retrieval.precision import FLOAT32
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index
from tests.searched_world import brute_force, make_members, make_postings, may_take, number, sharded, together

NO_TERMS = {"years": np.nan, "min_salary": np.nan, "companies": [], "applied": []}


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 300), shards=st.sampled_from([1, 3]), k=st.integers(1, 12))
def test_the_first_popular_ones_that_a_member_may_take_join_what_is_nearest(seed, n, shards, k):
    rng = np.random.default_rng(seed)
    postings, nearest = make_postings(rng, n, 40), 3
    members = make_members(rng, 12, postings)
    asked = together(members)
    index = Index([sharded(postings[start::shards]) for start in range(shards) if postings[start::shards]])
    order = [postings[one] for one in rng.permutation(n)[: n // 2 + 1]]
    popular = rows_of(index, np.array([number(b"not there"), *(number(one["id"]) for one in order)]))
    assert [one.encode() for one in index.ids(popular).to_pylist()] == [one["id"] for one in order]
    queries = postings_for(asked, index)
    found = search(queries, index, k=nearest, precision=FLOAT32)
    more = also_popular(queries, index, found, popular, k)
    ids = index.ids(more.row).to_pylist()
    for number_of, member in enumerate(members):
        got = {
            (one.encode(), round(float(near), 6))
            for query, one, near in zip(more.query, ids, more.similarity, strict=True)
            if query == number_of
        }
        cohort_may = [one for one in order if may_take(member | NO_TERMS, one)][:k]
        before = {one for one, _ in brute_force(member, postings, nearest)}
        wanted = [one for one in cohort_may if may_take(member, one) and one["id"] not in before]
        near = dict(brute_force(member, postings, n))
        assert got == {(one["id"], round(near[one["id"]], 6)) for one in wanted}


def test_nothing_popular_adds_nothing():
    rng = np.random.default_rng(0)
    postings = make_postings(rng, 20, 20)
    index = Index([sharded(postings)])
    queries = postings_for(together(make_members(rng, 3, postings)), index)
    none = rows_of(index, np.empty(0, dtype=np.int64))
    assert len(none) == 0
    assert len(also_popular(queries, index, [], none, 5).query) == 0
