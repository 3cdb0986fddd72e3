"""Models are found by their names, cut, and refused when they are not what they should be."""

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from pipelines.evaluation.models import Shelf, named_models
from schemas.errors import ArtifactError, ConfigError

WORDS = {"[UNK]": 0, "nurse": 1, "ward": 2, "baker": 3}
TABLE = np.array([[0, 0, 1], [3, 4, 0], [4, 3, 0], [0, 1, 5]], dtype=np.float32)


@pytest.fixture
def folder(tmp_path):
    """A model of four words and three dimensions."""
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=TABLE)], device="cpu")
    model.save_pretrained(str(tmp_path / "words"), create_model_card=False)
    return tmp_path / "words"


@pytest.fixture
def shelf(tmp_path):
    return Shelf(students=tmp_path / "models", teacher=str(tmp_path / "no-teacher"), batch_texts=8)


def test_any_model_folder_ranks_by_its_own_vectors_at_unit_length_or_by_a_cut_of_them(folder, shelf):
    whole, cut = named_models([str(folder), f"{folder}:1"], shelf)
    assert whole.encode(["nurse"])[0].tolist() == pytest.approx([0.6, 0.8, 0.0])
    # cosines of nurse (.6, .8, 0): with ward (.8, .6, 0) 0.96, with baker (0, 1, 5) / sqrt 26 0.16
    assert whole.rank(["nurse"], ["baker", "ward"], 2).tolist() == [[1, 0]]
    # first dimensions, at unit length: 1, and 0 for baker
    assert cut.rank(["nurse"], ["baker", "ward", "nurse"], 3).tolist() == [[1, 2, 0]]
    assert [one.method for one in (whole, cut)] == [str(folder), f"{folder}:1"]


def test_every_unknown_name_is_said_and_keyword_matching_has_no_cut(shelf):
    with pytest.raises(ConfigError) as raised:
        named_models(["bm26", "tfidf:128", "bm25", "3a7"], shelf)
    said = str(raised.value).splitlines()
    assert said[1:] == ["  - bm26", "  - tfidf:128", "  - 3a7"]


def test_a_cut_wider_than_the_model_is_refused(folder, shelf):
    with pytest.raises(ConfigError, match="has 3 dimensions"):
        named_models([f"{folder}:4"], shelf)


def test_a_folder_with_pickled_weights_is_refused(folder, shelf):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ArtifactError, match="safetensors"):
        named_models([str(folder)], shelf)


def test_without_a_student_current_is_an_artifact_error(shelf):
    with pytest.raises(ArtifactError):
        named_models(["current"], shelf)


def test_a_name_given_twice_is_one_model(shelf):
    assert [model.method for model in named_models(["bm25", "tfidf", "bm25"], shelf)] == ["bm25", "tfidf"]
