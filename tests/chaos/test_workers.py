"""Python workers and executors are killed, hang, or are started twice while they search."""

import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pyspark
import pytest

from tests.chaos.driver import Driver, is_stopped, kill_session, parent, processes, writers
from tests.conftest import PROJECT

pytestmark = pytest.mark.timeout(1200)
KIND, CLUSTER = "Python workers", "Executors of a cluster"
EAGER = """
"spark.speculation" = "true"
"spark.speculation.interval" = "200ms"
"spark.speculation.minTaskRuntime" = "500ms"
"spark.speculation.multiplier" = "1.1"
"spark.speculation.quantile" = "0.1"
"spark.speculation.task.duration.threshold" = "4s"
"""


def searching(world, *sessions):
    """The workers that write matches now."""
    return writers(sessions, world.var / "warehouse" / "recs" / "matches") if world.begins("match") else []


def test_a_worker_is_killed_while_it_searches(prepared, indexed, faults):
    world = indexed
    with faults.meet(KIND, "kill -9 of a worker while it searches") as point:
        driver = world.start()
        os.kill(driver.wait_for(lambda: searching(world, driver.pid))[0], signal.SIGKILL)
        point.readers = prepared.readers()
        assert driver.end() == 0, driver.said
        point.answer, point.end = "its task is tried again, the night ends with 0", prepared.check_end()


def test_every_worker_is_killed_while_it_searches(prepared, indexed, faults):
    world = indexed
    with faults.meet(KIND, "kill -9 of every worker that searches, until the night gives up") as point:
        driver, killed = world.start(), set()
        while driver.process.poll() is None:
            for pid in set(searching(world, driver.pid)) - killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        code = driver.end()
        assert code == 1 and len(killed) >= 4
        point.readers, kept = prepared.readers(), world.notes()
        assert "match" not in kept
        again, said = world.run()
        assert again == 0, said
        assert kept.items() <= world.notes().items()
        point.answer = f"ends with 1 after {len(killed)} workers, goes on after {len(kept)} stages"
        point.end = prepared.check_end()


