"""Promises are broken one by one in a copy of the source, and the test of each is seen to fail.

    python -m tests.prove_guarantees

tests/mutations.toml says what is broken. Exit code 1 where a test fails before anything is broken, or passes after.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT

COPIED = ("benchmarks", "conf", "docs", "jobs", "pipelines", "schemas", "tests", "pyproject.toml", "README.md")
PASSED, FAILED = 0, 1  # exit codes of pytest; anything else is no answer


@dataclass(frozen=True)
class Mutation:
    """One promise broken: the text `old`, which stands once in `file`, becomes `new`."""

    test: str
    file: str
    old: str
    new: str

    def apply(self, project: Path) -> str:
        """The source is broken; what it was."""
        path = project / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: {self.old!r} stands there {text.count(self.old)} times")
        path.write_text(text.replace(self.old, self.new))
        return text


def mutations() -> list[Mutation]:
    return [Mutation(**one) for one in tomllib.loads((PROJECT / "tests" / "mutations.toml").read_text())["mutation"]]


def copied(folder: Path) -> Path:
    """The source in a folder of its own."""
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def answer(project: Path, tests: Iterable[str]) -> int:
    """pytest's exit code."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=0", *tests]
    environ = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.run(command, cwd=project, env=environ, capture_output=True, check=False).returncode


def main() -> int:
    """Exit code of the proof."""
    found, unproved = mutations(), 0
    with tempfile.TemporaryDirectory() as folder:
        project = copied(Path(folder))
        if answer(project, [one.test for one in found]) != PASSED:
            sys.stdout.write("the tests fail before anything is broken\n")
            return 1
        for one in found:
            whole = one.apply(project)
            proved = answer(project, [one.test]) == FAILED
            (project / one.file).write_text(whole)
            unproved += not proved
            sys.stdout.write(f"{'fails as it should' if proved else 'PASSES ALTHOUGH BROKEN'}: {one.test}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(found) - unproved} of {len(found)} promises are proved\n")
    return int(unproved > 0)


if __name__ == "__main__":
    sys.exit(main())
