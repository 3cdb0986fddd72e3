"""Files that are torn or gone are found before anything is made of them."""

import datetime
import os

import pytest

from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.members import MEMBERS
from tests.published import night, publish_night, published, stage_night, world

MONDAY = datetime.date(2026, 11, 2)
DATE = {c.RUN_DATE: MONDAY}
__all__ = ["world"]


def parts(world):
    return sorted(world.store.staged("members", "first").glob("*/*.parquet"))


def test_staged_files_that_are_gone_or_torn_are_listed_and_nothing_is_published(world):
    tables = stage_night(world, MONDAY, "first", ["m1", "m2", "m3"])
    gone, torn, _ = parts(world)
    gone.unlink()
    os.truncate(torn, torn.stat().st_size - 1)
    with pytest.raises(ArtifactError) as failure:
        tables.replace(MEMBERS, **DATE)
    assert f"{gone}: missing" in str(failure.value) and f"{torn}: torn" in str(failure.value)
    assert published(world, MEMBERS) == []


def test_a_file_that_comes_after_the_note_does_not_count(world):
    tables = stage_night(world, MONDAY, "first", ["m1"])
    [part] = parts(world)
    part.with_name("late.parquet").write_bytes(part.read_bytes())
    assert tables.staged_files(MEMBERS) == [str(part)]


@pytest.mark.parametrize(("note", "message"), [('{"folder": "x", "fi', "is damaged"), (None, "has no staged table")])
def test_a_note_that_is_torn_or_gone_says_what_to_do(world, note, message):
    tables = stage_night(world, MONDAY, "first", ["m1"])
    path = world.store.staging("members", "first")
    path.write_text(note) if note else path.unlink()
    with pytest.raises(ArtifactError, match=message) as failure:
        tables.staged_files(MEMBERS)
    assert "new --attempt" in str(failure.value)


def test_published_files_that_are_gone_or_torn_are_listed_before_they_are_read(world):
    publish_night(world, MONDAY, "first", ["m1", "m2", "m3"])
    gone, torn, whole = parts(world)
    gone.unlink()
    size = torn.stat().st_size
    os.truncate(torn, 5)
    with pytest.raises(ArtifactError) as failure:
        night(world, "second").read(MEMBERS)
    said = str(failure.value)
    assert f"{gone}: missing" in said and f"{torn}: 5 bytes, not {size:,}" in said and str(whole) not in said


def test_a_night_with_a_lost_file_can_be_published_over(world):
    publish_night(world, MONDAY, "first", ["m1"])
    parts(world)[0].unlink()
    publish_night(world, MONDAY, "second", ["m2"])
    assert published(world, MEMBERS) == [(MONDAY, "second", "m2")]
