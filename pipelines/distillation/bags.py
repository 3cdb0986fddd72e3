"""Kernel: texts as bags of token ids, which is all that a static student sees of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

_CHUNK_TEXTS = 4_096


@dataclass(frozen=True)
class TokenBags:
    """Token ids of texts, one text after the other.

    Args:
        ids: int64 [sum(lengths)].
        lengths: int64 [n_texts].
    """

    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.int64]) -> Self:
        """The bags of these texts, in this order."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        ends = np.cumsum(lengths)
        within = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
        return type(self)(self.ids[np.repeat(starts, lengths) + within], lengths)

    def joined(self, groups: Sequence[npt.NDArray[np.int64]]) -> Self:
        """One bag per group of texts: all their tokens.

        >>> bags = TokenBags(np.array([7, 8, 9]), np.array([2, 1]))
        >>> bags.joined([np.array([1]), np.array([1, 0])]).ids.tolist()
        [9, 9, 7, 8]
        """
        rows = np.concatenate(groups)
        ends = np.cumsum([len(group) for group in groups])
        taken = self.take(rows)
        totals = np.concatenate([[0], np.cumsum(taken.lengths)])[ends]
        return type(self)(taken.ids, np.diff(totals, prepend=0))

    def replaced(self, parts: "TokenBags") -> Self:
        """The bags with each token id replaced by that bag of `parts`.

        >>> TokenBags(np.array([0, 1]), np.array([2])).replaced(TokenBags(np.array([5, 6, 7]), np.array([1, 2]))).ids
        array([5, 6, 7])
        """
        widths = np.concatenate([[0], np.cumsum(parts.lengths[self.ids])])
        ends = np.cumsum(self.lengths)
        return type(self)(parts.take(self.ids).ids, np.diff(widths[ends], prepend=0))

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """int64 [n_texts], where each text begins in `ids`."""
        return np.cumsum(self.lengths) - self.lengths


def token_bags(texts: Sequence[str], tokenizer: Tokenizer) -> TokenBags:
    """The tokens of each text; the tokenizer's own padding and truncation are off from now on."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(texts), _CHUNK_TEXTS):
        chunk = list(texts[start : start + _CHUNK_TEXTS])
        ids += [
            np.array(encoding.ids, dtype=np.int64)
            for encoding in tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
        ]
    lengths = np.array([len(one) for one in ids], dtype=np.int64)
    return TokenBags(np.concatenate(ids) if ids else np.zeros(0, dtype=np.int64), lengths)


def cut_texts(texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> list[str]:
    """The texts that have any token, each cut after `max_tokens`, so that teacher and student read the same words.

    The tokenizer's own padding and truncation are off from now on.
    """
    tokenizer.no_padding()
    tokenizer.no_truncation()
    kept: list[str] = []
    for start in range(0, len(texts), _CHUNK_TEXTS):
        chunk = list(texts[start : start + _CHUNK_TEXTS])
        for text, encoding in zip(chunk, tokenizer.encode_batch(chunk, add_special_tokens=False), strict=True):
            if encoding.ids:
                kept.append(text[: encoding.offsets[min(len(encoding.ids), max_tokens) - 1][1]])
    return kept


def mean_vectors(bags: TokenBags, table: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32 [n_texts, width], the mean row of `table` over the tokens of each text, not normalised.

    >>> bags = TokenBags(np.array([0, 2, 1]), np.array([2, 1]))
    >>> mean_vectors(bags, np.array([[1, 0], [5, 5], [0, 3]], dtype=np.float32)).tolist()
    [[0.5, 1.5], [5.0, 5.0]]
    """
    import torch
    from torch.nn import functional

    means = functional.embedding_bag(
        torch.from_numpy(bags.ids), torch.from_numpy(table), torch.from_numpy(bags.starts), mode="mean"
    )
    return means.numpy()
