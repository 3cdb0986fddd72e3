"""Kernel: memory that processes have to themselves, as Linux tells it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SAMPLED_S = 0.25


def private_mib(process: str = "self") -> float | None:
    """Resident memory that no file backs; None where the process or the kernel does not tell.

    A mapped file lies in the page cache once, whoever maps it. Pages not yet written to since a fork count, though they
    are shared, so that this is never too little.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:")), None)


@contextmanager
def worker_memory(marked: str = "pyspark.daemon") -> Iterator[list[float]]:
    """What this process's descendants had to themselves, in MiB, sampled as long as the context lasts.

    Args:
        marked: what the command lines of the descendants meant contain; by default Spark's Python workers.
    """
    samples: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(_SAMPLED_S):
            samples.extend(filter(None, (private_mib(one) for one in _descendants(marked))))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def _descendants(marked: str) -> list[str]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[status.parent.name] = status.read_text().rpartition(")")[2].split()[1]
        except OSError:  # ended meanwhile
            continue
    found, family = [], {str(os.getpid())}
    while children := {one for one, parent in parents.items() if parent in family} - family:
        family |= children
    for one in family:
        try:
            if marked in Path(f"/proc/{one}/cmdline").read_text():
                found.append(one)
        except OSError:
            continue
    return found
