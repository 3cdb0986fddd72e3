import numpy as np
import pytest
import torch

from pipelines.teaching.config import CrossEncoderConfig
from pipelines.teaching.cross_encoder import load_cross_encoder
from pipelines.teaching.teacher import Pair
from schemas.errors import ArtifactError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "nurse", "night", "welder", "steel", "ward", "on", "a"]
TEXTS = [("nurse on a ward", "night nurse"), ("welder", "nurse"), ("steel welder on a night", "welder"), ("a", "a")]
PAIRS = [Pair(*texts) for texts in TEXTS]


def tiny_model(folder, labels=1):
    """One layer, eleven words, weights drawn at random."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(3)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = BertForSequenceClassification(
        BertConfig(vocab_size=len(WORDS), num_labels=labels, initializer_range=1.0, **size)
    )
    vocabulary = folder.parent / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    tokenizer = BertTokenizerFast(vocab={word: place for place, word in enumerate(WORDS)})
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model, tokenizer


def config(folder, batch_pairs):
    return CrossEncoderConfig(kind="cross_encoder", model=str(folder), batch_pairs=batch_pairs)


@pytest.mark.parametrize("batch_pairs", [1, 3])
def test_scores_are_the_sigmoid_of_what_the_raw_model_gives_however_pairs_are_batched(tmp_path, batch_pairs):
    model, tokenizer = tiny_model(tmp_path / "tiny")
    with torch.no_grad():
        raw = [model(**tokenizer(*pair, return_tensors="pt")).logits.item() for pair in PAIRS]
    assert max(raw) - min(raw) > 0.1
    teacher = load_cross_encoder(config(tmp_path / "tiny", batch_pairs))
    verdicts = sorted((one for group in teacher.score(PAIRS) for one in group), key=lambda one: one.place)
    assert [one.place for one in verdicts] == [0, 1, 2, 3]
    assert np.allclose([one.score for one in verdicts], 1 / (1 + np.exp(-np.array(raw))), atol=1e-5)
    assert (teacher.policy_version, {one.grade for one in verdicts}) == ("", {None})
    assert teacher.teacher_id.startswith("tiny@")


def test_a_model_of_several_numbers_per_pair_is_refused(tmp_path):
    tiny_model(tmp_path / "tiny", labels=3)
    with pytest.raises(ArtifactError, match="gives 3 numbers per pair"):
        load_cross_encoder(config(tmp_path / "tiny", 2))


def test_pickled_weights_are_refused(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ArtifactError, match="must come as safetensors"):
        load_cross_encoder(config(tmp_path, 2))
