"""A small town of its own: a generated sample, a student distilled on it and one published night, made once."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs import make_sample, run_nightly
from tests.conftest import PROJECT

NIGHT = "2026-11-02"
SMALLER = {
    "postings = 20_000": "postings = 900",
    "members = 20_000": "members = 300",
    "searches_per_member = 0.02": "searches_per_member = 0.3",
}
QUICK = """
[distillation]
when_missing = "distil"
max_texts = 1_000
max_entries = 500
min_fidelity = 0.0

[distillation.training]
epochs = 1
batch_texts = 256
"""


@dataclass(frozen=True)
class Town:
    """A project folder with conf/ and var/."""

    project: Path

    @property
    def conf(self) -> Path:
        return self.project / "conf"

    def argv(self, *more: str, run_date: str = NIGHT, env: str = "town") -> list[str]:
        return ["--env", env, "--run-date", run_date, "--conf-dir", str(self.conf), *more]

    def run(self, main: Callable[[list[str]], int], *more: str, run_date: str = NIGHT, env: str = "town") -> int:
        return main(self.argv(*more, run_date=run_date, env=env))


def found_town(project: Path, settings: str = QUICK) -> Town:
    """conf/ as the project ships it, with an environment `town` that is the sample in small, and these settings."""
    shutil.copytree(PROJECT / "conf", project / "conf")
    text = (project / "conf" / "sample.toml").read_text()
    for old, new in SMALLER.items():
        assert old in text
        text = text.replace(old, new)
    (project / "conf" / "town.toml").write_text(text + settings)
    return Town(project)


@pytest.fixture(scope="session")
def town(spark, tmp_path_factory) -> Town:
    """The town after its first night; tests read it and leave it as it is."""
    town = found_town(tmp_path_factory.mktemp("town"))
    assert town.run(make_sample.main) == 0
    assert town.run(run_nightly.main) == 0
    return town


@pytest.fixture
def own_town(town: Town, tmp_path: Path) -> Town:
    """A copy of the town that a test may break: Iceberg keeps absolute paths, so nothing is published in it yet."""
    project = tmp_path / "own"
    shutil.copytree(town.conf, project / "conf")
    for kept in ("sample", "models"):
        shutil.copytree(town.project / "var" / kept, project / "var" / kept)
    return Town(project)
