"""A night evaluated on what happened after it, beside what could be known by then and the night before it."""

import datetime
import math
import shutil

import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from jobs import compare_methods, evaluate_run, run_nightly
from tests.jobs.conftest import NIGHT, Town
from tests.jobs.test_run_nightly import catalog, table

EARLIER = "2026-10-05"
DAYS = 28


@pytest.fixture(scope="module")
def two_nights(town, tmp_path_factory):
    """Another town of the same members and postings, which has published an earlier night and NIGHT."""
    project = tmp_path_factory.mktemp("two_nights") / "own"
    shutil.copytree(town.conf, project / "conf")
    for kept in ("sample", "models"):
        shutil.copytree(town.project / "var" / kept, project / "var" / kept)
    other = Town(project)
    for night in (EARLIER, NIGHT):
        assert other.run(run_nightly.main, run_date=night) == 0
    return other


def figures(town, dataset, night):
    rows = table(town, "evaluation", night)
    return rows[rows["dataset"] == dataset].astype({"against": object}).fillna({"against": ""})


def value(rows, method, name, part="all", against=""):
    [row] = rows[
        (rows["method"] == method) & (rows["name"] == name) & (rows["slice"] == part) & (rows["against"] == against)
    ].to_dict("records")
    return row


def interactions(town):
    """(member, posting, day) of views and applications as the feed has them, duplicates under who stands for them."""
    rejected = table(town, "postings_rejected", EARLIER)
    stands_for = {row["source_row"]: row["duplicate_of"] for row in rejected.to_dict("records") if row["duplicate_of"]}
    feed = pq.read_table(town.project / "var" / "sample" / "interactions").to_pylist()
    return [
        (row["profileId"], stands_for.get(row["jobRef"], row["jobRef"]), datetime.date.fromisoformat(row["at"][:10]))
        for row in feed
        if row["event"] in ("view", "apply")
    ]


def test_later_interactions_are_right_and_baselines_know_only_earlier_ones(two_nights):
    assert two_nights.run(evaluate_run.main, "--key", "later", "--days", str(DAYS), run_date=EARLIER) == 0
    night = datetime.date.fromisoformat(EARLIER)
    done = interactions(two_nights)
    open_now = set(table(two_nights, "postings", EARLIER)["posting_id"])
    members = table(two_nights, "members", EARLIER)
    known = set(members[members["content_hash"].notna()]["member_id"])
    right, likes = {}, {}
    for member, posting, day in done:
        if posting not in open_now:
            continue
        if day <= night:
            likes.setdefault(posting, set()).add(member)
        elif day <= night + datetime.timedelta(days=DAYS) and member in known:
            right.setdefault(member, set()).add(posting)
    assert len(right) > 20
    recommended = table(two_nights, "recommendations", EARLIER).sort_values("rank")
    lists = recommended.groupby("member_id")["posting_id"].agg(list).to_dict()
    popular = sorted(open_now, key=lambda posting: (-len(likes.get(posting, ())), posting))
    rows = figures(two_nights, f"later, {DAYS} days", EARLIER)
    for method, list_of in (("nightmatch", lambda m: lists.get(m, [])), ("popularity", lambda m: popular)):
        for k in (1, 5, 10):
            by_hand = by_plain_python(right, list_of, k)
            for name, expected in by_hand.items():
                row = value(rows, method, name)
                assert row["value"] == pytest.approx(expected), (method, name)
                assert row["members"] == len(right)
                assert row["low"] <= row["value"] <= row["high"]
    lead = value(rows, "nightmatch", "hit@10", against="popularity")
    gap = (
        by_plain_python(right, lambda m: lists.get(m, []), 10)["hit@10"]
        - by_plain_python(right, lambda m: popular, 10)["hit@10"]
    )
    assert lead["value"] == pytest.approx(gap)
    assert "previous night" not in set(rows["method"])


