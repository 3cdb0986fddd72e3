"""Kernel: what tasks write into a folder, taken over by name, so that a lost task that writes on changes nothing.

A scheduler gives up a task whose executor it does not hear from, or that a speculative copy has overtaken, but the
process may live on and write for a while.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

_ATTEMPTS = "_attempts"  # Spark reads nothing that begins so


def attempts(folder: Path) -> Path:
    """Where tasks write what may come to lie in `folder`."""
    path = folder / _ATTEMPTS
    path.mkdir(parents=True, exist_ok=True)
    return path


def take(folder: Path, names: Iterable[str]) -> None:
    """Files or folders of these names lie in `folder`; what other attempts have written or yet write is nowhere."""
    path = attempts(folder)
    for name in names:
        (path / name).rename(folder / name)
    closed = folder.with_name(f".{folder.name}{_ATTEMPTS}")
    path.rename(closed)  # at once: from now on, no attempt finds the folder
    shutil.rmtree(closed, ignore_errors=True)  # a shared file system may keep what an attempt has open
