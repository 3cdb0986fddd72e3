"""Kernel: one run at a time holds a run date, and nothing runs while the tables are looked after."""

import contextlib
import datetime
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.publishing import artifacts
from schemas.errors import ArtifactError, RunConflictError

MAINTENANCE = "maintenance.lease"  # whoever holds it changes what runs rely on


@dataclass(frozen=True)
class Holder:
    """Who holds a run date."""

    run_id: str
    host: str
    pid: int
    until: str  # ISO 8601
    began: int = 0  # when the process did, in ticks after its host's start; 0: not known


def holder(path: Path) -> Holder | None:
    """Who holds `path` now; None where nobody does, its process has died on this host, or its time is over.

    Raises:
        ArtifactError: the file is damaged.
    """
    found = _read(path)
    if found is None:
        return None
    here = found.host == socket.gethostname()
    over = datetime.datetime.fromisoformat(found.until) < datetime.datetime.now(datetime.UTC)
    return None if over or (here and not _lives(found)) else found


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
        if _is_mine(path):
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
    _clear_if_over(path)


def raise_unless_held(path: Path) -> None:
    """Pass when this process holds `path`.

    Raises:
        RunConflictError: its time was over and another run has taken it.
    """
    if not _is_mine(path):
        raise RunConflictError(
            f"{path} is no longer this process's: another run has taken it over; nothing is published"
        )


def holders(folder: Path) -> set[str]:
    """Ids of the runs that hold a lease in the folder."""
    return {found.run_id for path in folder.glob("*.lease") if (found := holder(path))}


def _take(path: Path, *, run_id: str, minutes: int) -> None:
    now = datetime.datetime.now(datetime.UTC)
    claim = {
        "run_id": run_id,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "until": (now + datetime.timedelta(minutes=minutes)).isoformat(),
        "began": _began(os.getpid()),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    artifacts.replace_text(draft, json.dumps(claim))
    try:
        for _ in range(2):
            try:
                os.link(draft, path)  # fails when it exists; the file is never seen half written
            except FileExistsError:
                _clear_if_over(path)
            else:
                return
        raise RunConflictError(f"another run has just taken {path}; wait for it")
    finally:
        draft.unlink()


def _clear_if_over(path: Path) -> None:
    other = holder(path)
    if other is None:  # or given back in between
        path.unlink(missing_ok=True)
        return
    held = "the tables" if path.name == MAINTENANCE else "this run date"
    raise RunConflictError(
        f"run {other.run_id} (process {other.pid} on {other.host}) holds {held} until "
        f"{other.until}; wait for it, or stop it and start again"
    )


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise ArtifactError(f"{path} is damaged; make sure that no run works, and remove it") from None


def _is_mine(path: Path) -> bool:
    found = _read(path)
    return found is not None and (found.host, found.pid) == (socket.gethostname(), os.getpid())


def _lives(found: Holder) -> bool:
    """Whether the process is there, and is not another one that was given its id."""
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return found.began in (0, _began(found.pid))


def _began(pid: int) -> int:
    """When a process of this host began, see `Holder`; 0 where the system does not say."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return int(after_name.split()[19])
    except (OSError, IndexError, ValueError):
        return 0
