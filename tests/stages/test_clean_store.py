"""What nobody can need goes, when asked; what readers read and runs may want stays."""

import datetime
import json
import os

import pytest

from jobs import clean_store, restore_night
from pipelines.publishing import artifacts
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.lease import lease
from pipelines.publishing.publications import publications
from pipelines.upkeep.leftovers import Leftover, freed, remove
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from tests.published import (
    embed,
    hash_of,
    night,
    opened,
    publish_night,
    published,
    shelf_arguments,
    stage_night,
    text_of,
    world,
)

MONDAY, TUESDAY = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)
KEEP = "[retention]\nsnapshot_days = {}\nrestorable_nights = 1\nmin_small_files = {}\n"
__all__ = ["world"]


def clean(world, *more, snapshot_days=0, min_small_files=1000):
    conf = world.project / "conf" / "small.toml"
    conf.write_text(conf.read_text().split("[retention]")[0] + KEEP.format(snapshot_days, min_small_files))
    return clean_store.main([*shelf_arguments(world), *more])


def everything(world):
    return sorted(path for path in world.store.root.rglob("*") if path.is_file())


def rows(world):
    catalog, _ = opened(world)
    return {
        table.name: sorted(map(repr, catalog.load_table(f"recs.{table.name}").scan().to_arrow().to_pylist()))
        for table in PUBLISHED
        if catalog.table_exists(f"recs.{table.name}")
    }


def age(folder, days=30):
    for path in [folder, *folder.rglob("*")]:
        at = path.stat().st_mtime - days * 86_400
        os.utime(path, (at, at))


def files(world, table):
    return night(world, "reader").files(table)


@pytest.fixture
def old(spark, world):
    """Monday was published twice and Tuesday once, long ago; a run has died in between and another one yesterday."""
    publish_night(world, MONDAY, "first", ["m1", "m2"])
    publish_night(world, MONDAY, "second", ["m1", "m3"])
    publish_night(world, TUESDAY, "third", ["m1"])
    stage_night(world, TUESDAY, "died", ["m9"])
    for run_id in ("first", "second", "third"):
        (world.store.stages(run_id)).mkdir()
        (world.store.stages(run_id) / "publish.json").write_text("{}")
    age(world.store.root)
    stage_night(world, TUESDAY, "yesterday", ["m8"])
    return world


def test_without_remove_nothing_changes_and_what_would_go_is_shown_with_its_bytes(old, capsys):
    before = everything(old)
    assert clean(old) == 0
    shown = capsys.readouterr().out
    assert everything(old) == before
    assert all(f"members/run={run_id}" in shown for run_id in ("died", "first"))
    assert not any(f"members/run={run_id}" in shown for run_id in ("second", "third", "yesterday"))
    assert "bytes would be free; nothing was changed" in shown


def test_what_belongs_to_nothing_goes_and_readers_read_what_they_read(old):
    seen = rows(old)
    assert clean(old, "--remove") == 0
    assert rows(old) == seen
    left = {path.parent.parent.name for path in everything(old) if "run=" in str(path)}
    assert left == {"run=second", "run=third", "run=yesterday"}
    assert not (old.store.runs / "died").exists()
    assert night(old, "yesterday").staged_files(MEMBERS)
    assert clean(old, "--remove") == 0
    assert rows(old) == seen


def test_bytes_shown_are_the_bytes_that_are_free_afterwards(old, caplog):
    def total():
        kept = [path for path in everything(old) if path.suffix == ".parquet"]
        return sum(path.stat().st_size for path in kept)

    before = total()
    gone = sum(
        path.stat().st_size
        for path in everything(old)
        if path.suffix == ".parquet" and {"run=died", "run=first"} & set(path.parts)
    )
    assert clean(old, "--remove") == 0
    assert before - total() == gone > 0


def test_a_run_that_holds_a_lease_is_not_touched(old, caplog, capsys):
    before = everything(old)
    with lease(old.store.lease(TUESDAY), run_id="died", minutes=5):
        assert clean(old, "--remove") == 6
        assert clean(old) == 0
        assert "run=died" not in capsys.readouterr().out
    assert everything(old) == before


def test_a_snapshot_that_a_reader_may_be_reading_stays(old):
    catalog, _ = opened(old)
    reading = catalog.load_table("recs.members")
    [first] = [one.snapshots["members"] for one in publications(old.store) if one.run_id == "first"]
    assert clean(old, "--remove", snapshot_days=3) == 0
    assert sorted(reading.scan(snapshot_id=first).to_arrow()["member_id"].to_pylist()) == ["m1", "m2"]


