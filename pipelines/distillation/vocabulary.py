"""Kernel: the student's tokens: its teacher's word pieces, and frequent words and phrases as tokens of their own."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from tokenizers import AddedToken, Tokenizer

from pipelines.distillation.bags import TokenBags

_RUN = re.compile(r"[^\W_]+(?: [^\W_]+)*")  # words with single spaces between them
_MAX_WORDS = 3


def frequent_entries(texts: Iterable[str], tokenizer: Tokenizer, *, min_texts: int, max_entries: int) -> list[str]:
    """Words of several pieces and phrases of two or three words in at least `min_texts` texts, the most frequent first.

    Spelt as the tokenizer's normaliser spells them; ties go by the alphabet.

    >>> from tokenizers import models, pre_tokenizers
    >>> pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "night": 1, "nurse": 2, "##s": 3}, unk_token="[UNK]"))
    >>> pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> frequent_entries(["night nurse", "night nurses", "night nurse"], pieces, min_texts=2, max_entries=9)
    ['night nurse']
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(_entries(spelling(text, tokenizer))))
    frequent = sorted((-n, entry) for entry, n in counts.items() if n >= min_texts)
    pieces = {
        entry: len(tokenizer.encode(entry, add_special_tokens=False).ids) for _, entry in frequent if " " not in entry
    }
    return [entry for _, entry in frequent if pieces.get(entry, 2) > 1][:max_entries]


def with_entries(tokenizer: Tokenizer, entries: Sequence[str]) -> Tokenizer:
    """A copy of the tokenizer that reads each entry as one token, the longest first from the left, words never cut."""
    wider = Tokenizer.from_str(tokenizer.to_str())
    wider.add_tokens([AddedToken(entry, single_word=True, normalized=True) for entry in entries])
    return wider


def token_parts(tokenizer: Tokenizer, entries: Sequence[str], n_pieces: int) -> TokenBags:
    """Of each token id the ids whose vectors it is the sum of: a piece itself, an entry its pieces and itself.

    Args:
        tokenizer: the one without the entries.
        entries: their ids follow those of the `n_pieces` pieces.
    """
    spelt = [encoding.ids for encoding in tokenizer.encode_batch(list(entries), add_special_tokens=False)]
    lists = [[piece] for piece in range(n_pieces)]
    lists += [[*pieces, n_pieces + position] for position, pieces in enumerate(spelt)]
    return TokenBags(
        np.array([part for parts in lists for part in parts], dtype=np.int64),
        np.array([len(parts) for parts in lists], dtype=np.int64),
    )


def spelling(text: str, tokenizer: Tokenizer) -> str:
    """The text as the tokenizer's normaliser spells it."""
    return str(tokenizer.normalizer.normalize_str(text)) if tokenizer.normalizer else text


def _entries(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        words = run.split(" ")
        yield from words
        for size in range(2, _MAX_WORDS + 1):
            yield from (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
