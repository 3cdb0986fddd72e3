"""Members of postings are found by the search that finds postings of members, and by the same rules."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.retrieval.directions import Postings, members_for
from pipelines.retrieval.eligibility import Cohort
from pipelines.retrieval.member_shards import MemberIndex, make_member_shard, open_member_shard, write_member_shard
from pipelines.retrieval.precision import BFLOAT16, FLOAT32, prepare_worker
from pipelines.retrieval.search import search
from tests.searched_world import (
    make_members,
    make_postings,
    may_take,
    searched,
    sharded,
    together,
)


def people(rng, n, postings, distinct):
    """Members with ids in random order; few distinct vectors, so that there are many equal scores."""
    members = make_members(rng, n, postings)
    for member, number in zip(members, rng.permutation(n), strict=True):
        member |= {"id": f"m{number:05d}", "vector": members[int(rng.integers(min(n, distinct)))]["vector"]}
    return members


def brute_force(posting, members, k):
    vector = posting["vector"].astype(np.float64)
    scored = [
        (-round(float(np.dot(m["vector"].astype(np.float64), vector)), 6), m["id"])
        for m in members
        if may_take(m, posting)
    ]
    return [(member_id, -score) for score, member_id in sorted(scored)[:k]]


def shard_of(members):
    """The members' shard; rows of one cohort together."""
    cohorts = together(members).cohorts
    rows = sorted(members, key=lambda m: (cohorts.index(wishes(m)), m["id"]))
    sizes = [len(list(group)) for _, group in itertools.groupby(rows, key=wishes)]
    ordered = together(rows)
    ids = pa.array([m["id"] for m in rows])
    return make_member_shard(ordered.vectors, ids, ordered.terms, ordered.cohorts, np.cumsum(sizes))


def wishes(member):
    return Cohort(member["places"], member["modes"], frozenset(), member["languages"])


def found_members(postings, members, shards, k, precision=BFLOAT16, unknown_excludes=()):
    prepare_worker()
    index = MemberIndex([shard_of(members[start::shards]) for start in range(shards) if members[start::shards]])
    shard = sharded(postings)
    queries = members_for(Postings(shard.vectors, shard.terms, shard.cells), index, unknown_excludes)
    lists = {posting["id"]: [] for posting in postings}
    posting_ids = [one.encode() for one in shard.ids.to_pylist()]
    for found in search(queries, index, k=k, precision=precision):
        for query, member_id, similarity in zip(
            found.query, index.ids(found.row).to_pylist(), found.similarity, strict=True
        ):
            lists[posting_ids[query]].append((member_id, similarity))
    return lists


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 400),
    distinct=st.integers(1, 60),
    shards=st.sampled_from([1, 5]),
    k=st.integers(1, 20),
    precision=st.sampled_from([BFLOAT16, FLOAT32]),
)
def test_members_of_a_posting_are_brute_force_over_the_eligible_row_for_row(seed, n, distinct, shards, k, precision):
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, 30, 30)
    members = people(rng, n, postings, distinct)
    assert found_members(postings, members, shards, k, precision) == {
        posting["id"]: brute_force(posting, members, k) for posting in postings
    }


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    shards=st.sampled_from([1, 3]),
    unknown_excludes=st.sets(st.sampled_from(["place", "work_mode", "language", "experience", "salary"])),
)
def test_a_pair_is_eligible_in_one_direction_exactly_when_it_is_in_the_other(seed, shards, unknown_excludes):
    rng = np.random.default_rng(seed)
    postings = make_postings(rng, 60, 60)
    members = people(rng, 50, postings, 50)
    forward = searched(members, postings, shards, 1000, unknown_excludes=unknown_excludes)
    reverse = found_members(postings, members, shards, 1000, unknown_excludes=unknown_excludes)
    assert {(m["id"], *pair) for m, pairs in zip(members, forward, strict=True) for pair in pairs} == {
        (member_id, posting_id, similarity) for posting_id, pairs in reverse.items() for member_id, similarity in pairs
    }


def test_many_tiles_and_mixed_cells_lose_nobody():
    rng = np.random.default_rng(3)
    postings = make_postings(rng, 40, 40)
    members = people(rng, 9_000, postings, 8_000)
    assert found_members(postings, members, 3, 25) == {
        posting["id"]: brute_force(posting, members, 25) for posting in postings
    }


def test_a_shard_of_members_comes_back_as_it_was_written(tmp_path):
    rng = np.random.default_rng(4)
    for name, companies in (("some", [1]), ("none", [])):
        members = [member | {"companies": companies, "applied": []} for member in people(rng, 20, [{"id": b"p"}], 20)]
        shard = shard_of(members)
        write_member_shard(tmp_path / name, shard)
        opened = open_member_shard(tmp_path / name)
        assert (opened.cohorts, opened.ids.to_pylist()) == (shard.cohorts, shard.ids.to_pylist())
        assert (opened.length, opened.loss, opened.stop.tolist()) == (shard.length, shard.loss, shard.stop.tolist())
        assert np.array_equal(opened.vectors, shard.vectors)
        assert np.array_equal(opened.rough, shard.rough)
        for terms in ("years", "min_salary", "currency"):
            assert np.array_equal(getattr(opened.terms, terms), getattr(shard.terms, terms), equal_nan=True)
        for lists in ("excluded_companies", "excluded_postings"):
            for part in ("values", "stops"):
                assert np.array_equal(
                    getattr(getattr(opened.terms, lists), part), getattr(getattr(shard.terms, lists), part)
                )


def test_no_shard_is_written_where_its_folder_is_gone(tmp_path):
    """As after the index was sealed, when a task that was given up writes on."""
    rng = np.random.default_rng(4)
    with pytest.raises(FileNotFoundError):
        write_member_shard(tmp_path / "gone" / "shard", shard_of(people(rng, 5, [{"id": b"p"}], 5)))
