"""Prices go round on Spark as in the kernel, however the members lie, and lists are cut by what they leave."""

import numpy as np
import pytest

from pipelines.ranking.exposure import lists_of_postings, parts_paid, side_by_side
from pipelines.ranking.sharing import as_rows, counted, numbered, paying, with_order
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.rows import frame
from tests.stages.test_ranking_stage import CONFIG, rank


@pytest.mark.parametrize("partitions", [1, 5])
def test_lists_and_parts_are_those_of_the_kernel_however_members_lie(spark, partitions):
    draws = np.random.default_rng(2)
    lists = {f"m{one:02d}": np.sort(draws.choice(20, draws.integers(1, 12), replace=False)) for one in range(40)}
    scores = {member: draws.random(len(row)) for member, row in lists.items()}
    prices = draws.normal(0, 1.5, len({one for row in lists.values() for one in row.tolist()}))
    pairs = [
        (member, f"p{posting:02d}", float(score))
        for member, row in lists.items()
        for posting, score in zip(row.tolist(), scores[member], strict=True)
    ]
    scored = spark.createDataFrame(pairs, "member_id string, posting_id string, standing double")
    numbers = numbered(scored)
    number = {row.posting_id: row.number for row in numbers.collect()}
    assert sorted(number, key=number.get) == sorted(number)
    matched = side_by_side(
        np.array([len(row) for row in lists.values()]),
        np.array([number[posting] for _, posting, _ in pairs]),
        np.array([score for *_, score in pairs]),
        len(number),
    )
    paid = parts_paid(matched, prices, 4, 0.1)
    assert len(set(paid)) > 2  # a world in which members pay different parts
    rows = as_rows(scored, numbers).repartition(partitions)
    found = {row.member_id: row.paid for row in paying(rows, prices, k=4, max_loss=0.1).collect()}
    assert found == dict(zip(lists, paid.tolist(), strict=True))
    held = {row.number: row.lists for row in counted(rows, prices, k=4, max_loss=0.1).collect()}
    expected = lists_of_postings(matched, prices, paid, 4)
    assert held == {one: int(count) for one, count in enumerate(expected) if count}


def test_without_prices_the_order_is_the_standing(spark):
    scored = spark.createDataFrame([("m", "p", 0.7)], "member_id string, posting_id string, standing double")
    assert with_order(scored, None, None).first()["order"] == 0.7


def test_a_list_is_cut_by_score_less_price_and_ranked_by_score(spark):
    names = ("pays", "half", "free")
    pairs = [(member, posting, 0.9 - 0.01 * place) for member in names for place, posting in enumerate("abcde")]
    keys = ("member_id", "posting_id", "similarity")
    matches = frame(spark, MATCHES.schema, *(dict(zip(keys, pair, strict=True)) for pair in pairs))
    members = frame(spark, MEMBERS.schema, *({"member_id": member} for member in names))
    postings = frame(spark, POSTINGS.schema, *({"posting_id": posting} for posting in "abcde"))
    prices = spark.createDataFrame([("b", 0.03), ("e", -0.008)], "posting_id string, price double")
    paid = spark.createDataFrame([("pays", 1.0), ("half", 0.5), ("free", 0.0)], "member_id string, paid double")
    rows = rank(matches, members, postings, CONFIG, prices, paid).orderBy("member_id", "rank").collect()
    lists = {name: "".join(row.posting_id for row in rows if row.member_id == name) for name in names}
    assert lists == {"free": "abc", "half": "acd", "pays": "ace"}
    for name in names:
        scores = [row.score for row in rows if row.member_id == name]
        assert scores == sorted(scores, reverse=True)
