"""Kernel: token ids of texts, the same as the tokenizer's own and several times faster on plain English."""

import json
import re
import string
from collections.abc import Sequence
from typing import Any, Protocol

import ahocorasick_rs
from tokenizers import Tokenizer

_SPACES = str.maketrans("\t\n\r", "   ")
_WORD = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_IN_WORD = frozenset(string.ascii_lowercase + string.digits + "_")
_MARKS = str.maketrans("", "", "‘’“”–—…•·")  # punctuation to BERT as well, and common in postings
_MAX_CACHED = 1_000_000


class Reader(Protocol):
    """Anything that turns texts into token ids."""

    def ids_of(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text."""
        ...


def token_reader(tokenizer: Tokenizer) -> Reader:
    """The fastest reader that reads as `tokenizer` does, padding and special tokens left out."""
    told = json.loads(tokenizer.to_str())
    entries = [token for token in told["added_tokens"] if not token["special"]]
    if _is_plain_bert(told) and all(token["single_word"] and token["normalized"] for token in entries):
        special = [token["content"] for token in told["added_tokens"] if token["special"]]
        return _BertReader(tokenizer, {token["content"]: token["id"] for token in entries}, special)
    return _SlowReader(tokenizer)


class _SlowReader:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def ids_of(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


class _BertReader:
    """Reads printable ASCII and common marks itself, word by word; anything else goes to the tokenizer.

    As in the tokenizer, entries are found before words, the leftmost and then the longest first; one that would cut a
    word is passed over together with all that overlaps it.
    """

    def __init__(self, tokenizer: Tokenizer, entries: dict[str, int], special: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._entry_ids = list(entries.values())
        self._entries = ahocorasick_rs.AhoCorasick(list(entries), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
        self._special = special
        self._words: dict[str, list[int]] = {}

    def ids_of(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._ids(text) for text in texts]

    def _ids(self, text: str) -> list[int]:
        spaced = text if text.isprintable() else text.translate(_SPACES)
        plain = spaced if spaced.isascii() else spaced.translate(_MARKS)
        if not (plain.isascii() and plain.isprintable()) or any(token in spaced for token in self._special):
            return self._encoded(text)
        lowered = spaced.lower()
        ids: list[int] = []
        done, length = 0, len(lowered)
        for entry, start, end in self._entries.find_matches_as_indexes(lowered):
            if (start and lowered[start - 1] in _IN_WORD) or (end < length and lowered[end] in _IN_WORD):
                continue
            if done < start:
                self._add_words(lowered[done:start], ids)
            ids.append(self._entry_ids[entry])
            done = end
        self._add_words(lowered[done:], ids)
        return ids

    def _add_words(self, text: str, ids: list[int]) -> None:
        for word in _WORD.findall(text):
            known = self._words.get(word)
            ids += self._learnt(word) if known is None else known

    def _learnt(self, word: str) -> list[int]:
        if len(self._words) >= _MAX_CACHED:
            self._words.clear()
        self._words[word] = [
            token.id for token in self._tokenizer.model.tokenize(word)
        ]  # an entry would be found above
        return self._words[word]

    def _encoded(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _is_plain_bert(told: dict[str, Any]) -> bool:
    normalizer, splitter, model = (told[part] or {} for part in ("normalizer", "pre_tokenizer", "model"))
    return (
        normalizer.get("type") == "BertNormalizer"
        and normalizer["lowercase"]
        and normalizer["clean_text"]
        and splitter.get("type") == "BertPreTokenizer"
        and model.get("type") == "WordPiece"
    )
