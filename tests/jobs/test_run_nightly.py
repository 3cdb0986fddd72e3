"""A whole night on a small town: what readers see, what a second night costs, and what a rerun changes."""

import datetime
import json

import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import load_catalog

from jobs import check_quality, evaluate_run, run_nightly, show_member, show_night
from pipelines.publishing.artifacts import pointed
from schemas import search_suites, suites
from tests.brute_force import by_brute_force
from tests.jobs.conftest import NIGHT

DATE = datetime.date.fromisoformat(NIGHT)
PRODUCT = ("postings", "postings_rejected", "members", "members_rejected", "matches", "recommendations", "shortfalls")


def catalog(town):
    return load_catalog("recs", type="sql", uri=f"sqlite:///{town.project}/var/catalog.db")


def table(town, name, night=NIGHT):
    return catalog(town).load_table(f"recs.{name}").scan(row_filter=f"run_date = '{night}'").to_pandas()


def stages(town, night=NIGHT):
    [folder] = (town.project / "var" / "runs").glob(f"{night}-*-1/stages")
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def test_pandas_duckdb_and_spark_read_the_same_published_table(town, spark):
    scan = catalog(town).load_table("recs.recommendations").scan(row_filter=f"run_date = '{NIGHT}'")
    in_pandas = scan.to_pandas()
    query = "SELECT count(*), count(DISTINCT member_id), sum(rank), sum(score_parts['similarity']) FROM recs"
    in_duckdb = scan.to_duckdb("recs").sql(query).fetchall()[0]
    frame = spark.read.parquet(*[task.file.file_path for task in scan.plan_files()])
    frame.createOrReplaceTempView("recs")
    in_spark = tuple(spark.sql(query).first())
    by_hand = (
        len(in_pandas),
        in_pandas["member_id"].nunique(),
        in_pandas["rank"].sum(),
        sum(dict(parts)["similarity"] for parts in in_pandas["score_parts"]),
    )
    assert in_pandas["member_id"].nunique() > 200
    assert in_duckdb == pytest.approx(by_hand)
    assert in_spark == pytest.approx(by_hand)


def test_every_row_read_is_accepted_or_rejected_with_a_reason(town):
    for kind, read in (("postings", 900), ("members", 300)):
        rejected = table(town, f"{kind}_rejected")
        assert len(table(town, kind)) + len(rejected) == read
        assert all(len(reasons) for reasons in rejected["reasons"])
    assert not set(table(town, "members")["member_id"]) & set(
        row["source_row"] for _, row in table(town, "members_rejected").iterrows() if "opted_out" in row["reasons"]
    )


def test_every_member_has_a_full_list_or_a_reason(town):
    counts = table(town, "recommendations").groupby("member_id").size()
    short = table(town, "shortfalls").set_index("member_id")
    for member in table(town, "members")["member_id"]:
        assert counts.get(member, 0) == 10 or short.loc[member, "recommendations"] == counts.get(member, 0)
    assert set(short["reason"]) <= {"empty_profile", "no_eligible_posting", "few_eligible_postings"}


def test_matches_are_brute_force_over_the_eligible_row_for_row(town):
    assert len(by_brute_force(catalog(town), NIGHT)) > 250


def test_all_gates_have_passed_and_say_what_they_saw(town):
    results = table(town, "quality_results")
    assert set(results["gate"]) == {suite.gate for suite in (*suites.SUITES, *search_suites.SUITES)} - {
        "posting_matches",
        "posting_lists",
        "posting_recommendations",
        "fairness",
    }
    unjudged = results[results["passed"].isna()]
    assert {name for name in unjudged["name"] if not name.startswith(("volume_of_", "vectors_"))} == {
        "scores_shift",
        "share_of_lists_kept",
    }
    assert unjudged["expected"].str.startswith("not judged: ").all()
    judged = results.drop(unjudged.index)
    assert judged[judged["severity"] == "block"]["passed"].all()
    assert judged["observed"].notna().all()
    log = table(town, "run_log").set_index("stage")
    assert log.loc["ingest_postings", ["rows_in", "rows_out"]].tolist()[0] == 900
    assert set(log.index) == set(run_nightly.STAGES) - {"match_postings", "reorder_members", "rank_members", "audit"}


def test_a_rerun_of_a_finished_night_changes_nothing_and_says_so(town, caplog):
    before = {name: catalog(town).load_table(f"recs.{name}").metadata_location for name in (*PRODUCT, "run_log")}
    assert town.run(run_nightly.main) == 0
    after = {name: catalog(town).load_table(f"recs.{name}").metadata_location for name in before}
    assert after == before
    assert "was published before; nothing changed" in caplog.text


