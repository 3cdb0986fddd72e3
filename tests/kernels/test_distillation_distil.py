"""A toy teacher whose vectors are known sums of word vectors shows what a student must learn."""

import itertools
import json

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from pipelines.config import load_config
from pipelines.distillation.bags import TokenBags, token_bags
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.distil import distil
from pipelines.distillation.start import rotation, unit
from pipelines.distillation.training import distillation_loss
from schemas.errors import ArtifactError, ConfigError, QualityGateError
from tests.conftest import PROJECT

DEFAULTS = load_config(PROJECT / "conf", "sample", {}).distillation
WORDS = [f"w{n}" for n in range(60)]
UNSEEN = "w59"


class ToyTeacher:
    """The vector of a text is the sum of its words' vectors in 12 dimensions, those of `w0` to `w9` a tenth as long."""

    teacher_id = "toy@1"

    def __init__(self) -> None:
        self.vectors = np.random.default_rng(0).normal(size=(len(WORDS) + 1, 12)).astype(np.float32)
        self.vectors[1:11] /= 10
        self.read: list[str] = []

    @property
    def tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(
            WordLevel({"[UNK]": 0} | {word: n + 1 for n, word in enumerate(WORDS)}, unk_token="[UNK]")
        )
        tokenizer.pre_tokenizer = Whitespace()
        tokenizer.enable_truncation(3)  # a teacher's own limit
        tokenizer.enable_padding()
        return tokenizer

    @property
    def token_table(self):
        return self.vectors

    def encode(self, texts, progress):
        self.read += texts
        rows = {word: n + 1 for n, word in enumerate(WORDS)}
        return unit(
            np.array([self.vectors[[rows.get(word, 0) for word in text.split()]].sum(axis=0) for text in texts])
        )


def config(**changed) -> DistillationConfig:
    smaller = {"dimension": 8, "epochs": 3, "batch_texts": 64, "min_fidelity": 0.0}
    return DistillationConfig.model_validate({**DEFAULTS.model_dump(), **smaller, **changed})


def texts() -> list[str]:
    """900 texts of three to six words; `w59` is in none."""
    draws = np.random.default_rng(1)
    return sorted({" ".join(draws.choice(WORDS[:-1], size=draws.integers(3, 7))) for _ in range(900)})


def run(folder, texts=None, teacher=None, **changed):
    folder.mkdir()
    return distil(
        texts or globals()["texts"](),
        teacher=teacher or ToyTeacher(),
        config=config(**changed),
        folder=folder,
        progress=lambda _: None,
    )


def weights(folder) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_a_student_of_a_teacher_that_adds_words_up_agrees_with_it_on_texts_it_never_saw(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, dimension=12, epochs=20)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    new = [" ".join(words) for words in itertools.combinations(WORDS[5:15], 4)]
    learnt, taught = student.encode(new), teacher.encode(new, print)
    assert np.abs(learnt @ learnt.T - taught @ taught.T).mean() < 0.05
    assert np.allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)


def test_a_token_that_no_text_holds_keeps_the_meaning_that_the_teacher_gives_it(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, dimension=12)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    long_words = WORDS[10:-1]
    learnt = student.encode([UNSEEN]) @ student.encode(long_words).T
    taught = teacher.encode([UNSEEN], print) @ teacher.encode(long_words, print).T
    assert np.corrcoef(learnt[0], taught[0])[0, 1] > 0.95


def test_the_same_texts_in_another_order_give_the_same_weights_and_another_seed_others(tmp_path):
    run(tmp_path / "one")
    run(tmp_path / "two", texts=texts()[::-1])
    run(tmp_path / "three", seed=8)
    assert weights(tmp_path / "one") == weights(tmp_path / "two") != weights(tmp_path / "three")


