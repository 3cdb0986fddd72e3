"""What was shown in vain sinks, and exactly as far as counting by hand says."""

import datetime
import random
from collections import defaultdict

import pytest

from pipelines.ranking.config import FatigueConfig
from pipelines.ranking.fatigue import STANDING, shown_in_vain, with_standing
from schemas import columns as c
from tests.rows import NIGHT
from tests.stages.test_ranking_stage import CONFIG, places, ranked

FATIGUE = FatigueConfig(enabled=True, nights=14, half_point_nights=4.0)


def night(ago):
    return NIGHT.run_date - datetime.timedelta(days=ago)


def lists(spark, *rows):
    return spark.createDataFrame(list(rows), "run_date date, member_id string, posting_id string")


def clicks(spark, *rows):
    return spark.createDataFrame(list(rows), "member_id string, posting_id string, occurred_at date")


def counted(frame):
    return {(row[c.MEMBER_ID], row[c.POSTING_ID]): row["nights_in_vain"] for row in frame.collect()}


def test_nights_without_a_click_since_are_counted(spark):
    shown = lists(
        spark,
        *((night(ago), "m", "never") for ago in (1, 2, 3)),
        *((night(ago), "m", "then") for ago in (1, 2, 3)),
        (night(1), "m", "today"),
        (night(5), "m", "unknown"),
        (night(1), "other", "then"),
    )
    done = clicks(
        spark,
        ("m", "then", night(2)),
        ("m", "then", night(9)),
        ("m", "today", night(1)),
        ("m", "unknown", None),
        ("m", "unseen", night(1)),
    )
    assert counted(shown_in_vain(shown, done)) == {
        ("m", "never"): 3,
        ("m", "then"): 1,  # of the night after the click
        ("m", "unknown"): 1,
        ("other", "then"): 1,
    }


def test_counts_are_those_of_brute_force(spark):
    draws = random.Random(5)
    shown = [(night(draws.randint(1, 9)), f"m{draws.randint(0, 3)}", f"p{draws.randint(0, 5)}") for _ in range(150)]
    done = [(f"m{draws.randint(0, 3)}", f"p{draws.randint(0, 5)}", night(draws.randint(0, 12))) for _ in range(20)]
    expected = defaultdict(int)
    for date, member, posting in set(shown):
        if not any(one[:2] == (member, posting) and one[2] >= date for one in done):
            expected[member, posting] += 1
    assert 5 < len(expected)
    assert counted(shown_in_vain(lists(spark, *shown), clicks(spark, *done))) == expected


def test_a_score_counts_half_after_each_half_point_and_stays_as_it_is(spark):
    scored = spark.createDataFrame(
        [("m", f"p{nights}", 0.8) for nights in (0, 2, 4, 8)] + [("other", "p4", 0.6)],
        "member_id string, posting_id string, score double",
    )
    shown = lists(spark, *((night(ago), "m", f"p{n}") for n in (2, 4, 8) for ago in range(1, n + 1)))
    rows = with_standing(scored, shown_in_vain(shown, clicks(spark)), config=FATIGUE).collect()
    standing = {(row[c.MEMBER_ID], row[c.POSTING_ID]): row[STANDING] for row in rows}
    assert standing == pytest.approx(
        {("m", "p0"): 0.8, ("m", "p2"): 0.8 * 0.5**0.5, ("m", "p4"): 0.4, ("m", "p8"): 0.2, ("other", "p4"): 0.6}
    )
    assert sorted(row[c.SCORE] for row in rows) == [0.6, 0.8, 0.8, 0.8, 0.8]


def test_a_posting_shown_in_vain_ranks_behind_one_that_scores_a_little_less(spark):
    shown = shown_in_vain(lists(spark, *((night(ago), "m", "a") for ago in (1, 2))), clicks(spark))
    similar = {"a": 0.9, "b": 0.8, "c": 0.1}
    off = CONFIG.model_copy(update={"fatigue": FATIGUE.model_copy(update={"enabled": False})})
    on = CONFIG.model_copy(update={"fatigue": FATIGUE})
    assert places(ranked(spark, similar, shown=shown, config=on)) == [(1, "b"), (2, "a"), (3, "c")]
    unsunk = ranked(spark, similar)
    assert places(unsunk) == [(1, "a"), (2, "b"), (3, "c")]
    for rows in (
        ranked(spark, similar, shown=shown, config=off),
        ranked(spark, similar, config=on),
    ):
        assert rows == [row for row in unsunk]
