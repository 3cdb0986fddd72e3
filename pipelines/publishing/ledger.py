"""Kernel: a folder of append-only JSON lines: what was written stays, whatever happens to the writer."""

import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from pipelines.publishing.artifacts import replace_text
from schemas.errors import ArtifactError


class Ledger:
    """The lines of all writers, and a file of this one's own, so that writers never meet in one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def append(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """The lines are on disk, after a power cut as well."""
        if not lines:
            return
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("x", encoding="utf-8")
        self._file.write("".join(json.dumps(line) + "\n" for line in lines))
        self._file.flush()
        os.fsync(self._file.fileno())

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every whole line of every writer; a last line that a killed writer tore is none.

        Raises:
            ArtifactError: another line than the last is no JSON.
        """
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open(encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith("\n"):
                        yield _parsed(line, path, number)


def rewrite(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Every whole line of a ledger's file is what `change` makes of it, the file wholly or not at all; lines changed.

    Raises:
        ArtifactError: a line is no JSON.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        before = [_parsed(line, path, number) for number, line in enumerate(file, start=1) if line.endswith("\n")]
    after = [change(line) for line in before]
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    if changed:
        replace_text(path, "".join(json.dumps(line) + "\n" for line in after))
    return changed


def _parsed(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ArtifactError(f"{path}, line {number}, is damaged; remove the file, and its pairs are scored again")
    return parsed
