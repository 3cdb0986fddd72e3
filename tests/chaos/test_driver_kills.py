"""The driver and all that it started are killed; the same command goes on."""

import os
import random
import signal
from functools import partial

import pytest

from tests.chaos.driver import processes
from tests.chaos.readers import BEFORE, NEW

pytestmark = pytest.mark.timeout(2400)
SEED = int(os.environ.get("NIGHTMATCH_CHAOS_SEED", "7"))
draws = random.Random(SEED)
INSTANTS = [draws.uniform(0.05, 0.97) for _ in range(20)]  # shares of an undisturbed night's time


def goes_on(prepared, kept):
    """The notes after a kill; those before it are still there as they were."""
    notes = prepared.world.notes()
    assert kept.items() <= notes.items()
    return notes


def reused(notes):
    return f"goes on after {len(notes)} stages" if notes else "starts from the beginning"


def finish(prepared, kept, points):
    """The night ends, without doing a finished stage again; so ends each of the points."""
    code, said = prepared.world.run()
    assert code == 0, said
    goes_on(prepared, kept)
    for point in points:
        point.end = prepared.check_end()


def test_killed_when_each_stage_begins_and_when_it_has_finished(prepared, world, faults):
    points, kept = [], {}
    for number, stage in enumerate(prepared.stages):
        for happens, done in ((world.begins, number), (world.has_finished, number + 1)):
            what = f"kill -9 when {stage} {'begins' if done == number else 'has finished'}"
            with faults.meet("Driver killed at each stage", what) as point:
                driver = world.start()
                driver.wait_for(partial(happens, stage))
                driver.kill()
                point.readers = prepared.readers()
                assert point.readers == (NEW if done == len(prepared.stages) else BEFORE)
                kept = goes_on(prepared, kept)
                assert list(kept) and set(kept) == set(prepared.stages[:done]) if done else not kept
                point.answer = reused(kept)
                points.append(point)
    finish(prepared, kept, points)


@pytest.mark.parametrize("half", [0, 1])
def test_killed_at_random_instants(prepared, world, faults, half):
    points, kept, fresh = [], {}, True
    for share in INSTANTS[half::2]:
        what = f"kill -9 at {share:.0%} of an undisturbed night's {prepared.seconds:.0f} s"
        with faults.meet(f"Driver killed at random instants (seed {SEED})", what) as point:
            driver = world.start()
            if driver.ends_within(share * prepared.seconds) and not fresh:  # what was left took no longer
                assert driver.process.returncode == 0, driver.said
                goes_on(prepared, kept)
                for earlier in points:
                    earlier.end = prepared.check_end()
                world.restore("before")
                points, kept = [], {}
                driver = world.start()
                driver.ends_within(share * prepared.seconds)
            assert driver.process.poll() is None, "an undisturbed night ended before"
            driver.kill()
            point.readers, kept, fresh = prepared.readers(), goes_on(prepared, kept), False
            point.answer = reused(kept)
            points.append(point)
    finish(prepared, kept, points)


@pytest.mark.usefixtures("halfway")
def test_killed_while_tables_are_committed(prepared, world, faults):
    world.restore("audit")
    points, kept = [], world.notes()
    for table in ("posting_matches", "members", "matches", "recommendations"):
        with faults.meet("Driver killed while it publishes", f"kill -9 when {table} is being committed") as point:
            folder = world.var / "warehouse" / "recs" / table / "metadata"
            before = set(os.listdir(folder))
            driver = world.start()
            driver.wait_for(lambda folder=folder, before=before: set(os.listdir(folder)) - before)
            driver.kill()
            point.readers = prepared.readers()
            kept = goes_on(prepared, kept)
            point.answer = reused(kept)
            points.append(point)
    with faults.meet("Driver killed while it publishes", "kill -9 when all tables have been committed") as point:
        driver = world.start()
        driver.wait_for(lambda: any(world.var.glob("runs/2026-11-02-*/published.json")))
        driver.kill()
        point.readers, kept = prepared.readers(), goes_on(prepared, kept)
        assert point.readers == NEW
        point.answer = reused(kept)
        points.append(point)
    finish(prepared, kept, points)


KIND = "Parts of the driver"


def test_only_the_drivers_python_is_killed(prepared, indexed, faults):
    world = indexed
    with faults.meet(KIND, "kill -9 of the driver's Python alone, in rank") as point:
        driver = world.start()
        driver.wait_for(lambda: world.begins("rank"))
        os.kill(driver.pid, signal.SIGKILL)
        driver.process.wait()
        point.readers = prepared.readers()
        code, said = world.run()  # while Spark's process may still write
        assert code == 0, said
        assert not processes(driver.pid)  # it has noticed
        point.answer, point.end = "the next run ends with 0", prepared.check_end()


def test_only_sparks_process_is_killed(prepared, indexed, faults):
    world = indexed
    with faults.meet(KIND, "kill -9 of Spark's process alone, in match") as point:
        driver = world.start()
        driver.wait_for(lambda: world.begins("match"))
        os.kill(driver.java(), signal.SIGKILL)
        code = driver.end()
        assert code not in (0, None)
        assert not world.lease.exists()
        point.readers, kept = prepared.readers(), world.notes()
        point.answer = f"ends with {code}, {reused(kept)}"
        finish(prepared, kept, [point])


def test_stopped_politely(prepared, indexed, faults):
    world = indexed
    with faults.meet(KIND, "SIGTERM to the driver, in rank") as point:
        driver = world.start()
        driver.wait_for(lambda: world.begins("rank"))
        os.kill(driver.pid, signal.SIGTERM)
        assert driver.end() == 128 + signal.SIGTERM
        assert not world.lease.exists()
        point.readers, kept = prepared.readers(), world.notes()
        point.answer = f"ends with 143 and gives its date back, {reused(kept)}"
        finish(prepared, kept, [point])