def by_plain_python(right, list_of, k):
    found = {f"hit@{k}": 0.0, f"recall@{k}": 0.0, f"precision@{k}": 0.0, f"ndcg@{k}": 0.0}
    for member, wanted in right.items():
        hits = [posting in wanted for posting in list_of(member)[:k]]
        best = sum(1 / math.log2(place + 2) for place in range(min(k, len(wanted))))
        gained = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
        for name, one in (("hit", any(hits)), ("recall", sum(hits) / len(wanted)), ("precision", sum(hits) / k)):
            found[f"{name}@{k}"] += one / len(right)
        found[f"ndcg@{k}"] += gained / best / len(right)
    return found


def test_a_night_is_put_beside_the_last_one_before_it_and_says_how_much_changed(two_nights):
    assert two_nights.run(evaluate_run.main, "--key", "views", "--k", "10") == 0
    rows = figures(two_nights, "views", NIGHT)
    assert {"nightmatch", "previous night", "popularity", "popularity, ties at random"} <= set(rows["method"])
    evaluated = viewers(two_nights)
    now, before = (
        table(two_nights, "recommendations", night).groupby("member_id")["posting_id"].agg(set).to_dict()
        for night in (NIGHT, EARLIER)
    )
    both = sorted(evaluated & now.keys() & before.keys())
    changed = value(rows, "nightmatch", "churn@10")
    assert changed["members"] == len(both)
    assert changed["value"] == pytest.approx(sum(len(now[m] - before[m]) / len(now[m]) for m in both) / len(both))
    assert 0 < value(rows, "nightmatch", "rbo@10")["value"] < 1


def viewers(town):
    """Members with something embedded who viewed an open posting."""
    stands_for = {
        row["source_row"]: row["duplicate_of"]
        for row in table(town, "postings_rejected").to_dict("records")
        if row["duplicate_of"]
    }
    open_now = set(table(town, "postings")["posting_id"])
    members = table(town, "members")
    feed = pq.read_table(town.project / "var" / "sample" / "interactions").to_pylist()
    who = {
        row["profileId"]
        for row in feed
        if row["event"] == "view" and stands_for.get(row["jobRef"], row["jobRef"]) in open_now
    }
    return who & set(members[members["content_hash"].notna()]["member_id"])


def test_coverage_and_gini_of_all_lists_are_those_of_the_published_table(town):
    assert town.run(evaluate_run.main, "--key", "truth", "--k", "5") == 0
    rows = figures(town, "truth", NIGHT)
    recommended = table(town, "recommendations")
    counts = recommended[recommended["rank"] <= 5]["posting_id"].value_counts()
    n_open = len(table(town, "postings"))
    everyone = value(rows, "nightmatch", "coverage@5", "everyone")
    assert everyone["value"] == pytest.approx(len(counts) / n_open)
    assert everyone["members"] == recommended["member_id"].nunique()
    shown = [*counts.tolist(), *[0] * (n_open - len(counts))]
    apart = sum(abs(a - b) for a in shown for b in shown) / n_open**2
    assert value(rows, "nightmatch", "gini@5", "everyone")["value"] == pytest.approx(apart / 2 / (sum(shown) / n_open))
    of_found = value(rows, "nightmatch", "coverage@5 of found", "everyone")["value"]
    assert of_found == pytest.approx(len(counts) / table(town, "matches")["posting_id"].nunique())
    assert 0 < value(rows, "nightmatch", "diversity@5")["value"] < 1


def test_slices_are_told_from_the_minimum_on_and_a_key_replaces_only_its_own_figures(town):
    for minimum in ("30", "120"):
        assert town.run(evaluate_run.main, "--key", "truth", "--k", "5", "--min-slice", minimum) == 0
        rows = figures(town, "truth", NIGHT)
        told = rows[(rows["name"] == "hit@5") & ~rows["slice"].isin(["all", "everyone"])]
        assert len(told)
        assert told["members"].min() >= int(minimum)
    assert town.run(evaluate_run.main, "--key", "views", "--k", "5") == 0
    again = figures(town, "truth", NIGHT)
    assert len(again) == len(rows)
    assert len(figures(town, "views", NIGHT))


