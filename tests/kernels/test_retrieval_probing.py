"""The fast search: what it may miss, and what it never may."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.precision import BFLOAT16, FLOAT32, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index
from tests.searched_world import (
    brute_force,
    make_members,
    make_postings,
    may_take,
    searched,
    sharded,
    together,
)

EVERYTHING = 1e6  # an effort at which every cluster promises enough


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 600),
    shards=st.sampled_from([1, 7]),
    k=st.integers(1, 20),
    precision=st.sampled_from([BFLOAT16, FLOAT32]),
)
def test_with_enough_effort_the_fast_search_is_brute_force_row_for_row(seed, n, shards, k, precision):
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, n, 60)
    members = make_members(rng, 20, postings)
    found = searched(members, postings, shards, k, precision, effort=EVERYTHING)
    assert found == [brute_force(member, postings, k) for member in members]


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 600), k=st.integers(1, 20), effort=st.sampled_from([-1e6, 0.0, 1]))
def test_with_however_little_effort_nobody_is_left_short_and_no_rule_is_broken(seed, n, k, effort):
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, n, n)
    members = make_members(rng, 20, postings)
    by_id = {posting["id"]: posting for posting in postings}
    for member, found in zip(members, searched(members, postings, 3, k, effort=effort), strict=True):
        assert len(found) == min(k, sum(may_take(member, posting) for posting in postings))
        assert all(may_take(member, by_id[posting_id]) for posting_id, _ in found)
        assert len(set(found)) == len(found)


def two_towns(rng):
    """Postings in two heaps of vectors that have nothing in common, and members who belong to the first."""
    postings = make_postings(rng, 1_200, 1_200)
    for row, posting in enumerate(postings):
        vector = rng.normal(size=8).astype(np.float32) * 0.05
        vector[row % 2] += 1
        posting |= {"vector": vector / np.linalg.norm(vector), "place": row % 2}
        posting |= {"country": "", "region": "", "mode": "", "languages": "", "min_years": np.nan, "currency": b""}
        posting |= {"company": 9}
    members = make_members(rng, 8, postings)
    for member in members:
        vector = rng.normal(size=8).astype(np.float32) * 0.05
        vector[0] += 1
        member |= {"vector": vector / np.linalg.norm(vector), "companies": [], "applied": []}
    return postings, members


@pytest.mark.parametrize(("effort", "read"), [(4.0, 768), (EVERYTHING, 1_200)])
def test_a_cluster_that_promises_nothing_is_not_read(monkeypatch, effort, read):
    prepare_worker()
    postings, members = two_towns(np.random.default_rng(5))
    index, rows, right = Index([sharded(postings)]), [], Index.rough

    def watched(self, runs, precision):
        rows.extend(row for run in runs for row in range(*run))
        return right(self, runs, precision)

    monkeypatch.setattr(Index, "rough", watched)
    asked = together(members)
    queries = postings_for(asked, index, efforts=dict.fromkeys(asked.cohorts, effort))
    found = search(queries, index, k=50, precision=BFLOAT16)
    assert len(set(rows)) == read  # 600 of one cluster are filled up to the next size
    assert sum(len(part.row) for part in found) == 50 * 8


def test_members_of_fast_and_exact_cohorts_are_searched_together():
    rng = np.random.default_rng(8)
    postings = make_postings(rng, 500, 500)
    members = make_members(rng, 30, postings)
    asked, index = together(members), Index([sharded(postings)])
    prepare_worker()
    queries = postings_for(asked, index, efforts={asked.cohorts[0]: EVERYTHING})
    parts = search(queries, index, k=10, precision=BFLOAT16)
    found = {(int(member), int(row)) for part in parts for member, row in zip(part.query, part.row, strict=True)}
    ids = index.ids(np.arange(500)).to_pylist()
    wanted = [brute_force(member, postings, 10) for member in members]
    assert sorted((member, ids[row].encode()) for member, row in found) == sorted(
        (number, posting_id) for number, best in enumerate(wanted) for posting_id, _ in best
    )


@pytest.mark.parametrize("effort", [None, 4.0])
def test_products_are_made_in_few_sizes_however_many_members_and_postings_there_are(monkeypatch, effort):
    """Each new pair of sizes makes torch compile for milliseconds; no region has as many of either as another."""
    prepare_worker()
    rng = np.random.default_rng(9)
    regions = [f"r{number:02d}" for number in range(30)]
    sizes = [20 + 23 * number for number in range(30)]
    postings = make_postings(rng, sum(sizes), 500)
    for posting, region in zip(postings, np.repeat(regions, sizes).tolist(), strict=True):
        posting |= {"country": "DE", "region": region, "mode": "", "languages": ""}
    index, made, right = Index([sharded(postings)]), set(), type(BFLOAT16).products

    def watched(self, rows, queries, out):
        made.add((len(rows), len(queries)))
        right(self, rows, queries, out)

    monkeypatch.setattr(type(BFLOAT16), "products", watched)
    for number, region in enumerate(regions[:-2]):  # behind the last ones lies nothing to fill up with
        members = make_members(rng, 5 + 7 * number, postings)
        for member in members:
            member |= {"places": frozenset([("DE", region)]), "modes": frozenset(), "languages": frozenset()}
        asked = together(members)
        efforts = {} if effort is None else dict.fromkeys(asked.cohorts, effort)
        search(postings_for(asked, index, efforts=efforts), index, k=10, precision=BFLOAT16)
    assert {rows for rows, _ in made} <= {128, 192, 256, 384, 512, 768}
    assert {width for _, width in made} <= {32, 48, 64, 96, 128, 192, 256}
