"""Postings' lists of members, and how many of them a member is on."""

from collections import Counter

import numpy as np
import pytest

from pipelines.ranking.gathered import gather
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.recruiting import closed_up, in_order_of, of_postings, spread_out
from tests.rows import NIGHT
from tests.stages.test_ranking_stage import CONFIG

SCORED = (
    "member_id string, posting_id string, score double, standing double, relaxation string, company_key string,"
    " cluster_id string"
)
RECRUITING = CONFIG.recruiting.model_copy(update={"members_per_list": 3, "max_lists": 4})


@pytest.fixture(scope="module")
def pairs():
    """Thirty postings of one company, each with eight of twelve members."""
    draws = np.random.default_rng(5)
    return [
        (f"m{member:02d}", f"p{posting:02d}", score, score, None, "acme", "same")
        for posting in range(30)
        for member in draws.choice(12, 8, replace=False).tolist()
        for score in draws.random(1).tolist()
    ]


def brute_force(pairs):
    """(posting, rank, member): the best places of each member, then the best members of each posting."""
    by_score = sorted(pairs, key=lambda pair: (-pair[2], pair[1], pair[0]))
    lists, places = {}, Counter()
    for member, posting, *_ in by_score:
        if places[member] < RECRUITING.max_lists:
            places[member] += 1
            lists.setdefault(posting, []).append(member)
    return sorted((posting, rank + 1, one) for posting, listed in lists.items() for rank, one in enumerate(listed[:3]))


@pytest.mark.parametrize("partitions", [1, 5])
def test_nobody_is_on_more_lists_than_allowed_and_the_place_goes_to_the_next(spark, pairs, partitions):
    config = of_postings(CONFIG.model_copy(update={"recruiting": RECRUITING, "per_company": 1}))
    scored = spread_out(spark.createDataFrame(pairs, SCORED).repartition(partitions), RECRUITING.max_lists)
    gathered = gather(scored, min_score=0.0, owner="posting_id", listed="member_id")
    rows = make_lists(gathered, Listing(config), NIGHT, owner="posting_id").collect()
    found = sorted((row.posting_id, row["rank"], row.member_id) for row in rows)
    assert found == brute_force(pairs)
    assert max(Counter(member for _, _, member in found).values()) == RECRUITING.max_lists
    assert any(rank > 1 for _, rank, _ in found)  # one company for all, and more than one place


def test_where_lists_are_reordered_their_order_counts_and_not_the_score(spark):
    scored = spark.createDataFrame(
        [("a", "p", 0.9, 0.9, None, None, None), ("b", "p", 0.2, 0.2, None, None, None)], SCORED
    )
    lists = spark.createDataFrame([("p", 1, "b"), ("p", 2, "a")], "posting_id string, rank int, member_id string")
    standing = {row.member_id: (row.score, row.standing) for row in in_order_of(scored, lists).collect()}
    assert standing == {"a": (0.9, 0.5), "b": (0.2, 1.0)}


def test_ranks_close_up_where_members_have_gone(spark):
    rows = [("p", 2, "b"), ("p", 5, "a"), ("q", 1, "a")]
    left = closed_up(spark.createDataFrame(rows, "posting_id string, rank int, member_id string")).collect()
    assert sorted(map(tuple, left)) == [("p", 1, "b"), ("p", 2, "a"), ("q", 1, "a")]
