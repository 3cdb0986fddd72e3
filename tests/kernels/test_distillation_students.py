"""The pointer to the current student moves at once, remembers where it was, and never names a broken student."""

import datetime

import pytest

from pipelines.distillation.students import (
    adopt_student,
    current_student,
    draft_folder,
    has_student,
    latest_challenger,
    pinned_student,
    promote,
    rollback,
    seal_student,
    student,
    student_of_the_time,
)
from pipelines.publishing import artifacts
from schemas.errors import ArtifactError


def sealed(models, name, seal=seal_student) -> str:
    """The id of a student whose weights are its name."""
    with draft_folder(models) as draft:
        (draft / "model.safetensors").write_text(name)
        return seal(draft, models, dimension=4, teacher_id="t", recipe={}).student_id


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def three(models):
    """Students a, b and c; each was current in turn."""
    names = [sealed(models, name) for name in "abc"]
    for name in names:
        promote(models, name)
    return names


def test_a_sealed_student_is_whole_and_not_current(models):
    name = sealed(models, "a")
    assert student(models, name).student_id == name
    assert not has_student(models)
    assert sealed(models, "a") == name
    assert [path.name for path in models.iterdir()] == [name]


def test_the_first_student_is_current_at_once_and_the_next_waits(models):
    first, second = (sealed(models, name, adopt_student) for name in "ab")
    assert current_student(models).student_id == first
    assert latest_challenger(models) == second


def test_several_rollbacks_go_back_one_by_one_and_the_first_student_is_the_end(models, three):
    a, b, c = three
    assert current_student(models).student_id == c
    assert [rollback(models).student_id for _ in range(2)] == [b, a]
    assert current_student(models).student_id == a
    with pytest.raises(ArtifactError, match="nothing to roll back to"):
        rollback(models)
    assert current_student(models).student_id == a


def test_promoting_the_current_student_again_changes_no_file(models, three):
    before = {path.name: path.stat().st_mtime_ns for path in models.iterdir()}
    promote(models, three[-1])
    assert {path.name: path.stat().st_mtime_ns for path in models.iterdir()} == before


def test_a_student_that_is_missing_or_damaged_is_neither_promoted_nor_rolled_back_to(models, three):
    _, b, c = three
    (models / b / "model.safetensors").write_text("other")
    for move in (lambda: rollback(models), lambda: promote(models, b), lambda: promote(models, "nobody")):
        with pytest.raises(ArtifactError):
            move()
    assert current_student(models).student_id == c


@pytest.mark.parametrize("move", ["promote", "rollback"])
def test_a_crash_at_any_write_leaves_one_student_serving_and_the_next_call_finishes(models, three, monkeypatch, move):
    """Whichever of the small files the crash comes at, and whether it comes before or after it."""
    a, b, c = three
    fourth = sealed(models, "d")
    whole, wanted, back = (
        artifacts.replace_text,
        {"promote": fourth, "rollback": b}[move],
        {"promote": c, "rollback": a},
    )
    for crash_at in range(8):
        writes = iter(range(99))

        def crashing(path, text, crash_at=crash_at, writes=writes):
            if next(writes) == crash_at:
                raise KeyboardInterrupt
            whole(path, text)
            if next(writes) == crash_at:
                raise KeyboardInterrupt

        for name, text in (("current", c), ("previous", f"{a}\n{b}"), ("withdrawn", fourth)):
            whole(models / name, text + "\n")
        monkeypatch.setattr(artifacts, "replace_text", crashing)
        try:
            promote(models, fourth) if move == "promote" else rollback(models)
        except KeyboardInterrupt:
            monkeypatch.setattr(artifacts, "replace_text", whole)
            serving = current_student(models).student_id
            assert serving in (c, wanted)
            if serving == c:
                promote(models, fourth) if move == "promote" else rollback(models)
        monkeypatch.setattr(artifacts, "replace_text", whole)
        assert current_student(models).student_id == wanted
        assert rollback(models).student_id == back[move]


def test_the_latest_challenger_is_newer_than_the_champion_and_was_not_rolled_back_from(models):
    a, b = sealed(models, "a"), sealed(models, "b")
    promote(models, b)
    assert latest_challenger(models) is None  # a is older: a rerun after a promotion must not go back to it
    promote(models, a)
    assert latest_challenger(models) == b
    rollback(models)
    rollback_from = sealed(models, "c")
    promote(models, rollback_from)
    rollback(models)
    assert latest_challenger(models) is None
    assert promote(models, rollback_from).student_id == rollback_from
    rollback(models)
    d = sealed(models, "d")
    assert latest_challenger(models) == d


def test_a_run_keeps_the_student_that_it_began_with(models, tmp_path):
    a, b = sealed(models, "a", adopt_student), sealed(models, "b")
    pin = tmp_path / "runs" / "r" / "student"
    assert pinned_student(models, pin).student_id == a
    promote(models, b)
    assert pinned_student(models, pin).student_id == a
    assert pinned_student(models, tmp_path / "runs" / "next" / "student").student_id == b


def test_a_damaged_student_is_not_pinned(models, tmp_path):
    a = sealed(models, "a", adopt_student)
    (models / a / "model.safetensors").write_text("other")
    with pytest.raises(ArtifactError, match="changed"):
        pinned_student(models, tmp_path / "pin")
    assert not (tmp_path / "pin").exists()


def test_the_student_of_a_time_is_the_last_champion_that_had_been_made_by_then(models, three):
    a, b, c = three
    for name, day in zip(three, (2, 5, 5), strict=True):
        manifest = artifacts.read_manifest(models / name)
        at = datetime.datetime(2026, 11, day, 23, 59, tzinfo=datetime.UTC)
        artifacts.replace_text(
            models / name / artifacts.MANIFEST, manifest.model_copy(update={"written_at": at}).model_dump_json()
        )
    days = [datetime.date(2026, 11, day) for day in (1, 2, 4, 5, 9)]
    assert [student_of_the_time(models, day) for day in days] == [a, a, a, c, c]
    rollback(models)
    assert student_of_the_time(models, days[-1]) == b
    sealed(models, "challenger")
    assert student_of_the_time(models, days[-1]) == b


def test_there_is_no_student_of_any_time_before_the_first(models):
    assert student_of_the_time(models, datetime.date(2026, 11, 1)) is None