def test_runs_of_the_newest_dates_can_be_put_back_and_older_ones_that_were_replaced_cannot(old, caplog):
    publish_night(old, TUESDAY, "fourth", ["m4"])
    assert clean(old, "--remove") == 0
    put_back = [*shelf_arguments(old), "--run-date"]
    assert restore_night.main([*put_back, "2026-11-02", "--run-id", "first"]) == 5
    assert restore_night.main([*put_back, "2026-11-03", "--run-id", "third"]) == 0
    assert published(old, MEMBERS) == [(MONDAY, "second", "m1"), (MONDAY, "second", "m3"), (TUESDAY, "third", "m1")]
    assert restore_night.main([*put_back, "2026-11-02"]) == 0
    assert "first" not in {one.run_id for one in publications(old.store)}


def test_small_files_are_put_together_and_the_nights_can_still_be_put_back(old):
    seen = rows(old)
    assert len(files(old, MATCHES)) == 3
    assert clean(old, "--remove", min_small_files=2) == 0
    assert rows(old) == seen and len(files(old, MATCHES)) == 2
    assert restore_night.main([*shelf_arguments(old), "--run-date", "2026-11-02", "--run-id", "second"]) == 0
    assert published(old, MATCHES) == [(MONDAY, "second", "m1"), (MONDAY, "second", "m3")]


def student(world, name):
    folder = world.store.models / name
    folder.mkdir(parents=True)
    (folder / "weights").write_text(name)
    artifacts.seal(folder, kind="student", artifact_id=name, dimension=2, parents={}, recipe={})
    artifacts.point(world.store.models / "current", name)


def test_vectors_of_texts_that_no_night_has_and_of_students_that_cannot_serve_again_go(spark, world):
    student(world, "s1")
    old_day = MONDAY - datetime.timedelta(days=100)
    embed(world, old_day, "e1", ["m1", "left"])
    embed(world, old_day, "e2", ["m1"], student="s0")
    embed(world, MONDAY, "e3", ["m2", "new"])
    publish_night(world, MONDAY, "night", ["m1", "m2"])
    assert clean(world, "--remove") == 0
    found = night(world, "reader", spark).read(MEMBER_EMBEDDINGS).collect()
    assert {(row[c.STUDENT_ID], row[c.CONTENT_HASH]) for row in found} == {
        ("s1", hash_of(text_of(member))) for member in ("m1", "m2", "new")
    }


def test_no_vector_expires_while_a_run_may_be_continued(spark, world, caplog):
    student(world, "s1")
    embed(world, MONDAY - datetime.timedelta(days=100), "e1", ["left"])
    publish_night(world, MONDAY, "night", ["m1"])
    world.store.stages("going").mkdir(parents=True)
    assert clean(world, "--remove") == 0
    assert "going is not finished" in caplog.text or "run going" in caplog.text
    assert night(world, "reader", spark).read(MEMBER_EMBEDDINGS).count() == 1


def index(world, run_id, student_id):
    folder = world.store.indexes / f"{run_id}.x"
    folder.mkdir(parents=True)
    (folder / "rows").write_text(run_id)
    artifacts.seal(folder, kind="index", artifact_id=run_id, dimension=2, parents={"student": student_id}, recipe={})


def test_indexes_that_no_night_builds_upon_and_those_of_people_go(spark, world):
    for run_id in ("first", "second"):
        index(world, run_id, "s1")
    index(world, "other", "s0")
    index(world, "going", "s1")
    (world.store.member_indexes / "killed.x").mkdir(parents=True)
    (world.store.models / ".draft-1").mkdir(parents=True)
    age(world.store.root)
    index(world, "newest", "s1")
    note = world.store.stages("going") / "index.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"counts": {"notes": {"folder": "going.x"}}}))
    assert clean(world, "--remove") == 0
    assert {path.name for path in world.store.indexes.iterdir()} == {"going.x", "newest.x", "other.x"}
    assert not list(world.store.member_indexes.iterdir()) and not (world.store.models / ".draft-1").exists()


def test_a_file_with_another_name_elsewhere_frees_nothing(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "shard").write_bytes(b"12345")
    os.link(tmp_path / "a" / "shard", tmp_path / "b" / "shard")
    assert freed([tmp_path / "a"]) == 0
    assert freed([tmp_path / "a", tmp_path / "b"]) == 5


def test_a_removal_that_broke_off_is_done_by_the_next(tmp_path):
    folder = tmp_path / "run=x" / ".gone-1"
    folder.mkdir(parents=True)
    (folder / "part").write_text("left")
    remove([Leftover("staged", folder)])
    assert not (tmp_path / "run=x").exists()
