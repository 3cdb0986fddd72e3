"""A challenger becomes the current student only through every gate, and a night never mixes two students."""

import json
import logging
import os
import shutil
import subprocess
import sys

import pytest

from jobs import distill_student, embed_texts, ingest_members, ingest_postings, promote_student, run_nightly
from pipelines.distillation.students import current_student, promote, rollback
from tests.conftest import PROJECT
from tests.jobs.conftest import Town
from tests.jobs.test_run_nightly import catalog, stages, table

PROMOTION = '[promotion]\nsets = ["truth"]\n'
BOUNDS = """\
sample_members = 100
teacher_texts = 0
resamples = 100
max_fidelity_loss = 0.1
max_set_loss = 0.3
max_slice_loss = 0.3
min_slice_queries = 30
min_list_overlap = 0.2
min_invariance_cosine = 0.5
min_invariance_overlap = 0.2
"""
DYING = """
import os, signal, sys
from jobs import promote_student

whole = promote_student.{function}

def dying(*given):
    rows = {first}
    if {dies}:
        os.kill(os.getpid(), signal.SIGKILL)
    return rows

promote_student.{function} = dying
promote_student.main(sys.argv[1:])
"""
WHILE_ENCODING = DYING.format(
    function="stage_vectors", first="whole(*given)", dies="rows and given[3].name == 'member_embeddings'"
)
BEFORE_THE_POINTER_MOVES = DYING.format(function="promote", first="0", dies="True")


@pytest.fixture(scope="module")
def rivals(town: Town, tmp_path_factory) -> Town:
    """A town with the champion of another and a challenger, distilled with another seed; nothing is published yet."""
    project = tmp_path_factory.mktemp("rivals")
    shutil.copytree(town.conf, project / "conf")
    for kept in ("sample", "models"):
        shutil.copytree(town.project / "var" / kept, project / "var" / kept)
    for file, old, new in (("base.toml", "seed = 7\n", "seed = 8\n"), ("town.toml", PROMOTION, PROMOTION + BOUNDS)):
        text = (project / "conf" / file).read_text()
        assert old in text
        (project / "conf" / file).write_text(text.replace(old, new, 1))  # the first seed is the distillation's
    rivals = Town(project)
    for job in (ingest_postings, ingest_members, distill_student):
        assert rivals.run(job.main) == 0
    return rivals


@pytest.fixture(scope="module")
def published(rivals: Town) -> Town:
    """After a night in the midst of whose encoding somebody promoted the challenger, and then thought better of it."""
    stage, promoted = embed_texts.stage_vectors, []

    def interrupted(*given):
        rows = stage(*given)
        if not promoted:
            promoted.append(promote(models(rivals), challenger(rivals)).student_id)
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embed_texts, "stage_vectors", interrupted)
        assert rivals.run(run_nightly.main) == 0
    assert current_student(models(rivals)).student_id == promoted[0]
    rollback(models(rivals))
    return rivals


def models(town):
    return town.project / "var" / "models"


def serving(town):
    return current_student(models(town)).student_id


def champion(town):
    """The student that the first town made current."""
    return stages(town)["embed"]["counts"]["notes"]["student_id"]


def challenger(town):
    return stages(town)["distill"]["counts"]["notes"]["student_id"]


def vectors(town, student):
    """Number of rows and of distinct texts among the vectors of one student."""
    tables = [catalog(town).load_table(f"recs.{kind}_embeddings") for kind in ("posting", "member")]
    rows = [scanned.scan(row_filter=f"student_id = '{student}'").to_pandas()["content_hash"] for scanned in tables]
    return [(len(one), one.nunique()) for one in rows]


def killed(town, script):
    """Whether a promotion that runs this script is killed."""
    file = town.project / "dying.py"  # Great Expectations brings pyspark.sql.connect, which takes `-c` for a doctest
    file.write_text(script)
    command = [sys.executable, str(file), *town.argv("--challenger", challenger(town))]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, env=environ, capture_output=True, timeout=400, check=False).returncode == -9


def test_a_second_student_waits_as_a_challenger_and_the_stage_says_how_to_promote_it(rivals):
    notes = stages(rivals)["distill"]["counts"]["notes"]
    assert notes["student_id"] != serving(rivals)
    assert notes["next"] == f"promote with jobs.promote_student --challenger {notes['student_id']}"


