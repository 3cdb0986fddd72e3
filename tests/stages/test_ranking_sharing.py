"""Prices go round on Spark as in the kernel, however the members lie, and lists are cut by what they leave."""

import numpy as np
import pytest

from jobs.share_exposure import shared_prices
from pipelines.ranking.config import ExplorationConfig
from pipelines.ranking.exposure import Prices, first, worth
from pipelines.ranking.gathered import Gathered, gather, side_by_side
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.sharing import lists_at, matched_postings, packed
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.rows import NIGHT, frame
from tests.stages.test_ranking_stage import CONFIG, rank

SCORED = (
    "member_id string, posting_id string, score double, standing double, relaxation string, company_key string,"
    " cluster_id string"
)
EXPLORING = ExplorationConfig(share=0.3, first_rank=2, candidates=5, seed=3)


@pytest.fixture(scope="module")
def pairs():
    """Forty members, each with some of twenty postings; one in ten lies beyond a wish."""
    draws = np.random.default_rng(2)
    return [
        (f"m{one:02d}", f"p{posting:02d}", score, score, "next_region" if draws.random() < 0.1 else None, None, None)
        for one in range(40)
        for posting in draws.choice(20, draws.integers(1, 12), replace=False).tolist()
        for score in draws.random(1).tolist()
    ]


@pytest.mark.parametrize("partitions", [1, 5])
def test_lists_are_counted_as_in_the_kernel_however_members_lie(spark, pairs, partitions):
    gathered = gather(spark.createDataFrame(pairs, SCORED), min_score=0.0).repartition(partitions)
    names = sorted({posting for _, posting, _, _, relaxed, *_ in pairs if relaxed is None})
    keys = {
        row.id: row.key
        for row in spark.sql(
            f"SELECT id, xxhash64(id) key FROM VALUES {str([(n,) for n in names])[1:-1].replace(',)', ')')} t(id)"
        ).collect()
    }
    prices = Prices.none(matched_postings(gathered))
    assert prices.postings.tolist() == sorted(keys.values())
    prices = Prices(prices.postings, np.random.default_rng(3).normal(0, 1.5, len(names)))
    own = {member: sorted(p for p in pairs if p[0] == member and p[4] is None) for member in {p[0] for p in pairs}}
    rows = [[p[2] for p in matches] for matches in own.values()]
    places = [[prices.postings.tolist().index(keys[p[1]]) for p in matches] for matches in own.values()]
    lengths = np.array([len(row) for row in rows])
    scores = side_by_side(lengths, np.concatenate(rows), -np.inf)
    at = side_by_side(lengths, np.concatenate(places), 0)
    chosen = first(worth(scores, prices.prices[at], 4, 0.1), 4)
    expected = np.bincount(at[chosen], minlength=len(names))
    assert lists_at(packed(gathered, prices.postings), prices, k=4, max_loss=0.1).tolist() == expected.tolist()


@pytest.mark.parametrize("partitions", [1, 5])
def test_the_same_night_draws_the_same_lots_however_members_lie_and_another_draws_others(spark, pairs, partitions):
    config = CONFIG.model_copy(update={"exploration": EXPLORING})
    scored = spark.createDataFrame(pairs, SCORED)

    def lists(given, night):
        rows = make_lists(gather(given, min_score=0.0), Listing(config), night).collect()
        return sorted((row.member_id, row["rank"], row.posting_id, row.by_lot, row.propensity) for row in rows)

    found = lists(scored.repartition(partitions), NIGHT)
    assert found == lists(scored.orderBy("score"), NIGHT)
    assert any(row[3] for row in found)
    tomorrow = type(NIGHT)(NIGHT.run_date.replace(day=3), "run")
    assert found != lists(scored, tomorrow)


def test_caps_hold_whatever_is_drawn():
    """Four companies, at most two of each: whichever candidates are drawn, and for whichever places."""
    members, width = 300, 20
    standing = np.random.default_rng(3).random((members, width))
    companies = np.tile(np.arange(width) % 4 + 1, (members, 1))
    none = np.zeros((members, width), dtype=np.int64)
    keys = np.tile(np.arange(width), (members, 1))
    update = {"recommendations_per_member": 4, "per_company": 2, "exploration": EXPLORING}
    lists = Listing(CONFIG.model_copy(update=update)).of(
        Gathered(keys, standing, standing, none.astype(bool), companies, none), np.arange(members)
    )
    assert lists.by_lot.any()
    shown = np.take_along_axis(companies, lists.match, axis=1)
    assert max(np.bincount(row).max() for row in shown) == 2


def test_nothing_has_a_price_where_all_lies_beyond_the_wishes(spark, pairs):
    beyond = [(*pair[:4], "next_region", None, None) for pair in pairs]
    gathered = gather(spark.createDataFrame(beyond, SCORED), min_score=0.0)
    assert shared_prices(gathered, CONFIG.exposure, 3) is None
    assert make_lists(gathered, Listing(CONFIG), NIGHT).count() > 0


def test_a_list_is_cut_by_score_less_price_and_ranked_by_score(spark):
    names = ("poor", "rich")
    similar = {"rich": 0.9, "poor": 0.05}
    keys = ("member_id", "posting_id", "similarity")
    pairs = [
        (member, posting, similar[member] - 0.01 * place) for member in names for place, posting in enumerate("abcde")
    ]
    matches = frame(spark, MATCHES.schema, *(dict(zip(keys, pair, strict=True)) for pair in pairs))
    members = frame(spark, MEMBERS.schema, *({"member_id": member} for member in names))
    postings = frame(spark, POSTINGS.schema, *({"posting_id": posting} for posting in "abcde"))
    by_key = {row.key: row.id for row in postings.selectExpr("posting_id id", "xxhash64(posting_id) key").collect()}
    prices = {"b": 0.03, "e": -0.008}
    shared = Prices(np.array(sorted(by_key)), np.array([prices.get(by_key[key], 0.0) for key in sorted(by_key)]))
    none_lost = CONFIG.model_copy(update={"exposure": CONFIG.exposure.model_copy(update={"max_loss": 0.02})})
    rows = rank(matches, members, postings, none_lost, prices=shared).orderBy("member_id", "rank").collect()
    lists = {name: "".join(row.posting_id for row in rows if row.member_id == name) for name in names}
    assert lists == {"rich": "ace", "poor": "acd"}  # where scores are low, 0.02 of them pay half of the price
    for name in names:
        scores = [row.score for row in rows if row.member_id == name]
        assert scores == sorted(scores, reverse=True)
