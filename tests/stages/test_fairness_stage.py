"""What the audit counts of a night, by hand, and a bias planted in a night that Spark aggregates."""

import datetime
import math

import numpy as np
import pytest

from pipelines.fairness.figures import audit_side, first_findings
from pipelines.fairness.history import with_churn, with_interest
from pipelines.fairness.measures import Measure, audited_members, audited_postings, audited_recruiting
from pipelines.fairness.stage import (
    Lists,
    choose_members,
    choose_postings,
    member_rows,
    posting_rows,
    recruiting_rows,
    with_attributes,
)
from schemas import interactions
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import POSTINGS_REJECTED
from tests.kernels.test_fairness import CONFIG as WORLD
from tests.rows import NIGHT, frame

CONFIG = WORLD.model_copy(
    update={
        "k": [1, 2, 4],
        "max_members": 1000,
        "max_postings": 1000,
        "well_paid_quantile": 0.5,
        "strata": ["seniority"],
    }
)
SALARIES = {"p1": (10.0, 30.0), "p2": (None, 40.0), "p3": (10.0, None), "p4": (None, None)}


@pytest.fixture(scope="module")
def lists(spark):
    places = [("m1", 1, "p1", 0.9), ("m1", 2, "p2", 0.8), ("m2", 1, "p4", 0.7)]
    return Lists(
        members=frame(
            spark,
            MEMBERS.schema,
            *({"member_id": one, "seniority": level} for one, level in {"m1": "mid", "m2": None, "m3": "mid"}.items()),
        ),
        postings=frame(
            spark,
            POSTINGS.schema,
            *(
                {"posting_id": one, "salary_min": low, "salary_max": high}
                for one, (low, high) in SALARIES.items()
                if one != "p1"
            ),
            {"posting_id": "p1", "salary_min": 10.0, "salary_max": 30.0, "seniority": "senior"},
        ),
        matches=frame(
            spark,
            MATCHES.schema,
            *({"member_id": "m1", "posting_id": f"p{i}", "similarity": i / 10} for i in (1, 2, 3)),
            {"member_id": "m2", "posting_id": "p4", "similarity": 0.5},
        ),
        recommendations=frame(
            spark,
            RECOMMENDATIONS.schema,
            *({"member_id": m, "rank": rank, "posting_id": p, "score": score} for m, rank, p, score in places),
        ),
    )


@pytest.fixture(scope="module")
def chosen(spark, lists):
    said = [("m1", "a", "x"), (" m1 ", "a", None), ("m2", "  ", "y"), ("stranger", "b", "z")]
    groups = spark.createDataFrame(said, "member_id string, team string, region string")
    return choose_members(lists.members, groups, names=["team", "region"], config=CONFIG)


def rows_of(frame_, key="member_id"):
    return {row[key]: row.asDict(recursive=True) for row in frame_.collect()}


def test_members_carry_their_groups_and_stratum_once_and_strangers_do_not_count(chosen):
    rows = rows_of(chosen)
    assert {one: (row["groups"], row["stratum"]) for one, row in rows.items()} == {
        "m1": (["a", "x"], "mid"),
        "m2": ([None, "y"], "?"),
        "m3": ([None, None], "mid"),
    }


def test_a_member_row_says_what_was_found_and_shown(lists, chosen):
    rows = rows_of(member_rows(chosen, lists, config=CONFIG))
    one = rows["m1"]  # salaries 20, 40, 10, none: the median is 20, and only 40 is above it
    assert (one["matches"], one["matched_well_paid"], one["matched_seniority"]) == (3, 1.0, 2.0)
    assert one["matched_similarity"] == pytest.approx(0.2)
    assert one["matched_salary"] == pytest.approx((1 + 2 + 0.5) / 3)
    assert (one["scores"], one["salaries"], one["well_paid"]) == ([0.9, 0.8], [1.0, 2.0], [0.0, 1.0])
    assert one["seniorities"] == [2.0, None]
    assert (rows["m2"]["salaries"], rows["m2"]["well_paid"]) == ([None], [0.0])
    assert (rows["m3"]["matches"], rows["m3"]["matched_well_paid"], rows["m3"]["scores"]) == (0, 0.0, [])


def test_churn_is_the_share_of_a_list_that_is_new_to_who_had_one(spark, lists, chosen):
    before = frame(
        spark,
        RECOMMENDATIONS.schema,
        {"member_id": "m1", "posting_id": "p2"},
        {"member_id": "m1", "posting_id": "p9"},
        {"member_id": "m3", "posting_id": "p9"},
    )
    rows = rows_of(with_churn(chosen, lists.recommendations, before))
    assert {one: row["churn"] for one, row in rows.items()} == {"m1": 0.5, "m2": None, "m3": None}


def test_interest_after_the_night_is_held_against_the_score(spark, lists, chosen):
    after, night = "2026-11-05 10:00:00", f"{NIGHT.run_date} 23:00:00"
    done = spark.createDataFrame(
        [
            ("m1", "copy", " Viewed", after),
            ("m1", "p2", "dismissed", after),
            ("m2", "p4", "viewed", night),
            ("m2", "p4", "viewed", "no date"),
        ],
        "member_id string, posting_id string, kind string, occurred_at string",
    )
    assert done.columns == interactions.SOURCE.names
    rejected = frame(spark, POSTINGS_REJECTED.schema, {"source_row": "copy", "duplicate_of": "p1"})
    given = (chosen, lists.recommendations, done, rejected)
    rows = rows_of(with_interest(*given, after=NIGHT.run_date))
    assert (rows["m1"]["said"], rows["m1"]["happened"]) == ([0.9, 0.8], [1.0, 0.0])
    assert (rows["m2"]["said"], rows["m2"]["happened"]) == (None, None)
    rows = rows_of(with_interest(*given, after=NIGHT.run_date, until=datetime.date(2026, 11, 4)))
    assert rows["m1"]["said"] is None


