"""Kernel: what was measured, and what it was measured on, as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MACHINE = "machine"


@dataclass(frozen=True)
class Figure:
    """One number, and what it should be at least or at most."""

    figure: str
    value: float
    unit: str
    goal: str | None
    note: str


@dataclass(frozen=True)
class Measured:
    """Objects of one benchmark with the facts of its machine."""

    rows: list[dict[str, Any]]
    machine: dict[str, str]


def store(folder: Path, name: str, rows: Sequence[Mapping[str, object]], machine: Mapping[str, str]) -> Path:
    """`folder/<name>.json`, a list of objects; the machine's facts lie beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.json"
    target.write_text(json.dumps([dict(row) for row in rows], indent=2) + "\n")
    (folder / f"{name}.{_MACHINE}.json").write_text(json.dumps(dict(machine), indent=2) + "\n")
    return target


def stored(folder: Path, name: str) -> Measured | None:
    """What was stored under this name; None if nothing was."""
    if not (folder / f"{name}.json").exists():
        return None
    rows, machine = (json.loads((folder / one).read_text()) for one in (f"{name}.json", f"{name}.{_MACHINE}.json"))
    return Measured(rows, machine)
