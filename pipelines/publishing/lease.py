"""Kernel: one run at a time holds a run date, and nothing runs while the tables are looked after."""

import contextlib
import datetime
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import RunConflictError

MAINTENANCE = "maintenance.lease"  # whoever holds it changes what runs rely on


@contextlib.contextmanager
def lease(path: Path, *, run_id: str, minutes: int) -> Iterator[None]:
    """Hold `path` for the time of the block, at most `minutes`.

    A holder whose process has died on this host is succeeded at once, one on another host when its time is over.

    Raises:
        RunConflictError: another run holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _take(path, run_id=run_id, minutes=minutes)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive(folder: Path, *, name: str, run_id: str, minutes: int) -> Iterator[None]:
    """As `lease` of `folder / name`, while nobody holds any other lease in the folder.

    Who wants another one calls `raise_if_held` when he has it. Each side claims first and looks afterwards, so of two
    that start at once at least one sees the other.

    Raises:
        RunConflictError: somebody does.
    """
    with lease(folder / name, run_id=run_id, minutes=minutes):
        for path in sorted(folder.glob("*.lease")):
            if path.name != name:
                raise_if_held(path)
        yield


def raise_if_held(path: Path) -> None:
    """Pass when nobody holds `path`, or its holder is over.

    Raises:
        RunConflictError: somebody holds it.
    """
    _clear_if_over(path, datetime.datetime.now(datetime.UTC))


def holders(folder: Path) -> set[str]:
    """Ids of the runs that hold a lease in the folder."""
    found = set()
    for path in folder.glob("*.lease"):
        try:
            raise_if_held(path)
        except RunConflictError:
            with contextlib.suppress(FileNotFoundError):  # given back in between
                found.add(str(json.loads(path.read_text(encoding="utf-8"))["run_id"]))
    return found


def _take(path: Path, *, run_id: str, minutes: int) -> None:
    now = datetime.datetime.now(datetime.UTC)
    claim = {
        "run_id": run_id,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "until": (now + datetime.timedelta(minutes=minutes)).isoformat(),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(claim), encoding="utf-8")
    try:
        for _ in range(2):
            try:
                os.link(draft, path)  # fails when it exists; the file is never seen half written
            except FileExistsError:
                _clear_if_over(path, now)
            else:
                return
        raise RunConflictError(f"another run has just taken {path}; wait for it")
    finally:
        draft.unlink()


def _clear_if_over(path: Path, now: datetime.datetime) -> None:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:  # given back in between
        return
    here = holder["host"] == socket.gethostname()
    if (here and not _alive(holder["pid"])) or datetime.datetime.fromisoformat(holder["until"]) < now:
        path.unlink(missing_ok=True)
        return
    held = "the tables" if path.name == MAINTENANCE else "this run date"
    raise RunConflictError(
        f"run {holder['run_id']} (process {holder['pid']} on {holder['host']}) holds {held} until "
        f"{holder['until']}; wait for it, or stop it and start again"
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
