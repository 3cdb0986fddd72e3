"""Kernel: how close a student is to its teacher."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def mean_cosine(student: Matrix, teacher: Matrix) -> float:
    """Mean cosine of the two vectors of each text.

    Args:
        student: float32 [n, dimension], unit length.
        teacher: the same texts, shape and length.

    >>> mean_cosine(np.array([[1, 0], [0, 1]], dtype=np.float32), np.array([[1, 0], [1, 0]], dtype=np.float32))
    0.5
    """
    return float((student * teacher).sum(axis=1).mean())


def neighbour_overlap(student: Matrix, teacher: Matrix, k: int) -> float:
    """Mean share of a text's `k` nearest other texts that student and teacher agree on; equal scores go by position.

    Args:
        student: float32 [n, dimension], unit length.
        teacher: float32 [n, any dimension], unit length, the same texts.
        k: below n.

    >>> line = lambda *degrees: np.array([[np.cos(np.radians(d)), np.sin(np.radians(d))] for d in degrees])
    >>> neighbour_overlap(line(0, 10, 40, 50), line(0, 10, 12, 90), k=1)
    0.5
    """
    ours, theirs = _nearest(student, k), _nearest(teacher, k)
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(ours.tolist(), theirs.tolist(), strict=True)]))


def _nearest(vectors: Matrix, k: int) -> npt.NDArray[np.int64]:
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]