def is_told_to_end(pid):
    """Whether SIGTERM waits for the process."""
    [pending] = re.findall(r"^ShdPnd:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(pending, 16) >> (signal.SIGTERM - 1) & 1


def test_a_worker_hangs_while_it_searches(prepared, world, faults):
    """Spark ends a silent worker with SIGTERM, which one that is stopped hears when it goes on."""
    with faults.meet(KIND, "a worker stands still while it searches, silence of 30 s allowed") as point:
        driver = world.start("hasty")
        [pid, *_] = driver.wait_for(lambda: searching(world, driver.pid))
        os.kill(pid, signal.SIGSTOP)
        point.readers = prepared.readers()
        driver.wait_for(lambda: is_told_to_end(pid))
        os.kill(pid, signal.SIGCONT)
        assert driver.end() == 0, driver.said
        point.answer = "the worker is ended, its task is tried again, the night ends with 0"
        point.end = prepared.check_end()


@pytest.fixture(scope="module")
def cluster(prepared, tmp_path_factory):
    """A standalone Spark of two workers on two addresses, as two hosts have; the sessions that executors run in."""
    folder, spark = tmp_path_factory.mktemp("cluster"), Path(pyspark.__file__).parent
    environ = {**os.environ, "PYTHONPATH": str(PROJECT), "SPARK_HOME": str(spark), "SPARK_WORKER_DIR": str(folder)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []

    def start(name, *arguments):
        command = [spark / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *arguments]
        with (folder / f"{len(started)}.log").open("w") as sink:
            started.append(
                subprocess.Popen(command, env=environ, cwd=folder, stdout=sink, stderr=sink, start_new_session=True)
            )

    start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
    for host in ("127.0.0.1", "127.0.0.2"):
        start("worker.Worker", "--host", host, "--cores", "1", "--memory", "1g", f"spark://127.0.0.1:{port}")
    town = (prepared.world.project / "conf" / "town.toml").read_text()
    town += f'"spark.master" = "spark://127.0.0.1:{port}"\n"spark.driver.host" = "127.0.0.1"\n'
    town += '"spark.executor.cores" = "1"\n"spark.executor.memory" = "1g"\n'
    (prepared.world.project / "conf" / "cluster.toml").write_text(town)
    (prepared.world.project / "conf" / "eager.toml").write_text(town + EAGER)
    yield [process.pid for process in started]
    for process in started:
        kill_session(process.pid)
        process.wait()


def test_an_executor_is_killed_while_it_searches(prepared, world, faults, cluster):
    with faults.meet(CLUSTER, "kill -9 of an executor while it searches") as point:
        driver = world.start("cluster")
        [worker, *_] = driver.wait_for(lambda: searching(world, *cluster))
        executor = parent(parent(worker))
        assert "CoarseGrainedExecutorBackend" in {**processes(cluster[1]), **processes(cluster[2])}[executor]
        os.kill(executor, signal.SIGKILL)
        point.readers = prepared.readers()
        assert driver.end() == 0, driver.said
        point.answer, point.end = "its tasks are tried again, the night ends with 0", prepared.check_end()


def test_a_slow_task_is_done_twice(prepared, world, faults, cluster):
    with faults.meet(
        CLUSTER, "a task that stands still has a speculative duplicate, and wakes when that is done"
    ) as point:
        driver = world.start("eager")
        [slow, *_] = driver.wait_for(lambda: searching(world, *cluster))
        os.kill(slow, signal.SIGSTOP)
        driver.wait_for(lambda: set(searching(world, *cluster)) - {slow})
        point.readers = prepared.readers()
        driver.wait_for(lambda: world.has_finished("match"))
        if is_stopped(slow):
            os.kill(slow, signal.SIGCONT)
        assert driver.end() == 0, driver.said
        point.answer, point.end = "the night ends with 0", prepared.check_end()


TWO = "Two drivers of one date"


def test_a_second_driver_while_the_first_stands_still(prepared, indexed, faults):
    world = indexed
    with faults.meet(TWO, "the same command while the first is stopped (SIGSTOP), which then goes on") as point:
        first = world.start()
        first.wait_for(lambda: world.begins("rank"))
        first.signal(signal.SIGSTOP)
        code, said = world.run()
        assert code == 6 and "holds this run date" in said
        point.readers = prepared.readers()
        first.signal(signal.SIGCONT)
        assert first.end() == 0, first.said
        point.answer, point.end = "the second ends with 6, the first with 0", prepared.check_end()


@pytest.mark.parametrize("stage", ["rank", "publish"])
def test_a_driver_wakes_after_another_has_taken_its_date(prepared, indexed, faults, stage):
    world = indexed
    what = f"a driver stands still in {stage} until its lease is over, another does the night, and the first wakes"
    with faults.meet(TWO, what) as point:
        first = world.start()
        first.wait_for(lambda: world.begins(stage))
        first.signal(signal.SIGSTOP)
        claim = json.loads(world.lease.read_text())
        world.lease.write_text(json.dumps(claim | {"host": "elsewhere", "until": "2020-01-01T00:00:00+00:00"}))
        code, said = world.run()
        assert code == 0, said
        point.readers = prepared.readers()
        first.signal(signal.SIGCONT)
        woken = first.end()
        assert woken == 6 or stage != "publish"  # in rank it finds all else done when it has done its own
        assert prepared.check_end()
        again, said = world.run()
        assert again == 0 and re.search("nothing changed", said)
        point.answer = f"the second ends with 0, the first then with {woken}"
        point.end = prepared.check_end()


def test_the_processes_of_a_session_are_those_that_it_started(tmp_path):
    driver = Driver.start(["http.server", "0"], tmp_path / "log")
    assert list(processes(driver.pid)) == [driver.pid]
    driver.kill()
    assert processes(driver.pid) == {}