def test_distilling_leaves_the_number_of_threads_as_it_was(tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run(tmp_path / "student", epochs=1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_student_reads_beyond_the_teachers_longest_text(tmp_path):
    run(tmp_path / "student", epochs=1)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    first, longer = student.encode(["w20 w21 w22", "w20 w21 w22 w23 w24"])
    assert not np.allclose(first, longer, atol=1e-3)


def test_two_percent_but_at_least_fifty_texts_are_held_out_and_figures_are_written_down(tmp_path):
    distilled = run(tmp_path / "student", epochs=1)
    n = len(texts())
    assert (distilled.n_held_out, distilled.n_texts) == (50, n - 50)
    assert (distilled.teacher_id, distilled.dimension) == ("toy@1", 8)
    assert 0 < distilled.neighbour_overlap <= 1 and 0 < distilled.fidelity <= 1
    assert json.loads(json.dumps(distilled.recipe))["epochs"] == 1


def test_no_text_reaches_the_teacher_longer_than_it_may(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, epochs=1, max_teacher_tokens=6)  # two are the teacher's own
    assert max(len(text.split()) for text in teacher.read) == 4


@pytest.mark.parametrize(
    ("changed", "error"), [({"min_fidelity": 1.0}, QualityGateError), ({"dimension": 13}, ConfigError)]
)
def test_a_student_that_must_not_be_kept_is_not_written(tmp_path, changed, error):
    with pytest.raises(error, match=next(iter(changed))):
        run(tmp_path / "student", epochs=1, **changed)
    assert list((tmp_path / "student").iterdir()) == []


def test_too_few_texts_are_refused(tmp_path):
    with pytest.raises(ArtifactError, match="at least 200 distinct texts; there are 2"):
        run(tmp_path / "student", texts=["w1 w2", "w3", "", "w3"])


def test_a_rotation_keeps_the_dot_products_of_vectors_that_lie_in_fewer_dimensions():
    draws = np.random.default_rng(3)
    flat = (draws.normal(size=(40, 2)) @ draws.normal(size=(2, 6)) + 0.0).astype(np.float32)
    turned = flat @ rotation(flat, 2)
    assert np.allclose(turned @ turned.T, flat @ flat.T, atol=1e-3)
    assert (turned[:, 0] ** 2).sum() >= (turned[:, 1] ** 2).sum()


def test_bags_of_chosen_texts_are_their_tokens_in_the_chosen_order():
    bags = TokenBags(np.array([7, 8, 9, 5, 6]), np.array([2, 1, 2])).take(np.array([2, 0, 2]))
    assert bags.ids.tolist() == [5, 6, 7, 8, 5, 6]
    assert bags.lengths.tolist() == [2, 2, 2]


def test_texts_are_cut_after_their_last_token_and_empty_ones_are_left_out():
    kept, bags = token_bags(["w0 w1 w2 w3 w4", " ", "w5"], ToyTeacher().tokenizer, 4)
    assert kept == ["w0 w1 w2 w3", "w5"]
    assert (bags.ids.tolist(), bags.lengths.tolist()) == ([1, 2, 3, 4, 6], [4, 1])


def test_the_loss_is_cosine_distance_plus_the_weighted_divergence_of_similarities():
    targets = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert distillation_loss(targets * 3, targets, config=config(similarity_weight=1.0)).item() == pytest.approx(
        0, abs=1e-6
    )
    # All vectors alike: two at distance 0, one at 1. To each text the other two are equal then. To the teacher the
    # first two have similarities (1, 0), whose softmax at temperature 1 is (e, 1) / (e + 1); the third (1/2, 1/2).
    alike = torch.tensor([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0]])
    p = np.e / (np.e + 1)
    divergence = 2 * (p * np.log(2 * p) + (1 - p) * np.log(2 * (1 - p))) / 3
    loss = distillation_loss(alike, targets, config=config(similarity_weight=0.5, temperature=1.0))
    assert loss.item() == pytest.approx(1 / 3 + 0.5 * divergence, rel=1e-5)
