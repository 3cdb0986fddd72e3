"""Kernel: how much a vector, and the postings nearest to it, depend on words that should not matter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.embedding.student import Student
from pipelines.promotion.swaps import SwappedTexts

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Invariance:
    """One student and one kind of swap; 1 means that nothing changes.

    Args:
        cosine: mean cosine between a text's vector and its swapped one's.
        worst_cosine: the lowest of them.
        overlap: mean share of the `k` nearest postings that both have.
        worst_overlap: the lowest of them.
    """

    kind: str
    texts: int
    cosine: float
    worst_cosine: float
    overlap: float
    worst_overlap: float


def invariance(student: Student, swaps: SwappedTexts, postings: Sequence[str], k: int) -> Invariance:
    """How little the swap changes for this student.

    Args:
        student: encodes everything.
        swaps: at least one text.
        postings: texts to rank, more than `k`.
        k: length of the lists.
    """
    before, after, corpus = (student.encode(texts) for texts in (swaps.texts, swaps.swapped, postings))
    cosines = np.clip((before * after).sum(axis=1), -1.0, 1.0)
    overlaps = row_overlap(_nearest(before, corpus, k), _nearest(after, corpus, k))
    return Invariance(
        kind=swaps.kind,
        texts=len(swaps.texts),
        cosine=float(cosines.mean()),
        worst_cosine=float(cosines.min()),
        overlap=float(overlaps.mean()),
        worst_overlap=float(overlaps.min()),
    )


def row_overlap(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """float64 [n], the share of each row of `left` that the same row of `right` holds as well.

    >>> row_overlap(np.array([[1, 2], [3, 4]]), np.array([[2, 5], [4, 3]])).tolist()
    [0.5, 1.0]
    """
    return np.array([len(set(a) & set(b)) / len(a) for a, b in zip(left.tolist(), right.tolist(), strict=True)])


def _nearest(vectors: Matrix, corpus: Matrix, k: int) -> npt.NDArray[np.int64]:
    return np.argsort(-(vectors @ corpus.T), axis=1, kind="stable")[:, :k]
