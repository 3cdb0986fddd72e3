"""Not part of `make test`: only `make chaos` collects this folder."""

import os
from pathlib import Path

import pytest

from benchmarks.machine import machine_facts
from tests.chaos.faults import Faults, publish
from tests.chaos.world import PREPARED, Prepared, prepare
from tests.conftest import PROJECT

ASKED = os.environ.get("NIGHTMATCH_TEST_CHAOS", "")  # any word; "publish" writes docs/faults.md too
collect_ignore_glob = [] if ASKED else ["test_*.py"]
FAULTS = pytest.StashKey[Faults]()


def pytest_configure(config):
    config.stash[FAULTS] = Faults()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    """What has been found so far is there even if the suite is broken off."""
    item.config.stash[FAULTS].write(PROJECT / "var" / "chaos.json")


@pytest.fixture(scope="session")
def faults(pytestconfig) -> Faults:
    return pytestconfig.stash[FAULTS]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Prepared:
    """Made now, or kept from an earlier run in NIGHTMATCH_CHAOS_WORLD, to try single faults."""
    kept = os.environ.get("NIGHTMATCH_CHAOS_WORLD")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("world")
    return Prepared.load(folder) if (folder / PREPARED).exists() else prepare(folder)


@pytest.fixture
def world(prepared):
    """Tonight has not begun."""
    prepared.world.restore("before")
    return prepared.world


@pytest.fixture(scope="session")
def halfway(prepared):
    """Copies of the store of a night that was killed when `index` and when `audit`, the last but one, had finished."""
    if (prepared.world.project / "saved" / "audit").exists():
        return
    prepared.world.restore("before")
    for stage in ("index", "audit"):
        driver = prepared.world.start()
        driver.wait_for(lambda stage=stage: prepared.world.has_finished(stage))
        driver.kill()
        prepared.world.save(stage)


@pytest.fixture
def indexed(prepared, halfway):
    """Tonight's run was killed when its index was finished."""
    prepared.world.restore("index")
    return prepared.world


def pytest_terminal_summary(terminalreporter, config):
    faults = config.stash[FAULTS]
    if not faults.met:
        return
    facts = machine_facts(os.environ, {})
    told = (
        f"{facts['date']}, {facts['processor']}, {facts['cores']} cores, {facts['memory']}: {len(faults.met)} faults, "
        f"{len(faults.kept)} met as promised, in {faults.minutes:.0f} minutes.\n\n{faults.table()}\n"
    )
    terminalreporter.write_line(told)
    (PROJECT / "var" / "chaos.md").write_text(told)
    if ASKED == "publish":
        publish(PROJECT / "docs" / "faults.md", told)
