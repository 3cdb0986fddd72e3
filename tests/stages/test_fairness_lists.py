"""Postings' lists of members on Spark: in constrained order, and weighed, as the kernel does it one by one."""

import numpy as np
import pytest

from pipelines.fairness.constrained import UNKNOWN, Weighed, constrained_order, shares_of, weigh
from pipelines.fairness.lists import (
    SUMS,
    group_sizes,
    grouped,
    lists_of,
    ranked_by_similarity,
    reordered,
    some_lists,
    weighed,
)
from schemas.matches import POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from tests.rows import NIGHT, frame

TEAMS = {f"m{i}": "b" if i % 3 == 0 else "a" for i in range(30)} | {"m1": None, "m2": " "}


@pytest.fixture(scope="module")
def attributes(spark):
    rows = [(f" {member} ", team) for member, team in TEAMS.items()]
    return spark.createDataFrame([*rows, ("m0", None), ("stranger", "b"), ("m4", "c")], "member_id string, team string")


@pytest.fixture(scope="module")
def found(spark):
    draws = np.random.default_rng(5)
    rows = [
        {"posting_id": f"p{p}", "member_id": f"m{m}", "similarity": round(float(draws.random()), 1)}
        for p in range(6)
        for m in draws.permutation(30)[: 12 + p]
    ]
    return frame(spark, POSTING_MATCHES.schema, *rows)


@pytest.fixture(scope="module")
def lists(found, attributes):
    groups = grouped(attributes, key="member_id", name="team", groups=["a", "b"])
    ranked = ranked_by_similarity(found)
    return lists_of(ranked, groups, owner="posting_id", listed="member_id", score="similarity")


@pytest.fixture(scope="module")
def by_hand(found):
    """posting -> (similarity, member, group), best first."""
    code = {None: UNKNOWN, " ": UNKNOWN, "a": 0, "b": 1}
    rows = {}
    for row in found.collect():
        entry = (-row["similarity"], row["member_id"], code[TEAMS[row["member_id"]]])
        rows.setdefault(row["posting_id"], []).append(entry)
    return {posting: sorted(entries) for posting, entries in rows.items()}


def test_groups_are_counted_among_the_members_of_the_night(spark, attributes):
    members = frame(spark, MEMBERS.schema, *({"member_id": f"m{i}"} for i in range(9)))
    sizes = {
        row["group"]: row["count"] for row in group_sizes(members, attributes, key="member_id", name="team").collect()
    }
    assert sizes == {"a": 4, "b": 3}  # m1 and m2 say nothing, and m4 says a before c


def test_lists_are_in_order_of_similarity_with_the_groups_of_their_members(lists, by_hand):
    rows = {row["posting_id"]: row for row in lists.collect()}
    for posting, entries in by_hand.items():
        assert rows[posting]["ids"] == [member for _, member, _ in entries]
        assert rows[posting]["scores"] == [-score for score, _, _ in entries]
        assert rows[posting]["groups"] == [group for *_, group in entries]


@pytest.mark.parametrize("targets", [None, [0.3, 0.6]])
@pytest.mark.parametrize("partitions", [1, 3])
def test_rows_are_those_of_the_kernel_however_the_lists_are_laid_out(lists, by_hand, targets, partitions):
    given = None if targets is None else np.array(targets)
    rows = reordered(lists.repartition(partitions), n_groups=2, targets=given, night=NIGHT)
    assert POSTING_LISTS.differences(rows.schema) == []
    found = sorted((row["posting_id"], row["rank"], row["member_id"]) for row in rows.collect())
    expected, moved = [], 0
    for posting, entries in sorted(by_hand.items()):
        groups = np.array([group for *_, group in entries])
        order = constrained_order(groups, shares_of(groups, 2) if given is None else given)
        moved += (order != np.arange(len(order))).any()
        expected += [(posting, rank, entries[at][1]) for rank, at in enumerate(order, start=1)]
    assert found == sorted(expected)
    assert moved


def test_costs_are_the_sum_of_those_of_the_lists(lists, by_hand):
    rows = weighed(lists.repartition(3), n_groups=2, targets=None, places=[3, 10]).collect()
    total = Weighed.of(np.sum([row[SUMS] for row in rows], axis=0), 2, 2)
    each = []
    for entries in by_hand.values():
        groups = np.array([group for *_, group in entries])
        each.append(weigh(np.array([-one for one, *_ in entries]), groups, shares_of(groups, 2), [3, 10]))
    assert total.lists == len(by_hand) == 6
    assert total.flat() == pytest.approx(sum(one.flat() for one in each))


def test_without_large_groups_every_list_stays_as_it_is(attributes, found, by_hand):
    nobody = grouped(attributes, key="member_id", name="team", groups=[])
    ranked = ranked_by_similarity(found)
    lists = lists_of(ranked, nobody, owner="posting_id", listed="member_id", score="similarity")
    rows = reordered(lists, n_groups=0, targets=None, night=NIGHT).collect()
    found = {(row["posting_id"], row["rank"]): row["member_id"] for row in rows}
    assert found == {(p, rank): e[1] for p, entries in by_hand.items() for rank, e in enumerate(entries, start=1)}


def test_the_lists_of_a_sample_are_whole(found):
    some = some_lists(found, owner="posting_id", count=2)
    kept = {row["posting_id"] for row in some.collect()}
    assert len(kept) == 2
    assert some.count() == found.where(found["posting_id"].isin(kept)).count()
