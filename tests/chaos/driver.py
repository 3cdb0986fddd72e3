"""A night in a process of its own, that can be watched and killed with all that it has started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.conftest import PROJECT

Found = TypeVar("Found")
PATIENCE_S = 400  # nothing here takes so long on an idle machine, not by far
DAEMON, JAVA = "pyspark.daemon", "org.apache.spark.deploy.SparkSubmit"


def processes(session: int) -> dict[int, str]:
    """The command line of every process of a session, by process id; those that have ended do not count."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, *numbers = (folder / "stat").read_text().rpartition(") ")[2].split()
            if int(numbers[2]) == session and state != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def is_stopped(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rpartition(") ")[2][0] == "T"


def writers(sessions: Sequence[int], folder: Path) -> list[int]:
    """The Python workers that have a file below the folder open."""
    found = []
    for pid in [pid for one in sessions for pid, command in processes(one).items() if DAEMON in command]:
        try:
            if any(os.readlink(one).startswith(str(folder)) for one in Path(f"/proc/{pid}/fd").iterdir()):
                found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def kill_session(session: int) -> None:
    """Nothing of the session runs any more: SIGKILL, as when the power goes."""
    while running := processes(session):
        for pid in running:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


@dataclass(frozen=True)
class Driver:
    """A started job."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        log: Path,
        *,
        environ: Mapping[str, str] | None = None,
        wrapped: Sequence[str] = (),
        through: Sequence[str] = (),
    ) -> "Driver":
        """`python -m command` in a session of its own; the command `wrapped` and the module `through` start it."""
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [*wrapped, sys.executable, "-m", *through, *command],
                cwd=PROJECT,
                env={**os.environ, "PYTHONPATH": str(PROJECT), **(environ or {})},
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self) -> int:
        """The exit code, once it has ended and nothing of it runs any more."""
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.kill()

    def ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        kill_session(self.pid)
        self.process.wait()

    def signal(self, number: int) -> None:
        """To every process of the job."""
        for pid in processes(self.pid):
            os.kill(pid, number)

    def java(self) -> int:
        return next(pid for pid, command in processes(self.pid).items() if JAVA in command)

    def wait_for(self, true: Callable[[], Found]) -> Found:
        """What is waited for, as soon as it is true.

        Raises:
            AssertionError: the job has ended before, or it takes too long.
        """
        end = time.monotonic() + PATIENCE_S
        while not (found := true()):
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.said[-2000:]}"
            assert time.monotonic() < end, f"waited in vain: {self.said[-2000:]}"
            time.sleep(0.003)
        return found