def test_a_log_that_a_crash_has_kept_from_being_written_is_written_by_the_next_run(town):
    before = table(town, "run_log").drop(columns="started_at")
    catalog(town).load_table("recs.run_log").delete(f"run_date = '{NIGHT}'")
    assert town.run(run_nightly.main) == 0
    assert table(town, "run_log").drop(columns="started_at").equals(before)


def test_a_second_attempt_gives_the_same_rows(town):
    columns = ["member_id", "rank", "posting_id", "score", "similarity"]
    first = table(town, "recommendations")[columns].sort_values(["member_id", "rank"]).reset_index(drop=True)
    assert town.run(run_nightly.main, "--attempt", "2") == 0
    rows = table(town, "recommendations")
    assert rows["run_id"].str.endswith("-2").all()
    assert rows[columns].sort_values(["member_id", "rank"]).reset_index(drop=True).equals(first)


def test_a_blocked_night_leaves_the_last_one_serving_and_is_told(own_town, caplog):
    assert own_town.run(run_nightly.main) == 0
    served = table(own_town, "recommendations")
    (own_town.conf / "town.toml").open("a").write("\n[quality]\nmin_postings = 1_000_000\n")
    assert own_town.run(run_nightly.main) == 4
    assert "postings.enough_rows" in caplog.text
    columns = ["run_id", "member_id", "rank", "posting_id", "score"]
    assert table(own_town, "recommendations")[columns].equals(served[columns])
    results = table(own_town, "quality_results")
    blocked = results[results["passed"].eq(False) & (results["severity"] == "block")]
    assert blocked["name"].tolist() == ["enough_rows"]


def test_a_night_that_broke_midway_continues_where_it_stopped(own_town):
    """The student's folder is gone before it is read, then it is put back."""
    models = own_town.project / "var" / "models"
    name = str(pointed(models / "current"))
    (models / name).rename(models / "away")
    assert own_town.run(run_nightly.main) == 5
    finished = stages(own_town)
    assert set(finished) == {"ingest_postings", "ingest_members", "ingest_searches"}
    (models / "away").rename(models / name)
    assert own_town.run(run_nightly.main) == 0
    assert {kind: stages(own_town)[kind] for kind in finished} == finished
    assert len(table(own_town, "recommendations")) > 0


def test_one_member_is_shown_with_rules_and_parts(town, capsys):
    member = table(town, "recommendations")["member_id"].iloc[0]
    assert town.run(show_member.main, member) == 0
    shown = capsys.readouterr().out
    assert member in shown
    assert "open postings are eligible" in shown
    assert "similarity" in shown


def test_a_member_who_opted_out_is_not_shown_and_the_reason_is(town, caplog):
    rejected = table(town, "members_rejected")
    member = next(row["source_row"] for _, row in rejected.iterrows() if "opted_out" in row["reasons"])
    assert town.run(show_member.main, member) == 2
    assert "rejected: opted_out" in caplog.text


def test_a_night_is_shown_with_its_stages_and_readers(town, capsys):
    assert town.run(show_night.main, "--show-members", "2") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("ingest_postings", "got a full list", "DuckDB", "pandas"))
    assert shown.count("member M-") == 2


def test_the_gates_can_be_run_again(town, capsys):
    assert town.run(check_quality.main, "--gate", "recommendations") == 0
    assert "place_rule_kept" in capsys.readouterr().out
    [pages] = (town.project / "var" / "runs").glob(f"{NIGHT}-*-1/quality")
    gates = {"postings", "members", "embeddings", "matches", "recommendations"}
    gates |= {"saved_searches", "search_recommendations"}
    assert {path.name for path in pages.iterdir()} >= {"index.html", *(f"{gate}.html" for gate in gates)}
    assert "recommendations.place_rule_kept" in (pages / "recommendations.html").read_text()


def test_the_student_is_nearer_to_the_truth_than_chance_and_the_figures_are_kept(town):
    assert town.run(evaluate_run.main, "--key", "truth") == 0
    figures = table(town, "evaluation").query("dataset == 'truth' and slice == 'all' and against.isna()")
    found = figures.set_index(["method", "name"]).loc[("nightmatch", "precision@10")]
    assert found["value"] > 1.5 * chance(town)
    assert found["low"] > chance(town)
    assert found["members"] > 250


def chance(town):
    """Share of postings that are right for a member, which is the precision of any list that ignores the member."""
    truth = town.project / "var" / "sample" / "truth"
    members, postings = (pq.read_table(truth / kind).to_pandas() for kind in ("members", "postings"))
    share = postings["occupation"].value_counts(normalize=True)
    right = [
        sum(share.get(name, 0.0) for name in {own, *related})
        for own, related in zip(members["occupation"], members["related"], strict=True)
    ]
    return sum(right) / len(right)
