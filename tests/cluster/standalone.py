"""A Spark standalone cluster on this machine: a master and workers, each a process with a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from tests.submitting import SPARK, environment

_DEPLOY = "org.apache.spark.deploy"
_HERE = "127.0.0.1"


@dataclass(frozen=True)
class Worker:
    """A process that starts executors, which work below its folder."""

    pid: int
    folder: Path

    def executors(self) -> list[int]:
        """Process ids of its executors."""
        return [pid for pid in _children(self.pid) if "CoarseGrainedExecutorBackend" in _command(pid)]


@dataclass(frozen=True)
class Cluster:
    """What jobs are submitted to."""

    master: str
    workers: tuple[Worker, ...]

    def kill_who_writes(self, folder: Path) -> None:
        """An executor that writes a file below the folder is gone at once."""
        executors = {pid for worker in self.workers for pid in worker.executors()}
        found: list[int] = []
        wait(lambda: found.extend(_writing_below(folder)) or found, seconds=60, what="an executor writes")
        pid = found[0]
        while pid not in executors:  # a Python worker is below one
            pid = _parent(pid)
        os.kill(pid, signal.SIGKILL)


def wait(true: Callable[[], object], *, seconds: float, what: str) -> None:
    """Until something is true.

    Raises:
        AssertionError: it is not after so many seconds.
    """
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not after {seconds} s"
        time.sleep(0.02)


@contextmanager
def started(folder: Path, *, workers: int, memory: str) -> Iterator[Cluster]:
    """A master and so many workers of one core each, which all have registered.

    Args:
        folder: of all their folders.
        workers: how many.
        memory: that a worker may give to executors, as Spark writes it.
    """
    port, page = _free_port(), _free_port()
    master = f"spark://{_HERE}:{port}"
    with ExitStack() as running:
        asked = ("--host", _HERE, "--port", str(port), "--webui-port", str(page))
        running.enter_context(_daemon(folder / "master", _HERE, "master.Master", *asked))
        wait(lambda: _alive_workers(page) == 0, seconds=120, what="the master answers")
        found = []
        for number in range(workers):
            at = folder / f"worker-{number}"
            host = f"127.0.0.{number + 1}"  # copies of a task never race on one host
            asked = ("--host", host, "--webui-port", "0", "--cores", "1", "--memory", memory, "--work-dir", str(at))
            found.append(Worker(running.enter_context(_daemon(at, host, "worker.Worker", *asked, master)), at))
        wait(lambda: _alive_workers(page) == workers, seconds=120, what="the workers register")
        yield Cluster(master, tuple(found))


@contextmanager
def _daemon(folder: Path, host: str, name: str, *arguments: str) -> Iterator[int]:
    folder.mkdir(parents=True)
    environ = environment() | {
        "HOME": str(folder),
        "SPARK_LOCAL_IP": host,
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "512m",
    }
    with (folder / "daemon.log").open("w") as sink:
        command = [SPARK / "bin" / "spark-class", f"{_DEPLOY}.{name}", *arguments]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=sink, stderr=sink)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _alive_workers(page: int) -> int | None:
    try:
        with urllib.request.urlopen(f"http://{_HERE}:{page}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
    except (OSError, HTTPException, ValueError):  # not yet, or not yet all of it
        return None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HERE, 0))
        return int(free.getsockname()[1])


def _children(parent: int) -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(int(path.name)) == parent]


def _parent(pid: int) -> int:
    """By what the kernel says of a process: after its name in parentheses, its state and its parent; 0: none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        if pid == 0:
            raise
        return 0  # it has ended in between


def _writing_below(folder: Path) -> Iterator[int]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            file = link.readlink()
        except OSError:  # it was closed in between
            continue
        if file.is_relative_to(folder):
            yield int(link.parts[2])


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
