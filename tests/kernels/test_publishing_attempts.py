"""A lost task that lives on changes nothing that was taken over."""

import pytest

from pipelines.publishing.attempts import attempts, take


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "staged"


def test_what_was_returned_is_taken_over_and_what_other_attempts_have_written_is_gone(folder):
    into = attempts(folder)
    for name in ("returned", "lost"):
        (into / name).write_text(name)
    (into / "shard").mkdir()
    (into / "shard" / "vectors").write_text("1")
    take(folder, ["returned", "shard"])
    assert sorted(path.name for path in folder.iterdir()) == ["returned", "shard"]
    assert (folder / "shard" / "vectors").read_text() == "1"
    assert [path.name for path in folder.parent.iterdir()] == ["staged"]


def test_an_attempt_that_comes_late_finds_nowhere_to_write(folder):
    into = attempts(folder)
    (into / "begun").mkdir()
    take(folder, [])
    for late in ("new", "begun/vectors"):
        with pytest.raises(FileNotFoundError):
            (into / late).write_text("late")
    assert not list(folder.iterdir())


def test_what_a_late_attempt_writes_into_an_open_file_is_nowhere(folder):
    with (attempts(folder) / "open").open("w") as file:
        take(folder, [])
        file.write("late")
    assert not [path for path in folder.parent.rglob("*") if path.is_file()]


def test_what_lies_in_the_folder_stays(folder):
    folder.mkdir()
    (folder / "kept").write_text("1")
    (attempts(folder) / "fresh").write_text("2")
    take(folder, ["fresh"])
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"kept": "1", "fresh": "2"}
