"""A toy teacher whose vectors are known sums of word vectors shows what a student must learn."""

import itertools
import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from pipelines.config import load_config
from pipelines.distillation.bags import TokenBags, cut_texts
from pipelines.distillation.card import card
from pipelines.distillation.config import DistillationConfig
from pipelines.distillation.distil import Distilled, Material, distil
from pipelines.distillation.lessons import CorpusRow, ScoredPair
from pipelines.distillation.start import rotation, unit
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
    smaller = {"dimension": 8, "min_fidelity": 0.0, "min_entry_texts": 2, "max_entries": 20}
    training = {"epochs": 3, "batch_texts": 64, "batch_pairs": 16, "batch_graded": 8, "nested_dimensions": [4]}
    training |= {name: changed.pop(name) for name in [*changed] if name in DEFAULTS.training.model_fields_set}
    given = DEFAULTS.model_dump()
    return DistillationConfig.model_validate(
        {**given, **smaller, **changed, "training": {**given["training"], **training}}
    )


def texts() -> list[str]:
    """900 texts of three to six words; `w59` is in none."""
    draws = np.random.default_rng(1)
    return sorted({" ".join(draws.choice(WORDS[:-1], size=draws.integers(3, 7))) for _ in range(900)})


def run(folder, texts=None, teacher=None, corpus=(), scored=(), progress=lambda _: None, **changed) -> Distilled:
    folder.mkdir(parents=True)
    return distil(
        Material(texts or globals()["texts"](), corpus, scored),
        teacher=teacher or ToyTeacher(),
        model="toy",
        config=config(**changed),
        workshop=folder.parent / "workshop",
        folder=folder,
        progress=progress,
    )


def weights(folder) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_a_student_of_a_teacher_that_adds_words_up_agrees_with_it_on_texts_it_never_saw(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, dimension=12, epochs=20, similarity_weight=0.2)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    new = [" ".join(words) for words in itertools.combinations(WORDS[5:15], 4)]
    learnt, taught = student.encode(new), teacher.encode(new, print)
    assert np.abs(learnt @ learnt.T - taught @ taught.T).mean() < 0.05
    assert np.allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)
    wish_map = load_file(tmp_path / "student" / "wish_map.safetensors")["map"]
    assert (unit(taught @ wish_map) * learnt).sum(axis=1).mean() > 0.95


def test_a_token_that_no_text_holds_keeps_the_meaning_that_the_teacher_gives_it(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, dimension=12)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    long_words = WORDS[10:-1]
    learnt = student.encode([UNSEEN]) @ student.encode(long_words).T
    taught = teacher.encode([UNSEEN], print) @ teacher.encode(long_words, print).T
    assert np.corrcoef(learnt[0], taught[0])[0, 1] > 0.95


def test_the_same_texts_in_another_order_give_the_same_weights_and_another_seed_others(tmp_path):
    corpus = [CorpusRow(f"g{n % 9}", None, f"w{n} w{n + 1}", None, None) for n in range(40)]
    run(tmp_path / "one", corpus=corpus)
    shutil.rmtree(tmp_path / "workshop")
    run(tmp_path / "two", texts=texts()[::-1], corpus=corpus[::-1])
    run(tmp_path / "three", corpus=corpus, seed=8)
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
    assert (distilled.counts["texts_held_out"], distilled.counts["texts_taught"]) == (50, n - 50)
    assert (distilled.teacher_id, distilled.dimension) == ("toy@1", 8)
    assert 0 < distilled.neighbour_overlap <= 1 and 0 < distilled.fidelity <= 1
    assert json.loads(json.dumps(distilled.figures))["fidelity"] == distilled.fidelity


def test_no_text_reaches_the_teacher_longer_than_it_may(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "student", teacher=teacher, epochs=1, max_teacher_tokens=6)  # two are the teacher's own
    assert max(len(text.split()) for text in teacher.read) == 4


