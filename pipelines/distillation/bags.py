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
    """Token ids of texts, one text after the other; no text is empty.

    Args:
        ids: int64 [sum(lengths)].
        lengths: int64 [n_texts], each at least 1.
    """

    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.int64]) -> Self:
        """The bags of these texts, in this order."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        ends = np.cumsum(lengths)
        within = np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
        return type(self)(self.ids[np.repeat(starts, lengths) + within], lengths)

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """int64 [n_texts], where each text begins in `ids`."""
        return np.cumsum(self.lengths) - self.lengths


def token_bags(texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> tuple[list[str], TokenBags]:
    """The texts cut after `max_tokens` tokens, without those that have none, and their bags.

    Teacher and student read the same words this way, although only the teacher has a longest text; the tokenizer's own
    padding and truncation are off from now on.
    """
    tokenizer.no_padding()
    tokenizer.no_truncation()
    kept: list[str] = []
    ids: list[int] = []
    lengths: list[int] = []
    for start in range(0, len(texts), _CHUNK_TEXTS):
        chunk = list(texts[start : start + _CHUNK_TEXTS])
        for text, encoding in zip(chunk, tokenizer.encode_batch(chunk, add_special_tokens=False), strict=True):
            if encoding.ids:
                length = min(len(encoding.ids), max_tokens)
                kept.append(text[: encoding.offsets[length - 1][1]])
                ids += encoding.ids[:length]
                lengths.append(length)
    return kept, TokenBags(np.array(ids, dtype=np.int64), np.array(lengths, dtype=np.int64))


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
