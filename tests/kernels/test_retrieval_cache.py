"""A host reads its own copy of an index, and only a whole one."""

import multiprocessing

import pytest

from pipelines.publishing import artifacts
from pipelines.retrieval.cache import on_this_host
from schemas.errors import ArtifactError


@pytest.fixture(autouse=True)
def fresh():
    on_this_host.cache_clear()


def sealed(folder, text):
    (folder / "shard-0").mkdir(parents=True)
    (folder / "shard-0" / "ids.arrow").write_text(text)
    artifacts.seal(folder, kind="index", artifact_id=text, dimension=1, parents={}, recipe={})
    return folder


def test_without_a_cache_the_index_is_read_where_it_lies(tmp_path):
    assert on_this_host(tmp_path / "index", "") == tmp_path / "index"


def test_the_copy_is_the_index_and_stays_when_the_original_is_gone(tmp_path):
    index = sealed(tmp_path / "store" / "run.1", "one")
    copy = on_this_host(index, str(tmp_path / "cache"))
    assert copy == tmp_path / "cache" / "nightmatch-indexes" / "run.1"
    assert artifacts.verify(copy, kind="index").artifact_id == "one"
    (index / "shard-0" / "ids.arrow").unlink()
    on_this_host.cache_clear()
    assert on_this_host(index, str(tmp_path / "cache")) == copy


def test_a_new_index_takes_the_place_of_the_last(tmp_path):
    cache = str(tmp_path / "cache")
    first, second = (on_this_host(sealed(tmp_path / "store" / name, name), cache) for name in ("run.1", "run.2"))
    assert not first.exists()
    assert artifacts.verify(second, kind="index").artifact_id == "run.2"


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_file_is_refused_and_no_copy_is_left_to_read(tmp_path, damage):
    index, cache = sealed(tmp_path / "store" / "run.1", "one"), str(tmp_path / "cache")
    path = index / "shard-0" / "ids.arrow"
    path.unlink() if damage == "missing" else path.write_text("two")
    for _ in range(2):
        with pytest.raises(ArtifactError, match=r"(?s)make it again:.*ids\.arrow: " + damage):
            on_this_host(index, cache)
    assert not artifacts.exists(tmp_path / "cache" / "nightmatch-indexes" / "run.1")


def test_workers_that_ask_at_once_make_one_copy(tmp_path):
    index, cache = sealed(tmp_path / "store" / "run.1", "one" * 1_000_000), str(tmp_path / "cache")
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        copies = pool.starmap(on_this_host, [(index, cache)] * 6)
    assert set(copies) == {tmp_path / "cache" / "nightmatch-indexes" / "run.1"}
    assert artifacts.verify(copies[0], kind="index")


def test_what_else_lies_in_the_folder_that_was_configured_stays(tmp_path):
    (tmp_path / "cache" / "somebody's").mkdir(parents=True)
    (tmp_path / "cache" / "somebody's" / "work").write_text("kept")
    for name in ("run.1", "run.2"):
        on_this_host(sealed(tmp_path / "store" / name, name), str(tmp_path / "cache"))
    assert (tmp_path / "cache" / "somebody's" / "work").read_text() == "kept"
