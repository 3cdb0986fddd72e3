"""A night on a standalone cluster is the night of one machine, row for row, whatever becomes of an executor."""

import subprocess

import pytest

from pipelines.publishing.contents import NIGHTLY
from schemas.matches import MATCH_RECALL
from tests.cluster.conftest import EXECUTORS_PYTHON, logging_events, submission
from tests.cluster.events import by_stage, tasks
from tests.cluster.standalone import wait
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT
from tests.night_rows import published_rows
from tests.submitting import environment

FILLED = {table.name for table in NIGHTLY if table is not MATCH_RECALL}  # which is of larger cohorts
EAGER = {  # a second copy of every task that is not among the first
    "spark.speculation": "true",
    "spark.speculation.quantile": "0.1",
    "spark.speculation.multiplier": "1.01",
    "spark.speculation.minTaskRuntime": "0ms",
    "spark.speculation.interval": "10ms",
}
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def disturbed(founded, cluster, code, tmp_path_factory):
    """The town, one of whose executors was killed while it searched."""
    town = founded(tmp_path_factory.mktemp("shared") / "town")
    there = submission(
        town.project / "work", code, cluster.master, EXECUTORS_PYTHON, **logging_events(town.project / "events")
    )
    log = town.project / "night.log"
    night = there.start("run_nightly", *town.argv(), log=log)

    begun = "var/warehouse/recs/matches/run=*/*/_attempts"
    files = f"{begun}/*.parquet"
    wait(lambda: len(list(town.project.glob(files))) >= 4 or night.poll() is not None, seconds=600, what="a search")
    [folder] = town.project.glob(begun)
    cluster.kill_who_writes(folder)
    assert night.wait(900) == 0, log.read_text()[-4000:]
    return town


@pytest.fixture(scope="module")
def shipped(disturbed, cluster, code, tmp_path_factory):
    """The town after another attempt, by an environment that travels with the job; where its events lie."""
    town, folder = disturbed, tmp_path_factory.mktemp("shipped")
    subprocess.run(["make", "executors", f"DIST={folder}"], cwd=PROJECT, check=True, capture_output=True)
    conf = {"spark.archives": f"{folder}/executors.tar.gz#env", **EAGER, **logging_events(folder / "events")}
    there = submission(folder / "work", code, cluster.master, "./env/bin/python", **conf)
    there.run("run_nightly", *town.argv("--attempt", "2"))
    return town, folder / "events"


def test_the_executors_python_knows_nothing_of_the_project(cluster):
    asked = [EXECUTORS_PYTHON, "-c", "import numpy, pipelines"]
    at = cluster.workers[0].folder
    done = subprocess.run(asked, cwd=at, env=environment(), capture_output=True, text=True, check=False)
    assert "No module named 'pipelines'" in done.stderr


def test_an_executor_is_killed_while_it_searches_and_its_tasks_are_done_again(disturbed):
    found = tasks(disturbed.project / "events")
    lost = {task.stage for task in found if task.reason == "ExecutorLostFailure"}
    files = list(disturbed.project.glob("var/warehouse/recs/matches/run=*-1/*/*.parquet"))
    assert [stage for stage in lost if len(by_stage(found)[stage]) == len(files)]  # a task of the search writes one


def test_the_night_is_that_of_one_machine_row_for_row(disturbed, local):
    there, here = published_rows(disturbed.project), published_rows(local.project)
    assert FILLED <= {name for name, rows in here.items() if rows}
    for name, rows in here.items():
        assert there[name] == rows, name


def test_an_environment_that_travels_with_the_job_gives_the_same_rows(shipped, local, cluster):
    town, _ = shipped
    unpacked = [one for worker in cluster.workers for one in worker.folder.glob("app-*/*/env/bin/python")]
    assert len(unpacked) == 2
    assert list((town.project / "var" / "runs").glob(f"{NIGHT}-*-2/published.json"))
    assert published_rows(town.project) == published_rows(local.project)


def test_copies_of_tasks_that_race_each_other_change_no_row(shipped, local):
    town, events = shipped
    assert sum(task.speculative for task in tasks(events)) >= 5
    assert published_rows(town.project) == published_rows(local.project)


def test_the_exit_code_of_a_gate_reaches_who_submits(founded, cluster, code, tmp_path):
    town = founded(tmp_path / "town", "\n[quality]\nmin_postings = 1_000_000\n")
    there = submission(tmp_path / "work", code, cluster.master, EXECUTORS_PYTHON)
    ended = there.start("run_nightly", *town.argv(), log=(log := tmp_path / "log")).wait(600)
    assert (ended, "postings.enough_rows" in log.read_text()) == (4, True), log.read_text()[-4000:]
