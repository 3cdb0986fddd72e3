"""The catalog is locked, the date is held, the clock is wrong."""

import datetime
import json
import sqlite3
from contextlib import closing

import pytest

from tests.chaos.readers import BEFORE
from tests.chaos.world import TONIGHT

pytestmark = pytest.mark.timeout(1200)
LOCKED, HELD, CLOCK = "Catalog locked by another process", "Lease of a run that died", "Clock of the driver"


def locked(world):
    """An exclusive transaction of another process; it ends when it is closed."""
    connection = sqlite3.connect(world.var / "catalog.db", isolation_level=None, timeout=60)
    connection.execute("BEGIN EXCLUSIVE")
    return closing(connection)


@pytest.mark.usefixtures("halfway")
def test_the_catalog_is_locked(prepared, world, faults):
    world.restore("audit")
    with faults.meet(LOCKED, "when the night starts") as first:
        with locked(world):
            code, said = world.run()
        assert code == 6 and "has locked the catalog" in said
        first.readers, first.answer = prepared.readers(), "ends with 6"
    with faults.meet(LOCKED, "when it publishes") as second:
        driver = world.start()
        driver.wait_for(lambda: world.begins("publish"))
        with locked(world):
            code = driver.end()
        assert code == 6 and "has locked the catalog" in driver.said
        second.readers, second.answer = prepared.readers(), "ends with 6"
    assert first.readers == second.readers == BEFORE
    code, said = world.run()
    assert code == 0, said
    first.end = second.end = prepared.check_end()


def claim(world, *, host, pid, minutes):
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    world.lease.write_text(json.dumps({"run_id": "dead", "host": host, "pid": pid, "until": until.isoformat()}))


@pytest.mark.usefixtures("halfway")
def test_a_run_died_on_another_host(prepared, world, faults):
    world.restore("audit")
    with faults.meet(HELD, "on another host, not over") as first:
        claim(world, host="elsewhere", pid=1, minutes=60)
        code, said = world.run()
        assert code == 6 and "holds this run date" in said
        first.readers, first.answer = prepared.readers(), "ends with 6"
        assert first.readers == BEFORE
    with faults.meet(HELD, "on another host, over") as second:
        claim(world, host="elsewhere", pid=1, minutes=-1)
        code, said = world.run()
        assert code == 0, said
        second.readers, second.answer = prepared.readers(), "takes the date and goes on"
    first.end = second.end = prepared.check_end()


@pytest.mark.parametrize(
    ("days", "stage", "what"),
    [
        (400, "", "400 days ahead when the night goes on after index"),
        (-400, "", "400 days behind when the night goes on after index"),
        (2, "match", "jumps two days ahead after match"),
        (-2, "rank", "jumps two days back after rank"),
    ],
)
def test_the_clock_is_wrong(prepared, indexed, faults, days, stage, what):
    world = indexed
    with faults.meet(CLOCK, what) as point:
        pattern = f"{world.var}/runs/{TONIGHT}-*/stages/{stage}.json" if stage else ""
        code, said = world.run(through=["tests.chaos.shifted_clock", str(days), pattern])
        assert code == 0, said
        point.readers, point.answer = prepared.readers(), "ends with 0"
        point.end = prepared.check_end()
