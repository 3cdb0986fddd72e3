"""The disk fills up, becomes read-only, or refuses large files."""

import contextlib
import os
import re
import subprocess

import pytest

from tests.chaos.readers import BEFORE

pytestmark = pytest.mark.timeout(1200)
KIND = "Disk"


def mounted(folder, *options):
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a file system of its own cannot be mounted here: {done.stderr.strip()}")


def again(folder, options):
    return subprocess.run(["mount", "-o", f"remount,{options}", folder], capture_output=True).returncode == 0


@contextlib.contextmanager
def read_only_view(folder, driver):
    """What is opened from now on can only be read; a file system of which a file is being written refuses to be so."""
    assert subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode == 0
    try:
        driver.wait_for(lambda: again(folder, "bind,ro"))
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def own_disk(prepared):
    """The store before tonight on a file system of its own."""
    folder = prepared.world.var
    prepared.world.restore("before")
    away = folder.with_name("var-away")
    folder.rename(away)
    folder.mkdir()
    try:
        mounted(folder, "-o", "size=2g")
        with contextlib.ExitStack() as after:
            after.callback(subprocess.run, ["umount", "--lazy", folder], check=True)
            prepared.world.restore("before")
            yield prepared.world
    finally:
        folder.rmdir()
        away.rename(folder)


def used(folder):
    seen = os.statvfs(folder)
    return (seen.f_blocks - seen.f_bfree) * seen.f_frsize


def test_the_disk_fills_up(prepared, own_disk, faults):
    world, points, kept = own_disk, [], {}
    start = used(world.var)
    for share in (0.0, 0.25, 0.5, 0.75):
        with faults.meet(KIND, f"full after {share:.0%} of what an undisturbed night adds") as point:
            assert again(world.var, f"size={max(used(world.var), start + int(share * prepared.bytes)) + 4096}")
            code, said = world.run()
            assert code not in (0, 2, 3, 4, 6) and re.search("No space left|disk is full", said)
            point.readers = prepared.readers()
            assert point.readers == BEFORE
            notes = world.notes()
            assert kept.items() <= notes.items()
            kept = notes
            point.answer = f"ends with {code} after {len(kept)} stages"
            points.append(point)
    assert again(world.var, "size=2g")
    code, said = world.run()
    assert code == 0, said
    assert kept.items() <= world.notes().items()
    for point in points:
        point.end = prepared.check_end()


def test_the_disk_is_read_only(prepared, own_disk, faults):
    world = own_disk
    with faults.meet(KIND, "read-only from the start") as first:
        assert again(world.var, "ro")
        code, said = world.run()
        assert code not in (0, 2, 3, 4) and re.search("[Rr]ead-?only", said)
        first.readers, first.answer = prepared.readers(), f"ends with {code}"
        assert first.readers == BEFORE
        assert again(world.var, "rw")
    with faults.meet(KIND, "read-only in the midst of match") as second:
        driver = world.start()
        driver.wait_for(lambda: world.begins("match"))
        with read_only_view(world.var, driver):
            code, kept = driver.end(), world.notes()
            assert code != 0
            second.readers = prepared.readers()
            assert second.readers == BEFORE
        second.answer = f"ends with {code} after {len(kept)} stages"
    code, said = world.run()
    assert code == 0, said
    assert kept.items() <= world.notes().items()
    first.end = second.end = prepared.check_end()


def broken_and_mended(prepared, world, point, code):
    """Readers see the night before, and the same command, undisturbed, does the rest."""
    point.readers, kept = prepared.readers(), world.notes()
    assert point.readers == BEFORE
    point.answer = f"ends with {code} after {len(kept)} stages"
    code, said = world.run()
    assert code == 0, said
    point.end = prepared.check_end()


@pytest.mark.parametrize("kib", [24, 64])
def test_files_above_a_size_are_refused(prepared, indexed, faults, kib):
    world = indexed
    with faults.meet(KIND, f"no file may grow beyond {kib} KiB (RLIMIT_FSIZE)") as point:
        code, _ = world.run(wrapped=["prlimit", f"--fsize={kib * 1024}"])
        assert code not in (0, 2, 3, 4, 6)
        broken_and_mended(prepared, world, point, code)


def test_sparks_scratch_space_is_full(prepared, indexed, faults, tmp_path):
    world = indexed
    with faults.meet(KIND, "Spark's scratch folder has 64 KiB") as point:
        mounted(tmp_path, "-o", "size=64k")
        try:
            code, _ = world.run(environ={"SPARK_LOCAL_DIRS": str(tmp_path)})
        finally:
            subprocess.run(["umount", "--lazy", tmp_path], check=True)
        assert code not in (0, 2, 3, 4, 6)
        broken_and_mended(prepared, world, point, code)
