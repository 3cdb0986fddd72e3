"""Kernel: MinHash signatures, whose agreement estimates how many word shingles two texts share.

Broder, "On the resemblance and containment of documents", 1997; the permutations are multiply-shift hashes of
Dietzfelbinger et al., "A reliable randomized algorithm for the closest-pair problem", 1997.
"""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Words of a text, without case and punctuation."""
    return _WORD.findall(text.lower())


def signatures(
    texts: Sequence[Sequence[str]], *, shingle_words: int, permutations: int, seed: int
) -> NDArray[np.uint32]:
    """One signature per text; a text's signature does not depend on the others.

    Args:
        texts: words of each text, at least `shingle_words` of them.
        shingle_words: consecutive words that make one shingle.
        permutations: columns of a signature.
        seed: decides the permutations; signatures of two seeds do not compare.

    Returns:
        uint32 [n_texts, permutations]. The share of columns in which two rows agree has the Jaccard similarity J of
        their shingle sets as its mean, and J (1 - J) / permutations as its variance.

    Raises:
        ValueError: a text is shorter than one shingle.
    """
    lengths = np.array([len(words) for words in texts], dtype=np.int64)
    if len(lengths) == 0:
        return np.empty((0, permutations), dtype=np.uint32)
    if lengths.min() < shingle_words:
        raise ValueError(f"a text has {lengths.min()} words, a shingle {shingle_words}")
    shingles, starts = _shingles(texts, lengths, shingle_words)
    factors, offsets = _mixed(np.arange(2 * permutations, dtype=np.uint64) + np.uint64(seed)).reshape(2, -1)
    result = np.empty((len(texts), permutations), dtype=np.uint32)
    for column, (factor, offset) in enumerate(zip(factors | np.uint64(1), offsets, strict=True)):
        hashed = ((shingles * factor + offset) >> np.uint64(32)).astype(np.uint32)
        result[:, column] = np.minimum.reduceat(hashed, starts)
    return result


def similarities(signature: NDArray[np.uint32], others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Estimated Jaccard similarity of one text to each of the others.

    >>> similarities(np.array([1, 2, 3, 4], dtype=np.uint32), np.array([[1, 2, 3, 9], [9, 9, 9, 9]], dtype=np.uint32))
    array([0.75, 0.  ])
    """
    agreeing: NDArray[np.float64] = (others == signature).mean(axis=1, dtype=np.float64)
    return agreeing


def _shingles(
    texts: Sequence[Sequence[str]], lengths: NDArray[np.int64], size: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash of every run of `size` words, uint64 [sum(lengths - size + 1)], and where each text's begin."""
    numbers: dict[str, int] = {}
    words = np.array([numbers.setdefault(w, len(numbers)) for text in texts for w in text], dtype=np.int64)
    hashes = np.array([_word_hash(word) for word in numbers], dtype=np.uint64)[words]
    counts = lengths - size + 1
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    first_words = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    at = np.arange(counts.sum()) + np.repeat(first_words - starts, counts)
    combined = np.zeros(len(at), dtype=np.uint64)
    for step in range(size):
        combined = _mixed(combined + hashes[at + step])
    return combined, starts


def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood, 2014) of each value."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
