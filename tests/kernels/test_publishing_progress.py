"""A run remembers what finished, what broke off and how."""

import pytest

from pipelines.publishing.progress import Counts, Progress
from schemas.errors import ArtifactError, QualityGateError


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "run" / "stages")


def failing(error):
    def work():
        raise error

    return work


def test_a_stage_that_began_is_unfinished_until_it_has_finished(progress):
    seen = []

    def work():
        seen.append(progress.unfinished())
        return Counts(rows_in=3)

    assert progress.unfinished() is None
    progress.once("embed", work)
    assert (seen[0].stage, seen[0].error, seen[0].exit_code) == ("embed", None, None)
    assert progress.unfinished() is None


def test_a_failure_of_ours_is_remembered_with_its_message_until_the_stage_finishes(progress):
    with pytest.raises(QualityGateError):
        progress.once("embed", failing(QualityGateError("1 rule failed")))
    found = progress.unfinished()
    assert (found.stage, found.error, found.exit_code) == ("embed", "QualityGateError", 4)
    assert found.message == "1 rule failed"
    progress.once("embed", Counts)
    assert progress.unfinished() is None


@pytest.mark.parametrize("error", [KeyError("a member's text"), KeyboardInterrupt()])
def test_of_any_other_failure_only_the_kind_is_remembered(progress, error):
    with pytest.raises(type(error)):
        progress.once("embed", failing(error))
    found = progress.unfinished()
    assert (found.error, found.exit_code, found.message) == (type(error).__name__, 1, None)


def test_a_note_left_by_a_crash_after_the_stage_had_finished_counts_for_nothing(progress):
    with pytest.raises(KeyError):
        progress.once("embed", failing(KeyError()))
    note = progress.folder.parent / "unfinished.json"
    text = note.read_text()
    progress.once("embed", Counts)
    note.write_text(text)
    assert progress.unfinished() is None


def test_a_damaged_note_says_what_to_do(progress):
    progress.folder.mkdir(parents=True)
    (progress.folder.parent / "unfinished.json").write_text("{")
    with pytest.raises(ArtifactError, match="is damaged; remove it"):
        progress.unfinished()
