"""A town of a few hundred with a published night, and copies of its store at several times of the next one."""

import json
import pickle
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from tests.chaos.driver import Driver
from tests.chaos.readers import View, differences, seen, whose
from tests.conftest import PROJECT

PREPARED = "prepared.pickle"
YESTERDAY, TONIGHT = "2026-11-01", "2026-11-02"
ALL_STAGES = """
[retrieval]
members_per_posting = 5

[fairness]
k = [1, 3, 10]
min_group_size = 20
resamples = 99

[fairness.reordering]
enabled = true
attribute = "team"

[sources.audit_attributes.inputs.people]
format = "csv"
location = "people.csv"
options = { header = "true" }

[sources.audit_attributes.columns]
member_id = "id"
team = "team"
"""
SPARK = """
[spark]
"spark.sql.shuffle.partitions" = "2"
"spark.driver.memory" = "2g"
"spark.driver.extraJavaOptions" = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"
"spark.sql.codegen.wholeStage" = "false"
"""  # as little compiling as may be: these nights are short


@dataclass(frozen=True)
class World:
    """A project folder: conf/, var/, and copies of var/ by name, which are put back to where tables expect them."""

    project: Path

    @property
    def var(self) -> Path:
        return self.project / "var"

    @property
    def lease(self) -> Path:
        return self.var / "runs" / f"{TONIGHT}.lease"

    @property
    def started(self) -> Path:
        """An empty file, as old as the driver that was started last."""
        return self.project / "started"

    def staged(self, table: str) -> Path:
        """Folder of what tonight's run has staged for a table."""
        [folder] = (self.var / "warehouse" / "recs" / table).glob(f"run={TONIGHT}-*")
        return folder

    def command(self, env: str = "town", date: str = TONIGHT, job: str = "run_nightly") -> list[str]:
        return [f"jobs.{job}", "--env", env, "--run-date", date, "--conf-dir", str(self.project / "conf")]

    def start(self, env: str = "town", **how: object) -> Driver:
        """The night, started."""
        logs = self.project / "logs"
        self.started.touch()
        return Driver.start(self.command(env), logs / f"{len(list(logs.iterdir())):03}.log", **how)

    def run(self, env: str = "town", **how: object) -> tuple[int, str]:
        """The exit code of the night, and what it said."""
        driver = self.start(env, **how)
        return driver.end(), driver.said

    def save(self, name: str) -> None:
        _copy(self.var, self.project / "saved" / name)

    def restore(self, name: str) -> None:
        _copy(self.project / "saved" / name, self.var)

    def mend(self, name: str, path: Path) -> None:
        """The file or folder is as in the copy."""
        _copy_one(self.project / "saved" / name / path.relative_to(self.var), path)

    def notes(self) -> dict[str, bytes]:
        """The notes on tonight's finished stages."""
        return {path.stem: path.read_bytes() for path in self.var.glob(f"runs/{TONIGHT}-*/stages/*.json")}

    def begins(self, stage: str) -> bool:
        """Whether the driver started last is in the stage; notes of those killed before it do not count."""
        for path in self.var.glob(f"runs/{TONIGHT}-*/unfinished.json"):
            try:
                begun = json.loads(path.read_bytes())["stage"]
                is_new = path.stat().st_mtime_ns > self.started.stat().st_mtime_ns
                return begun == stage and is_new and not self.has_finished(stage)
            except FileNotFoundError:
                return False
        return False

    def has_finished(self, stage: str) -> bool:
        return any(self.var.glob(f"runs/{TONIGHT}-*/stages/{stage}.json"))

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.var.rglob("*") if path.is_file())


@dataclass(frozen=True)
class Prepared:
    """The world before tonight, and what an undisturbed night makes of it."""

    world: World
    before: View
    after: View
    stages: list[str]  # in order
    seconds: float  # of the whole process
    bytes: int  # that the night adds

    @classmethod
    def load(cls, project: Path) -> "Prepared":
        """As it was prepared in an earlier run."""
        return pickle.loads((project / PREPARED).read_bytes())

    def readers(self) -> str:
        """Which night readers see; an AssertionError where it is neither wholly."""
        return whose(seen(self.world.var), self.before, self.after)

    def check_end(self) -> str:
        """Pass when every table has the rows of the undisturbed night."""
        wrong = differences(seen(self.world.var), self.after)
        assert not wrong, wrong
        return "same rows"


def prepare(project: Path, *, members: int = 200, postings: int = 300, settings: str = ALL_STAGES) -> Prepared:
    """A published night of yesterday, saved as `before`; tonight is run once, to know it."""
    for folder in ("logs", "saved", "var"):
        (project / folder).mkdir(parents=True)
    shutil.copytree(PROJECT / "conf", project / "conf")
    town = (project / "conf" / "sample.toml").read_text()
    for kind, count in (("postings", postings), ("members", members)):
        assert f"{kind} = 20_000" in town
        town = town.replace(f"{kind} = 20_000", f"{kind} = {count}")
    town += settings + SPARK
    (project / "conf" / "town.toml").write_text(town)
    (project / "conf" / "hasty.toml").write_text(town + '"spark.sql.execution.pyspark.udf.idleTimeoutSeconds" = "30"\n')
    world = World(project)
    sample = Driver.start(world.command(date=YESTERDAY, job="make_sample"), project / "logs" / "sample.log")
    assert sample.end() == 0, sample.said
    ids = pq.read_table(world.var / "sample" / "members").column("profileId").drop_null().unique().to_pylist()
    people = {"id": ids, "team": ["ab"[number % 2] for number in range(len(ids))]}
    pd.DataFrame(people).to_csv(project / "people.csv", index=False)
    first = Driver.start(world.command(date=YESTERDAY), project / "logs" / "yesterday.log")
    assert first.end() == 0, first.said
    world.save("before")
    before, size, started = seen(world.var), world.bytes(), time.monotonic()
    code, said = world.run()
    took = time.monotonic() - started
    assert code == 0, said
    stages = sorted(world.notes(), key=lambda stage: json.loads(world.notes()[stage])["started_at"])
    prepared = Prepared(world, before, seen(world.var), stages, took, world.bytes() - size)
    (project / PREPARED).write_bytes(pickle.dumps(prepared))
    return prepared


def _copy(source: Path, target: Path) -> None:
    """The target, which may be a mount point, holds what the source holds and nothing else."""
    target.mkdir(exist_ok=True)
    for path in target.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in source.iterdir():
        _copy_one(path, target / path.name)


def _copy_one(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)
