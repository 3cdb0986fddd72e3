"""Readers' copies of the tables are what was published, wholly or not at all."""

import datetime
import shutil

import pytest
from pyiceberg.catalog import load_catalog

from jobs import forget_member, mirror_tables, restore_night
from pipelines.publishing import mirror as mirroring
from pipelines.publishing.catalog import open_readers
from pipelines.publishing.contents import OF_A_NIGHT
from pipelines.publishing.mirror import mirror
from pipelines.upkeep.mirrored import prune
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.recommendations import RECOMMENDATIONS
from tests.published import opened, publish_night, published, shelf_arguments, world

MONDAY, TUESDAY = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)
GONE = "M-0042"
__all__ = ["world"]


@pytest.fixture
def mirrored(world, tmp_path):
    """A night in the tables and, in a catalog and a folder of their own, in their copies."""
    there = tmp_path / "there"
    there.mkdir()
    readers = {"type": "sql", "uri": f"sqlite:///{there}/catalog.db", "warehouse": (there / "warehouse").as_uri()}
    conf = world.project / "conf" / "small.toml"
    lines = "\n".join(f"{name} = '{value}'" for name, value in readers.items())
    conf.write_text(f"{conf.read_text()}\n[storage.readers]\n{lines}\n")
    copied = world.config.model_copy(update={"readers": readers})
    made = type(world)(world.project, copied, world.store)
    publish_night(made, MONDAY, "first", [GONE, "M-1"])
    copy(made)
    return made


def copy(world):
    catalog, store = opened(world)
    return mirror(catalog, open_readers(world.config, store), store)


def seen(world, table):
    """(run_date, run_id, member_id or None) of every row that a reader of the copy sees, sorted."""
    rows = load_catalog("recs", **world.config.readers).load_table(f"recs.{table.name}").scan().to_arrow().to_pylist()
    return sorted((row[c.RUN_DATE], row[c.RUN_ID], row.get(c.MEMBER_ID)) for row in rows)


def there(world):
    return world.project / "there"


def test_copies_have_the_rows_of_the_tables_in_files_of_their_own(mirrored, caplog):
    publish_night(mirrored, TUESDAY, "second", ["M-1", "M-2"])
    assert mirror_tables.main(shelf_arguments(mirrored)) == 0
    assert "mirror: " in caplog.text and "members" in caplog.text
    for table in OF_A_NIGHT:
        assert seen(mirrored, table) == published(mirrored, table)
    assert len(seen(mirrored, MEMBERS)) == 4
    shutil.rmtree(mirrored.store.warehouse)
    assert len(seen(mirrored, MEMBERS)) == 4


def test_copies_that_are_up_to_date_are_left_as_they_are(mirrored):
    before = sorted(there(mirrored).rglob("*"))
    assert copy(mirrored) == []
    assert sorted(there(mirrored).rglob("*")) == before


def test_a_night_that_is_put_back_is_put_back_in_the_copies(mirrored):
    publish_night(mirrored, TUESDAY, "second", ["M-1", "M-2"])
    copy(mirrored)
    assert restore_night.main([*shelf_arguments(mirrored), "--run-date", str(MONDAY)]) == 0
    assert seen(mirrored, RECOMMENDATIONS) == [(MONDAY, "first", GONE), (MONDAY, "first", "M-1")]


def test_a_crash_between_two_copies_leaves_readers_with_one_whole_night(mirrored, monkeypatch):
    before, made = {table: seen(mirrored, table) for table in OF_A_NIGHT}, []
    commit = mirroring.Change.commit

    def dying(change):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(commit(change))

    publish_night(mirrored, TUESDAY, "second", ["M-1"])
    with monkeypatch.context() as patched:
        patched.setattr(mirroring.Change, "commit", dying)
        with pytest.raises(KeyboardInterrupt):
            copy(mirrored)
    assert {table: seen(mirrored, table) for table in OF_A_NIGHT} == before
    copy(mirrored)
    assert seen(mirrored, RECOMMENDATIONS) == published(mirrored, RECOMMENDATIONS) != before[RECOMMENDATIONS]


def test_a_transfer_that_broke_is_done_again(mirrored):
    publish_night(mirrored, TUESDAY, "second", ["M-1"])
    store = mirrored.store
    folder = store.warehouse / store.namespace / MEMBERS.name
    [staged] = folder.glob("run=second/*/*.parquet")
    torn = there(mirrored) / "warehouse" / store.namespace / MEMBERS.name / staged.relative_to(folder)
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"PAR1")
    copy(mirrored)
    assert seen(mirrored, MEMBERS) == published(mirrored, MEMBERS)


def test_a_forgotten_member_is_in_no_file_of_the_copies(mirrored):
    publish_night(mirrored, TUESDAY, "second", ["M-1", "M-2"])
    copy(mirrored)
    assert any(GONE.encode() in path.read_bytes() for path in there(mirrored).rglob("*.parquet"))
    assert forget_member.main([*shelf_arguments(mirrored), GONE]) == 0
    assert seen(mirrored, MEMBERS) == [(MONDAY, "first", "M-1"), (TUESDAY, "second", "M-1"), (TUESDAY, "second", "M-2")]
    files = [path for path in there(mirrored).rglob("*") if path.is_file() and path.suffix in {".parquet", ".avro"}]
    assert files
    assert not [path for path in files if GONE.encode() in path.read_bytes()]


def test_what_names_the_member_beside_the_copies_is_found_and_the_job_fails(mirrored, caplog, monkeypatch):
    monkeypatch.setattr("jobs.prune_copies.prune", lambda *arguments: 0)
    assert forget_member.main([*shelf_arguments(mirrored), GONE]) == 5
    assert "there/warehouse" in caplog.text


def test_what_copies_need_no_more_goes_when_it_is_old(mirrored):
    publish_night(mirrored, MONDAY, "again", ["M-1"])
    copy(mirrored)
    readers = open_readers(mirrored.config, mirrored.store)
    replaced = list(there(mirrored).rglob("run=first/*/*.parquet"))
    assert replaced
    now = datetime.datetime.now(datetime.UTC)
    for before, left in ((now - datetime.timedelta(days=1), replaced), (now + datetime.timedelta(days=1), [])):
        for table in mirroring.copies(readers, mirrored.store):
            prune(table, before)
        assert sorted(there(mirrored).rglob("run=first/*/*.parquet")) == sorted(left)
    assert seen(mirrored, MEMBERS) == [(MONDAY, "again", "M-1")]


def test_without_readers_there_is_nothing_to_bring_up_to_date(world, caplog):
    assert mirror_tables.main(shelf_arguments(world)) == 2
    assert "storage.readers names no catalog" in caplog.text


def test_copies_beside_the_tables_are_refused_and_nothing_is_removed(mirrored, caplog):
    conf = mirrored.project / "conf" / "small.toml"
    own = f"uri = 'sqlite:///{mirrored.store.catalog}'\nwarehouse = '{mirrored.store.warehouse.as_uri()}'\n"
    conf.write_text(conf.read_text().split("[storage.readers]")[0] + f"[storage.readers]\ntype = 'sql'\n{own}")
    before = published(mirrored, MEMBERS)
    assert mirror_tables.main(shelf_arguments(mirrored)) == 2
    assert forget_member.main([*shelf_arguments(mirrored), "M-9"]) == 2
    assert "storage.readers: copies lie below" in caplog.text
    assert published(mirrored, MEMBERS) == before
