"""Training goes on where it was killed, and both tiers learn the same lessons."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from pipelines.distillation.layers import write_transformer_student
from pipelines.distillation.lessons import CorpusRow, lessons_of
from pipelines.distillation.vectors import taught_vectors
from pipelines.teaching.bi_encoder import load_bi_encoder
from schemas.errors import ConfigError
from tests.conftest import PROJECT
from tests.kernels.test_distillation_distil import ToyTeacher, config, run, weights

DYING = """
import os, signal
from pathlib import Path
from pipelines.distillation import training
from tests.kernels.test_distillation_distil import run

whole = training.save

def dying(*given, epochs):
    whole(*given, epochs=epochs)
    if epochs == 2:
        os.kill(os.getpid(), signal.SIGKILL)

training.save = dying
run(Path({folder!r}), epochs=4)
"""


def test_a_training_that_was_killed_goes_on_and_ends_with_the_same_weights(tmp_path):
    run(tmp_path / "undisturbed" / "student", epochs=4)
    killed = tmp_path / "killed"
    killed.mkdir()
    died = subprocess.run([sys.executable, "-c", DYING.format(folder=str(killed / "student"))], cwd=PROJECT)
    assert died.returncode == -signal.SIGKILL
    (killed / "student").rmdir()
    told: list[str] = []
    run(killed / "student", epochs=4, progress=told.append)
    assert "training: goes on after epoch 2" in told
    assert [line for line in told if "epoch 1 of" in line or "epoch 2 of" in line] == []
    assert weights(killed / "student") == weights(tmp_path / "undisturbed" / "student")


def test_vectors_that_a_killed_run_has_left_are_read_from_disk(tmp_path):
    teacher = ToyTeacher()
    texts = [f"w{n} w{n + 1}" for n in range(50)]
    first = taught_vectors(texts, teacher, tmp_path, lambda _: None)
    teacher.read.clear()
    again = taught_vectors(texts, teacher, tmp_path, lambda _: None)
    assert np.array_equal(first, again) and teacher.read == []
    assert np.allclose(first, teacher.encode(texts, print))
    taught_vectors([*texts, "w58"], teacher, tmp_path, lambda _: None)
    assert "w58" in teacher.read


@pytest.fixture(scope="module")
def small_model(tmp_path_factory) -> Path:
    """A bi-encoder of two layers with random weights."""
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("small")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{n}" for n in range(40))]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    shape = BertConfig(
        vocab_size=len(words),
        initializer_range=0.5,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(shape).save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert")), Pooling(16), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def transformer(small_model, folder, **changed):
    texts = [f"w{n} w{n + 1}" for n in range(30)]
    corpus = [CorpusRow(str(n % 5), None, f"w{n} w{n + 2}", None, None) for n in range(20)]
    lessons = lessons_of(texts, corpus, [])
    teacher = load_bi_encoder(str(small_model))
    vectors = teacher.encode([lessons.texts[row] for row in lessons.taught], lambda _: None)
    folder.mkdir()
    write_transformer_student(
        str(small_model),
        lessons,
        vectors,
        config=config(
            **{"tier": "transformer", "layers": 1, "dimension": 16, "epochs": 9, "learning_rate": 0.003, **changed}
        ),
        folder=folder,
        checkpoint=folder.parent / "checkpoint",
        progress=lambda _: None,
    )
    return teacher, texts


def test_a_student_of_one_layer_comes_nearer_to_its_teacher_than_that_layer_was(small_model, tmp_path):
    teacher, texts = transformer(small_model, tmp_path / "student")
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    assert len(student[0].auto_model.encoder.layer) == 1
    cut = SentenceTransformer(str(small_model), device="cpu")
    cut[0].auto_model.encoder.layer = cut[0].auto_model.encoder.layer[:1]
    taught = teacher.encode(texts, lambda _: None)
    before, after = ((model.encode(texts) * taught).sum(axis=1).mean() for model in (cut, student))
    assert after > before


@pytest.mark.parametrize("changed", [{"layers": 3}, {"dimension": 8}])
def test_a_transformer_that_the_teacher_does_not_have_is_refused(small_model, tmp_path, changed):
    with pytest.raises(ConfigError, match=next(iter(changed))):
        transformer(small_model, tmp_path / "student", **changed)
