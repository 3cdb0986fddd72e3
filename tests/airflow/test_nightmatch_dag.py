"""The DAG in a real Airflow 3, with real spark-submits of a small sample.

NIGHTMATCH_TEST_AIRFLOW names the Python of an environment that has Airflow and its Spark provider.
"""

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pyiceberg.catalog import load_catalog

from jobs import make_sample
from jobs.night_stages import JOBS, TABLES
from tests.airflow.installation import install
from tests.conftest import PROJECT
from tests.jobs.conftest import SMALLER, Town

PYTHON = str(Path(os.environ.get("NIGHTMATCH_TEST_AIRFLOW", "")).absolute())
NIGHTS = ("2026-11-02", "2026-11-03")
BLOCKED = "scheduled__2026-11-04T01:00:00+00:00"  # the night last due
HELD = "2026-11-05"
pytestmark = pytest.mark.timeout(4000)
SKIPPED = {"distill", "match_postings", "reorder_members", "rank_members", "audit"}
HEAVY = {"pyspark", "pandas", "numpy", "pyarrow", "torch", "faiss", "pipelines"}


@pytest.fixture(scope="module")
def town(spark, tmp_path_factory):
    """The sample in small, with the student that ships; `blocked` asks for more postings than there are."""
    town = Town(tmp_path_factory.mktemp("town"))
    shutil.copytree(PROJECT / "conf", town.conf)
    text = (town.conf / "sample.toml").read_text()
    for old, new in SMALLER.items():
        assert old in text
        text = text.replace(old, new)
    (town.conf / "town.toml").write_text(text)
    (town.conf / "blocked.toml").write_text(text + "\n[quality]\nmin_postings = 1_000_000\n")
    assert town.run(make_sample.main) == 0
    return town


@pytest.fixture(scope="module")
def airflow(town, tmp_path_factory):
    asked = "import airflow.providers.apache.spark, airflow.sdk"
    if subprocess.run([PYTHON, "-c", asked], capture_output=True, check=False).returncode:
        pytest.skip(
            f"{PYTHON} has no Airflow 3 with apache-airflow-providers-apache-spark; make test-airflow installs it"
        )
    dist = tmp_path_factory.mktemp("dist")
    subprocess.run(["make", "dist", f"DIST={dist}"], cwd=PROJECT, check=True, capture_output=True)
    home = tmp_path_factory.mktemp("airflow")
    return install(PYTHON, home, py_files=dist / "nightmatch.zip", env="blocked", conf_dir=town.conf)


@pytest.fixture(scope="module")
def scheduled(airflow, town):
    """A scheduled night that its gate blocks, one whose date is held, and two of a backfill that wants both at once."""
    claim = {"run_id": "another", "host": "elsewhere", "pid": 1, "until": "2999-01-01T00:00:00+00:00"}
    lease = town.project / "var" / "runs" / f"{HELD}.lease"
    lease.parent.mkdir(parents=True, exist_ok=True)
    lease.write_text(json.dumps(claim))
    with airflow.started():
        for dag in ("reader", "nightmatch"):
            airflow.command("dags", "unpause", dag)
        airflow.wait(lambda: state(airflow, BLOCKED), seconds=240, what="the gate blocks")
        asked = ("--run-id", "held", "--logical-date", HELD, "--conf", json.dumps({"env": "town"}))
        airflow.command("dags", "trigger", "nightmatch", *asked)
        airflow.wait(lambda: first_task(airflow, "held")["state"] == "up_for_retry", seconds=240, what="it is held")
        span = ("--from-date", f"{NIGHTS[0]}T01:00", "--to-date", f"{NIGHTS[1]}T01:00", "--max-active-runs", "2")
        conf = ("--dag-run-conf", json.dumps({"env": "town"}))
        airflow.command("backfill", "create", "--dag-id", "nightmatch", *span, *conf)
        airflow.wait(lambda: len(ended(airflow)) == 2, seconds=3000, what="two nights end")
        airflow.wait(lambda: readers(airflow), seconds=60, what="the reader runs")
        airflow.wait(lambda: first_task(airflow, "held")["try_number"] > 1, seconds=400, what="it is tried again")
    return airflow


def first_task(airflow, run_id):
    return airflow.tasks(run_id).get("ingest_postings", {"state": None, "try_number": 0})


def state(airflow, run_id):
    """How a run has ended, None before it has."""
    found = airflow.rows("SELECT state FROM dag_run WHERE dag_id = 'nightmatch' AND run_id = ?", run_id)
    return next((row["state"] for row in found if row["state"] in {"failed", "success"}), None)


