"""The fast reader gives the tokenizer's own ids, for whatever text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordPiece

from pipelines.distillation.vocabulary import frequent_entries, token_parts, with_entries
from pipelines.embedding.reader import _BertReader, _SlowReader, token_reader

PIECES = [
    "[UNK]",
    "[CLS]",
    "night",
    "nurse",
    "##s",
    "sales",
    "manager",
    "##r",
    "of",
    "c",
    "+",
    "-",
    "/",
    "2",
    "##2",
    "un",
]
ENTRIES = ["night nurse", "sales manager", "manager of", "sales manager of", "nurses", "nurse manager"]


def tokenizer(*, lowercase: bool = True) -> Tokenizer:
    pieces = Tokenizer(WordPiece({piece: n for n, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.add_special_tokens(["[CLS]"])
    return pieces


def ids(wide: Tokenizer, text: str) -> list[int]:
    return wide.encode(text, add_special_tokens=False).ids


WIDE = with_entries(tokenizer(), ENTRIES)
FAST = token_reader(WIDE)


@pytest.mark.parametrize(
    "text",
    [
        "Night nurse, sales manager of C++",
        "sales managers of nurses",  # an entry that would cut a word is passed over with all that overlaps it
        "unsales manager of night nurse2",
        "sales  manager",
        "sales\nmanager\tof",
        "night-nurse/sales_manager",
        "[CLS] night nurse",
        "Nürse of nïght nurse",
        "night nurse’s “sales manager”–of… • [nurse]",
        "‘night nurse’·sales—manager",
        "night\x00nurse\x1fof",
        "看 night nurse",
        "",
    ],
)
def test_awkward_texts_are_read_as_the_tokenizer_reads_them(text):
    assert FAST.ids_of([text]) == [ids(WIDE, text)]


@given(
    st.lists(
        st.sampled_from(
            [
                *ENTRIES,
                *PIECES,
                "managers",
                "é",
                " ",
                "\n",
                "2nurse",
                "_",
                "\x7f",
                "'",
                "’",
                "–",
                "•",
                "[",
                "®",
                "ﬁ",
                "İ",
            ]
        ),
        max_size=12,
    )
)
def test_any_mixture_of_words_is_read_as_the_tokenizer_reads_it(parts):
    for text in (" ".join(parts), "".join(parts)):
        assert FAST.ids_of([text]) == [ids(WIDE, text)]


@given(st.text(max_size=40))
def test_any_text_is_read_as_the_tokenizer_reads_it(text):
    assert FAST.ids_of([text]) == [ids(WIDE, text)]


def test_a_tokenizer_of_another_kind_is_left_to_itself():
    cased = with_entries(tokenizer(lowercase=False), ENTRIES)
    assert isinstance(FAST, _BertReader) and isinstance(token_reader(cased), _SlowReader)
    inner = tokenizer()
    inner.add_tokens([AddedToken("night", single_word=False)])
    assert isinstance(token_reader(inner), _SlowReader)
    assert token_reader(cased).ids_of(["night Nurse"]) == [ids(cased, "night Nurse")]


def test_frequent_words_of_several_pieces_and_phrases_become_entries_and_single_pieces_do_not():
    texts = ["Sales managers", "sales managers!", "Sales, managers", "night"]
    found = frequent_entries(texts, tokenizer(), min_texts=2, max_entries=9)
    assert found == ["managers", "sales managers"]  # three texts, then two: the comma parts the words of one
    assert frequent_entries(texts, tokenizer(), min_texts=2, max_entries=1) == ["managers"]


def test_an_entry_is_the_sum_of_its_pieces_and_itself():
    parts = token_parts(tokenizer(), ["night nurses"], len(PIECES))
    assert parts.take([len(PIECES)]).ids.tolist() == [2, 3, 4, len(PIECES)]
    assert parts.take([3]).ids.tolist() == [3]