def test_a_member_row_for_recruiters_says_on_which_lists_and_where(spark, chosen):
    ranked = spark.createDataFrame(
        [("p1", "m1", 0.9, 1), ("p1", "m2", 0.5, 2), ("p2", "m1", 0.7, 3), ("p2", "stranger", 0.9, 1)],
        "posting_id string, member_id string, similarity double, rank int",
    )
    rows = rows_of(recruiting_rows(chosen, ranked, places=2))
    assert {one: (row["lists"], row["shown_at"]) for one, row in rows.items()} == {
        "m1": (2, [1.0, 0.0]),
        "m2": (1, [0.0, 1.0]),
        "m3": (0, [0.0, 0.0]),
    }
    assert rows["m1"]["found_similarity"] == pytest.approx(0.8)
    assert rows["m3"]["found_similarity"] is None
    audited = audited_recruiting(recruiting_rows(chosen, ranked, places=2).toPandas(), ["team", "region"], k=[1, 2])
    assert sorted(audited.values[Measure("shown", "exposure", 2)]) == pytest.approx([0, 1 / math.log2(3), 1])
    assert sorted(audited.values[Measure("matched", "exposure")]) == [0, 1, 2]


def test_a_posting_row_says_who_it_was_shown_to(spark, lists):
    groups = lists.postings.selectExpr("posting_id", "coalesce(seniority, 'none') AS level")
    more = spark.createDataFrame([(" p1 ", "large")], "posting_id string, size string")
    names = ["level", "size"]
    chosen = choose_postings(lists.postings, with_attributes(groups, more, "posting_id"), names=names, config=CONFIG)
    rows = rows_of(posting_rows(chosen, lists, places=3), "posting_id")
    assert {one: (row["groups"], row["matches"], row["lists"], row["shown_at"]) for one, row in rows.items()} == {
        "p1": (["senior", "large"], 1, 1, [1.0, 0.0, 0.0]),
        "p2": (["none", None], 1, 1, [0.0, 1.0, 0.0]),
        "p3": (["none", None], 1, 0, [0.0, 0.0, 0.0]),
        "p4": (["none", None], 1, 1, [1.0, 0.0, 0.0]),
    }
    exposure = audited_postings(posting_rows(chosen, lists, places=3).toPandas(), names, k=[1, 3])
    [[of_p2]] = [
        [v[i] for i in range(4) if exposure.attributes["level"][i] == "none" and 0 < v[i] < 1]
        for m, v in exposure.values.items()
        if (m.metric, m.k) == ("exposure", 3)
    ]
    assert of_p2 == pytest.approx(1 / math.log2(3))


def test_no_more_members_are_audited_than_configured_and_always_the_same(spark, lists, chosen):
    few = CONFIG.model_copy(update={"max_members": 2})
    groups = spark.createDataFrame([("m1", "a")], "member_id string, team string")
    sampled = [
        rows_of(choose_members(members, groups, names=["team"], config=few)).keys()
        for members in (lists.members, lists.members.repartition(3))
    ]
    assert len(sampled[0]) == 2
    assert sampled[0] == sampled[1]


def test_a_bias_planted_in_the_order_of_lists_is_named_and_only_that(spark):
    """Everybody finds and is recommended the same kinds of postings; team b sees the well-paid ones last."""
    draws = np.random.default_rng(11)
    team = draws.choice(["a", "b"], 300)
    paid = draws.random((300, 4)) < 0.4
    places, matches = [], []
    for i in range(300):
        picked = [f"{'rich' if good else 'poor'}{draws.integers(50)}" for good in paid[i]]
        matches += [{"member_id": f"m{i}", "posting_id": one, "similarity": 0.5} for one in picked]
        picked = sorted(picked) if team[i] == "b" else list(draws.permutation(picked))
        places += [{"member_id": f"m{i}", "rank": r + 1, "posting_id": p, "score": 0.5} for r, p in enumerate(picked)]
    given = Lists(
        frame(spark, MEMBERS.schema, *({"member_id": f"m{i}"} for i in range(300))),
        frame(
            spark,
            POSTINGS.schema,
            *({"posting_id": f"rich{i}", "salary_max": 80.0} for i in range(50)),
            *({"posting_id": f"poor{i}", "salary_max": 40.0} for i in range(51)),
        ),
        frame(spark, MATCHES.schema, *matches),
        frame(spark, RECOMMENDATIONS.schema, *places),
    )
    groups = spark.createDataFrame([(f"m{i}", str(one)) for i, one in enumerate(team)], "member_id string, team string")
    chosen = choose_members(given.members, groups, names=["team"], config=CONFIG)
    rows = member_rows(chosen, given, config=CONFIG).toPandas()
    found = first_findings(
        audit_side(audited_members(rows, ["team"], k=[1, 2, 4], per_member=4), config=CONFIG, families=1)
    )
    assert found
    assert {one.stage for one in found} == {"shown"}
    first = next(one for one in found if (one.audit_group, one.metric, one.k) == ("b", "exposure", 1))
    of_b = [i for i in range(300) if team[i] == "b"]
    shown_first = {one["member_id"]: one["posting_id"].startswith("rich") for one in places if one["rank"] == 1}
    assert first.value == pytest.approx(np.mean([shown_first[f"m{i}"] for i in of_b]))
    assert first.size == len(of_b)