def ended(airflow):
    query = "SELECT run_id FROM dag_run WHERE dag_id = 'nightmatch' AND run_type = 'backfill' AND state IN (?, ?)"
    return [row["run_id"] for row in airflow.rows(f"{query} ORDER BY logical_date", "success", "failed")]


def readers(airflow):
    return airflow.rows("SELECT * FROM dag_run WHERE dag_id = 'reader' AND state = 'success'")


def test_the_dag_is_parsed_fast_and_without_anything_heavy(airflow):
    code = f"""
import json, sys, time
import airflow.sdk, airflow.providers.apache.spark.operators.spark_submit, airflow.providers.standard.operators.empty
before, start = set(sys.modules), time.perf_counter()
sys.path.insert(0, {str(PROJECT / "jobs" / "airflow")!r})
import nightmatch_dag
print(json.dumps([time.perf_counter() - start, sorted(set(sys.modules) - before), list(nightmatch_dag.stages)]))
"""
    done = subprocess.run([PYTHON, "-c", code], env=airflow.environ, capture_output=True, text=True, check=True)
    seconds, imported, stages = json.loads(done.stdout.splitlines()[-1])
    assert stages == list(JOBS)
    assert seconds < 1
    assert not HEAVY & {name.split(".")[0] for name in imported}


def test_dags_test_runs_the_night_until_the_gate_that_fails(airflow):
    done = airflow.command(
        "dags", "test", "nightmatch", "2026-11-09", "-c", json.dumps({"env": "blocked"}), check=False
    )
    assert "postings.enough_rows" in done.stdout + done.stderr
    [run] = airflow.rows("SELECT * FROM dag_run WHERE dag_id = 'nightmatch' AND logical_date LIKE '2026-11-09%'")
    assert run["state"] == "failed"
    assert airflow.tasks(run["run_id"])["ingest_postings"]["state"] == "failed"
    assert airflow.events(run["run_id"]) == {}


def test_a_failed_gate_is_not_tried_again_stops_the_night_and_tells_nobody(scheduled):
    tasks = scheduled.tasks(BLOCKED)
    assert (tasks["ingest_postings"]["state"], tasks["ingest_postings"]["try_number"]) == ("failed", 1)
    assert {task["state"] for name, task in tasks.items() if name != "ingest_postings"} == {"upstream_failed"}
    assert state(scheduled, BLOCKED) == "failed"
    assert scheduled.events(BLOCKED) == {}


def test_a_date_that_another_run_holds_is_tried_again_later(scheduled):
    assert first_task(scheduled, "held")["try_number"] > 1
    assert state(scheduled, "held") is None


def test_a_backfill_publishes_each_night_under_its_logical_date(scheduled, town):
    assert [state(scheduled, run_id) for run_id in ended(scheduled)] == ["success", "success"]
    catalog = load_catalog("recs", type="sql", uri=f"sqlite:///{town.project}/var/catalog.db")
    rows = catalog.load_table("recs.recommendations").scan().to_pandas()
    assert sorted(map(str, rows["run_date"].unique())) == list(NIGHTS)
    assert rows.groupby("run_date")["member_id"].nunique().min() > 200


def test_stages_that_are_not_in_the_night_are_skipped_and_the_others_run(scheduled):
    for run_id in ended(scheduled):
        found = {name: task["state"] for name, task in scheduled.tasks(run_id).items()}
        assert {name for name, state in found.items() if state == "skipped"} == SKIPPED | {"posting_matches"}
        assert {name for name, state in found.items() if state == "success"} == set(JOBS) - SKIPPED


def test_two_nights_never_work_at_the_same_time(scheduled):
    ran = [
        task for run_id in ended(scheduled) for task in scheduled.tasks(run_id).values() if task["pool"] == "nightmatch"
    ]
    spans = sorted((task["start_date"], task["end_date"]) for task in ran if task["start_date"])
    assert len(spans) >= 2 * len(JOBS)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_the_published_tables_are_told_with_their_night_and_readers_run(scheduled):
    for night, run_id in zip(NIGHTS, ended(scheduled), strict=True):
        events = scheduled.events(run_id)
        assert set(events) == {f"recs.{table}" for stage in ("embed", "publish") for table in TABLES[stage]}
        assert events["recs.recommendations"] == {"env": "town", "run-date": night, "attempt": "1"}
    assert readers(scheduled)
