"""Readers' copies of the tables in an object store, of a real night and of hand-written ones."""

import datetime

import pytest
from pyarrow import fs
from pyiceberg.catalog import load_catalog
from pyiceberg.io.pyarrow import PyArrowFileIO

from jobs import clean_store, forget_member, make_sample, restore_night, run_nightly
from pipelines.publishing import mirror as mirroring
from pipelines.publishing.catalog import open_readers
from pipelines.publishing.contents import OF_A_NIGHT
from pipelines.publishing.mirror import mirror
from tests.jobs.conftest import NIGHT, found_town
from tests.published import opened, publish_night, published, shelf_arguments, world

MONDAY, TUESDAY = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)
GONE = "M-0042"
__all__ = ["world"]


def readers(s3, folder):
    """The catalog's own file lies in the folder, all else in the bucket."""
    return {"type": "sql", "uri": f"sqlite:///{folder}/readers.db", "warehouse": f"s3://nights/{folder.name}", **s3}


def section(properties):
    return "\n[storage.readers]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in properties.items())


def objects(properties):
    """Path in the bucket -> bytes of everything that lies below the warehouse."""
    scheme, host, path = PyArrowFileIO.parse_location(properties["warehouse"])
    store = PyArrowFileIO(properties).fs_by_scheme(scheme, host)
    found = store.get_file_info(fs.FileSelector(path, recursive=True, allow_not_found=True))
    return {one.path: store.open_input_file(one.path).read() for one in found if one.is_file}


@pytest.fixture
def copied(world, s3):
    """Two nights in the tables and, in a bucket, in their copies."""
    given = readers(s3, world.project)
    conf = world.project / "conf" / "small.toml"
    conf.write_text(conf.read_text() + section(given))
    made = type(world)(world.project, world.config.model_copy(update={"readers": given}), world.store)
    publish_night(made, MONDAY, "first", [GONE, "M-1"])
    publish_night(made, TUESDAY, "second", ["M-1", "M-2"])
    copy(made)
    return made


def copy(world):
    catalog, store = opened(world)
    return mirror(catalog, open_readers(world.config, store), store)


def seen(world):
    catalog = load_catalog("recs", **world.config.readers)
    rows = {table.name: catalog.load_table(f"recs.{table.name}").scan().to_arrow().to_pylist() for table in OF_A_NIGHT}
    return {
        name: sorted((r["run_date"], r["run_id"], r.get("member_id")) for r in found) for name, found in rows.items()
    }


def served(world):
    return {table.name: published(world, table) for table in OF_A_NIGHT}


def test_a_night_is_read_from_the_bucket_row_for_row(spark, s3, tmp_path):
    given = readers(s3, tmp_path)
    town = found_town(tmp_path / "town", section(given))
    assert town.run(make_sample.main) == 0
    assert town.run(run_nightly.main) == 0
    here = load_catalog("recs", type="sql", uri=f"sqlite:///{town.project}/var/catalog.db")
    there = load_catalog("recs", **given)
    for name in ("recommendations", "matches", "members", "posting_embeddings", "quality_results", "run_log"):
        rows = [catalog.load_table(f"recs.{name}").scan().to_arrow() for catalog in (here, there)]
        both = [sorted(map(repr, one.to_pylist())) for one in rows]
        assert both[0] == both[1] != [], name
    files = [task.file.file_path for task in there.load_table("recs.recommendations").scan().plan_files()]
    assert files and all(path.startswith(f"s3://nights/{tmp_path.name}/") for path in files)
    recommended = there.load_table("recs.recommendations").scan(row_filter=f"run_date = '{NIGHT}'").to_pandas()
    assert recommended["member_id"].nunique() > 200
    in_duckdb = there.load_table("recs.recommendations").scan().to_duckdb("recs").sql("SELECT count(*) FROM recs")
    assert in_duckdb.fetchall() == [(len(recommended),)]


def test_a_night_that_is_put_back_is_put_back_in_the_bucket(copied):
    assert restore_night.main([*shelf_arguments(copied), "--run-date", str(MONDAY)]) == 0
    assert seen(copied) == served(copied)
    assert seen(copied)["recommendations"] == [(MONDAY, "first", GONE), (MONDAY, "first", "M-1")]


def test_a_crash_between_two_copies_leaves_readers_with_one_whole_night(copied, monkeypatch):
    before, made = seen(copied), []
    commit = mirroring.Change.commit

    def dying(change):
        if made:
            raise KeyboardInterrupt
        made.append(commit(change))

    publish_night(copied, TUESDAY, "third", ["M-1"])
    with monkeypatch.context() as patched:
        patched.setattr(mirroring.Change, "commit", dying)
        with pytest.raises(KeyboardInterrupt):
            copy(copied)
    assert seen(copied) == before != served(copied)
    copy(copied)
    assert seen(copied) == served(copied)


def test_a_forgotten_member_is_in_no_object(copied):
    assert any(GONE.encode() in data for data in objects(copied.config.readers).values())
    assert forget_member.main([*shelf_arguments(copied), GONE]) == 0
    assert seen(copied) == served(copied)
    left = objects(copied.config.readers)
    assert left
    assert not [path for path, data in left.items() if GONE.encode() in data]


def test_cleaning_removes_what_copies_need_no_more_and_readers_see_what_they_saw(spark, copied):
    publish_night(copied, MONDAY, "again", ["M-1"])
    copy(copied)
    before = seen(copied)
    conf = copied.project / "conf" / "small.toml"
    conf.write_text(conf.read_text() + "\n[retention]\nsnapshot_days = 0\nrestorable_nights = 1\n")
    assert any("/run=first/" in path for path in objects(copied.config.readers))
    assert clean_store.main([*shelf_arguments(copied), "--remove"]) == 0
    assert not any("/run=first/" in path for path in objects(copied.config.readers))
    assert seen(copied) == before
