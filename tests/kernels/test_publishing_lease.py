"""One run at a time holds a run date."""

import datetime
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.publishing.lease import MAINTENANCE, exclusive, holders, lease, raise_if_held, raise_unless_held
from schemas.errors import ArtifactError, RunConflictError


def claim(path, *, host, pid, minutes):
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    path.write_text(json.dumps({"run_id": "other", "host": host, "pid": pid, "until": until.isoformat()}))


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_date_is_held_within_the_block_and_free_after_it(tmp_path):
    path = tmp_path / "2026-11-02.lease"
    with lease(path, run_id="a", minutes=5):
        with pytest.raises(RunConflictError, match="run a"), lease(path, run_id="b", minutes=5):
            pass
        assert path.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_inside_gives_the_date_back(tmp_path):
    path = tmp_path / "lease"
    with pytest.raises(ZeroDivisionError), lease(path, run_id="a", minutes=5):
        _ = 1 / 0
    assert not path.exists()


def test_a_holder_that_died_on_this_host_is_succeeded(tmp_path):
    path = tmp_path / "lease"
    claim(path, host=socket.gethostname(), pid=dead_pid(), minutes=60)
    with lease(path, run_id="b", minutes=5):
        assert json.loads(path.read_text())["run_id"] == "b"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not say when a process began")
def test_a_process_that_was_given_a_dead_holders_id_does_not_hold_its_date(tmp_path):
    path = tmp_path / "lease"
    with lease(path, run_id="a", minutes=60):
        held = json.loads(path.read_text())
    path.write_text(json.dumps(held))
    with pytest.raises(RunConflictError), lease(path, run_id="b", minutes=5):
        pass
    path.write_text(json.dumps(held | {"began": held["began"] - 1}))
    with lease(path, run_id="b", minutes=5):
        assert json.loads(path.read_text())["run_id"] == "b"


@pytest.mark.parametrize(("minutes", "conflict"), [(60, True), (-1, False)])
def test_a_holder_on_another_host_is_succeeded_only_when_its_time_is_over(tmp_path, minutes, conflict):
    path = tmp_path / "lease"
    claim(path, host="elsewhere", pid=os.getpid(), minutes=minutes)
    if conflict:
        with pytest.raises(RunConflictError, match="elsewhere"), lease(path, run_id="b", minutes=5):
            pass
    else:
        with lease(path, run_id="b", minutes=5):
            assert json.loads(path.read_text())["run_id"] == "b"


def test_who_looks_after_the_tables_and_runs_exclude_each_other(tmp_path):
    date = tmp_path / "2026-11-02.lease"
    with lease(date, run_id="a", minutes=5):
        with pytest.raises(RunConflictError, match="holds this run date"):
            with exclusive(tmp_path, name=MAINTENANCE, run_id="cleaning", minutes=5):
                pass
        assert not (tmp_path / MAINTENANCE).exists() and holders(tmp_path) == {"a"}
    with exclusive(tmp_path, name=MAINTENANCE, run_id="cleaning", minutes=5):
        with (
            pytest.raises(RunConflictError, match="holds the tables"),
            lease(date, run_id="b", minutes=5),
        ):
            raise_if_held(tmp_path / MAINTENANCE)
    with lease(date, run_id="b", minutes=5):
        raise_if_held(tmp_path / MAINTENANCE)


def test_a_run_that_died_on_this_host_keeps_nobody_from_the_tables(tmp_path):
    claim(tmp_path / "2026-11-02.lease", host=socket.gethostname(), pid=dead_pid(), minutes=60)
    assert holders(tmp_path) == set()
    with exclusive(tmp_path, name=MAINTENANCE, run_id="cleaning", minutes=5):
        pass


def test_who_was_succeeded_leaves_the_date_to_the_successor(tmp_path):
    path = tmp_path / "lease"
    with lease(path, run_id="a", minutes=5):
        raise_unless_held(path)
        claim(path, host="elsewhere", pid=1, minutes=60)
        with pytest.raises(RunConflictError, match="has taken it over"):
            raise_unless_held(path)
    assert json.loads(path.read_text())["host"] == "elsewhere"


@pytest.mark.parametrize("text", ["", '{"run_id": "a", "ho', "[]"])
def test_a_damaged_lease_says_what_to_do(tmp_path, text):
    path = tmp_path / "lease"
    path.write_text(text)
    with pytest.raises(ArtifactError, match="make sure that no run works, and remove it"):
        with lease(path, run_id="b", minutes=5):
            pass


STOPPED = """
import sys, time
from pathlib import Path
from jobs.start import run
from pipelines.publishing.lease import lease

def work():
    with lease(Path(sys.argv[1]), run_id="a", minutes=5):
        print("held", flush=True)
        time.sleep(60)

sys.exit(run(work))
"""


def test_a_job_that_is_stopped_politely_gives_its_date_back(tmp_path):
    job = subprocess.Popen([sys.executable, "-c", STOPPED, str(tmp_path / "lease")], stdout=subprocess.PIPE, text=True)
    assert job.stdout.readline() == "held\n"
    job.terminate()
    assert job.wait(30) == 143
    assert list(tmp_path.iterdir()) == []