def test_another_run_of_the_same_date_can_be_the_one_that_is_beaten(town):
    run_id = table(town, "recommendations")["run_id"].iloc[0]
    assert town.run(evaluate_run.main, "--key", "truth", "--k", "5", "--against", run_id) == 0
    rows = figures(town, "truth", NIGHT)
    assert value(rows, "nightmatch", "churn@5")["value"] == 0
    assert value(rows, "nightmatch", "rbo@5")["value"] == pytest.approx(1)
    lead = value(rows, "nightmatch", "ndcg@5", against=f"run {run_id}")
    assert (lead["value"], lead["low"], lead["high"]) == (0, 0, 0)


def test_logged_propensities_give_estimates_for_every_other_method(town, monkeypatch):
    published = compare_methods.published

    def with_lots(given, terms):
        night = published(given, terms)
        lot = F.when(F.col("rank") == 2, F.lit(0.5)).when(F.col("rank") == 4, F.lit(1.0))
        return night._replace(recommendations=night.recommendations.withColumn("propensity", lot.cast("double")))

    monkeypatch.setattr(compare_methods, "published", with_lots)
    recommended = table(town, "recommendations")
    run_id = recommended["run_id"].iloc[0]
    assert town.run(evaluate_run.main, "--key", "truth", "--k", "5", "--against", run_id) == 0
    rows = figures(town, "truth", NIGHT)
    right = true_pairs(town)
    logged = recommended[recommended["rank"].isin([2, 4])].copy()
    logged["weight"] = logged["rank"].map({2: 2.0, 4: 1.0})
    brought = [pair in right for pair in zip(logged["member_id"], logged["posting_id"], strict=True)]
    same = f"run {run_id}"  # puts every posting where it was, so every logged place counts with its weight
    assert value(rows, same, "ips")["value"] == pytest.approx(sum(logged["weight"] * brought) / len(logged))
    assert value(rows, same, "snips")["value"] == pytest.approx(
        sum(logged["weight"] * brought) / logged["weight"].sum()
    )
    assert value(rows, same, "effective places")["value"] == pytest.approx(
        logged["weight"].sum() ** 2 / (logged["weight"] ** 2).sum()
    )
    assert value(rows, "popularity", "logged places")["value"] == len(logged)
    assert "ips" not in set(rows[rows["method"] == "nightmatch"]["name"])


def true_pairs(town):
    """(member, posting) of the same or a related occupation."""
    truth = town.project / "var" / "sample" / "truth"
    members, postings = (pq.read_table(truth / kind).to_pylist() for kind in ("members", "postings"))
    by_occupation = {}
    for row in postings:
        by_occupation.setdefault(row["occupation"], []).append(row["posting_id"])
    return {
        (row["member_id"], posting)
        for row in members
        for occupation in (row["occupation"], *row["related"])
        for posting in by_occupation.get(occupation, ())
    }


@pytest.mark.parametrize(
    ("arguments", "run_date", "code", "message"),
    [
        (("--key", "later"), "2026-12-24", 5, "no published night of 2026-12-24"),
        (("--key", "later"), NIGHT, 2, "nothing is right for any of the members"),
        (("--key", "truth", "--against", "no-run"), NIGHT, 5, "run no-run has no staged table"),
    ],
)
def test_what_cannot_be_evaluated_is_said(town, caplog, arguments, run_date, code, message):
    before = catalog(town).load_table("recs.evaluation").metadata_location
    assert town.run(evaluate_run.main, *arguments, run_date=run_date) == code
    assert message in caplog.text
    assert catalog(town).load_table("recs.evaluation").metadata_location == before