def test_a_night_in_whose_midst_a_student_is_promoted_keeps_the_one_that_it_began_with(published):
    assert champion(published) == serving(published) != challenger(published)
    for name in ("matches", "recommendations"):
        assert set(table(published, name)["student_id"]) == {champion(published)}
    for kind in ("posting", "member"):
        rows = catalog(published).load_table(f"recs.{kind}_embeddings").scan().to_pandas()
        assert champion(published) in set(rows["student_id"])


def test_a_promotion_killed_at_any_point_leaves_the_champion_and_the_next_call_does_what_is_left(published, caplog):
    old, new = champion(published), challenger(published)
    texts = [distinct for _, distinct in vectors(published, old)]
    assert killed(published, WHILE_ENCODING)
    assert serving(published) == old
    assert vectors(published, new) == [(texts[0], texts[0]), (0, 0)]
    assert killed(published, BEFORE_THE_POINTER_MOVES)
    assert serving(published) == old
    assert vectors(published, new) == [(count, count) for count in texts]
    with caplog.at_level(logging.INFO, "nightmatch"):
        assert published.run(promote_student.main, "--challenger", new) == 0
    assert serving(published) == new
    assert f"{old} -> {new}" in caplog.text
    assert f"0 texts new to student {new} are in member_embeddings" in caplog.text
    assert vectors(published, new) == [(count, count) for count in texts]
    assert not list((published.project / "var" / "indexes").glob("*-promote-*"))
    assert published.run(promote_student.main) == 0  # nothing is newer
    assert serving(published) == new
    assert published.run(promote_student.main, "--rollback") == 0
    assert serving(published) == old


def test_a_challenger_that_fails_gates_is_refused_with_each_of_them_and_the_report_shows_it(published, caplog):
    old, new = champion(published), challenger(published)
    conf = published.conf / "town.toml"
    before = conf.read_text()
    bounds = {"min_list_overlap": "0.2", "min_invariance_cosine": "0.5"}
    text = before
    for name, bound in bounds.items():
        text = text.replace(f"{name} = {bound}", f"{name} = 1.0")
    conf.write_text(text)
    try:
        assert published.run(promote_student.main, "--challenger", new) == 4
    finally:
        conf.write_text(before)
    assert serving(published) == old
    for gate in ("list_overlap", "invariance.names.cosine", "invariance.words.cosine"):
        assert f"- {gate}: 0." in caplog.text
    results = table(published, "quality_results")
    refused = results[results["run_id"].str.endswith(f"-promote-{new}") & results["passed"].eq(False)]
    assert set(refused["gate"]) == {"promotion"}
    assert set(refused["name"]) == {"list_overlap", "invariance.names.cosine", "invariance.words.cosine"}
    folder = published.project / "var" / "reports" / f"promotion-{old}-{new}"
    report = json.loads((folder / "report.json").read_text())
    assert {gate["name"] for gate in report["gates"] if not gate["passed"]} == set(refused["name"])
    assert any(one["slice"].startswith("sector ") for one in report["comparisons"])
    assert f"{old} keeps serving" in (folder / "report.html").read_text()


def test_a_challenger_that_passes_is_left_waiting_when_only_an_evaluation_was_asked_for(published, caplog):
    with caplog.at_level(logging.INFO, "nightmatch"):
        asked = ("--challenger", challenger(published), "--evaluate-only")
        assert published.run(promote_student.main, *asked) == 0
    assert f"{champion(published)} keeps serving" in caplog.text
    assert serving(published) == champion(published)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--challenger", "nobody"), "missing or was never finished"), (("--rollback",), "nothing to roll back to")],
)
def test_a_student_that_is_not_there_is_an_artifact_error(town, caplog, arguments, message):
    assert town.run(promote_student.main, *arguments) == 5
    assert message in caplog.text


def test_a_date_that_was_not_published_is_an_artifact_error(published, caplog):
    asked = ("--challenger", challenger(published))
    assert published.run(promote_student.main, *asked, run_date="2026-11-05") == 5
    assert "2026-11-05 has no published postings and members" in caplog.text
