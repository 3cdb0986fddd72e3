"""Not part of `make test`: only `make test-cluster` collects this folder.

NIGHTMATCH_TEST_CLUSTER names the Python of an environment that has the packages of conf/executors.txt and no others.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.cluster.standalone import started
from tests.jobs.conftest import Town, found_town
from tests.submitting import Submission, bare_python, built_zip

collect_ignore_glob = [] if os.environ.get("NIGHTMATCH_TEST_CLUSTER") else ["test_*.py"]
EXECUTORS_PYTHON = str(Path(os.environ.get("NIGHTMATCH_TEST_CLUSTER", "")).absolute())
SETTINGS = "\n[retrieval]\ntask_members = 10\n"  # so that a search of few members has many tasks
SIZES = {
    "spark.executor.cores": "1",
    "spark.executor.memory": "900m",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.locality.wait": "0s",  # else all tasks of little data wait for one executor
}


def submission(folder, code, master, python, *options, **conf):
    """Of jobs from a folder of their own, with executors of one core."""
    folder.mkdir()
    return Submission(folder, code, master, python, {**SIZES, **conf}, options)


def logging_events(folder):
    """Spark properties by which the application writes its events there."""
    folder.mkdir()
    names = {"enabled": "true", "compress": "false", "dir": folder.as_uri()}
    return {f"spark.eventLog.{name}": value for name, value in names.items()}


@pytest.fixture(scope="session")
def code(tmp_path_factory):
    """The zip of `make dist`."""
    return built_zip(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    with started(tmp_path_factory.mktemp("cluster"), workers=2, memory="1g") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def local(code, tmp_path_factory) -> Town:
    """The town after its night on this machine alone."""
    town = found_town(tmp_path_factory.mktemp("local"), SETTINGS)
    here = submission(town.project / "work", code, "local[2]", str(bare_python(town.project)))
    for job in ("make_sample", "run_nightly"):
        here.run(job, *town.argv())
    return town


@pytest.fixture(scope="session")
def founded(local):
    """Founds the same town in a folder, before its night."""

    def found(project: Path, settings: str = "") -> Town:
        town = found_town(project, SETTINGS + settings)
        shutil.copytree(local.project / "var" / "sample", town.project / "var" / "sample")
        return town

    return found
