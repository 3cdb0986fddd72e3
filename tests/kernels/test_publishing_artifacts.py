"""Artifacts exist once their manifest does, and damage is found before anything is read."""

import pytest

from pipelines.publishing import artifacts
from schemas.errors import ArtifactError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "student"
    made.mkdir()
    (made / "weights").write_bytes(b"1234")
    (made / "card").write_text("what it is")
    artifacts.seal(made, kind="student", artifact_id="s1", dimension=4, parents={}, recipe={"seed": 1})
    return made


def test_an_artifact_as_it_was_sealed_verifies(folder):
    manifest = artifacts.verify(folder, kind="student")
    assert (manifest.artifact_id, manifest.dimension, sorted(manifest.files)) == ("s1", 4, ["card", "weights"])


def test_every_missing_changed_and_added_file_is_listed(folder):
    (folder / "card").unlink()
    (folder / "weights").write_bytes(b"1235")
    (folder / "stray").write_text("x")
    with pytest.raises(ArtifactError) as failure:
        artifacts.verify(folder, kind="student")
    message = str(failure.value)
    assert "card: missing" in message
    assert "weights: changed" in message
    assert "stray: not in the manifest" in message


def test_a_folder_without_manifest_is_no_artifact(tmp_path):
    assert not artifacts.exists(tmp_path)
    with pytest.raises(ArtifactError, match="never finished"):
        artifacts.verify(tmp_path, kind="student")


def test_a_manifest_that_is_no_json_is_an_artifact_error(folder):
    (folder / "manifest.json").write_text('{"kind": "stu')
    with pytest.raises(ArtifactError, match="broken"):
        artifacts.verify(folder, kind="student")


def test_an_artifact_of_another_kind_is_refused(folder):
    with pytest.raises(ArtifactError, match="is a student, not a index"):
        artifacts.verify(folder, kind="index")


def test_a_pointer_moves_from_one_target_to_the_next(tmp_path):
    pointer = tmp_path / "models" / "current"
    assert artifacts.pointed(pointer) is None
    artifacts.point(pointer, "a")
    artifacts.point(pointer, "b")
    assert artifacts.pointed(pointer) == "b"
    assert [path.name for path in pointer.parent.iterdir()] == ["current"]