@pytest.mark.parametrize(
    ("changed", "error"), [({"min_fidelity": 1.0}, QualityGateError), ({"dimension": 13}, ConfigError)]
)
def test_a_student_that_must_not_be_kept_is_refused(tmp_path, changed, error):
    with pytest.raises(error, match=next(iter(changed))):
        run(tmp_path / "student", epochs=1, **changed)


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
    assert cut_texts(["w0 w1 w2 w3 w4", " ", "w5"], ToyTeacher().tokenizer, 4) == ["w0 w1 w2 w3", "w5"]


def test_texts_of_one_group_come_closer_and_stay_as_near_to_the_teacher_as_the_weights_allow(tmp_path):
    groups = [["w0 w10", "w20 w30"], ["w1 w11", "w21 w31"], ["w2 w12", "w22 w32"], ["w3 w13", "w23 w33"]]
    corpus = [CorpusRow(str(n), None, title, None, None) for n, titles in enumerate(groups) for title in titles]
    alike = {}
    for weight in (0.0, 1.0):
        run(tmp_path / str(weight), corpus=corpus, epochs=10, contrast_weight=weight)
        student = SentenceTransformer(str(tmp_path / str(weight)), device="cpu")
        vectors = [student.encode(titles) for titles in groups]
        alike[weight] = np.mean([one @ two for one, two in vectors])
    assert alike[1.0] > alike[0.0] + 0.2


def test_pairs_that_a_grader_scored_higher_come_closer_than_those_it_scored_lower(tmp_path):
    scored = [ScoredPair("w40 w41", "w50 w51", 1.0), ScoredPair("w40 w41", "w42 w43", 0.0)]
    run(tmp_path / "student", scored=scored, epochs=10, graded_weight=1.0)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    asked, good, bad = student.encode(["w40 w41", "w50 w51", "w42 w43"])
    assert asked @ good > asked @ bad


def test_a_phrase_has_a_meaning_that_its_words_alone_do_not_give(tmp_path):
    teacher = ToyTeacher()
    plain = teacher.encode

    def encode(texts, progress):  # the teacher knows that "w4 w5" means what w6 means
        return plain([text.replace("w4 w5", "w6 w6") for text in texts], progress)

    teacher.encode = encode
    others = [f"w4 w5 w{n} w{m}" for n in range(10, 50) for m in (51, 52)]
    run(tmp_path / "student", texts=texts() + others, teacher=teacher, dimension=12, epochs=20)
    student = SentenceTransformer(str(tmp_path / "student"), device="cpu")
    phrase, reverse, meant = student.encode(["w4 w5 w30", "w5 w4 w30", "w6 w6 w30"])
    assert phrase @ meant > reverse @ meant


def test_what_a_killed_distillation_has_paid_for_is_not_paid_again(tmp_path):
    teacher = ToyTeacher()
    run(tmp_path / "whole", teacher=teacher)
    read = len(teacher.read)
    [state] = (tmp_path / "workshop").rglob("checkpoint.safetensors")
    state.unlink()
    again = ToyTeacher()
    run(tmp_path / "again", teacher=again)
    held_out, words = 50, len(WORDS) + 1
    assert len(again.read) == held_out + words < read  # vectors of the taught texts come from disk
    assert weights(tmp_path / "again") == weights(tmp_path / "whole")


def test_the_card_names_teacher_figures_recipe_licences_and_limits(tmp_path):
    distilled = run(tmp_path / "student", epochs=1)
    corpus = {"inputs": {"x": {"format": "csv"}}, "columns": {"title": "t"}, "licence": "CC BY 4.0, by somebody"}
    text = card(distilled, config=config(corpora={"onet": corpus}))
    for told in ("`toy@1`", f"{distilled.fidelity:.3f}", "| epochs | 3 |", "onet: CC BY 4.0, by somebody", "## Limits"):
        assert told in text
