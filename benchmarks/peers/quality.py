"""Kernel: how good found postings are, by the truth and by the rules."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]  # [n_members, k], posting rows, padded with -1


def recall_of(found: Rows, truth: Rows) -> float:
    """Share of the truth that was found.

    >>> recall_of(np.array([[4, 7], [1, -1]]), np.array([[7, 5], [1, -1]]))
    0.6666666666666666
    """
    hits = sum(len(np.intersect1d(best[best >= 0], row)) for best, row in zip(truth, found, strict=False))
    return hits / max(1, int((truth >= 0).sum()))


def short_share_of(found: Rows, truth: Rows) -> float:
    """Share of members that got fewer than the truth has.

    >>> short_share_of(np.array([[4, -1], [1, -1]]), np.array([[7, 5], [1, -1]]))
    0.5
    """
    return float(np.mean((found[: len(truth)] >= 0).sum(axis=1) < (truth >= 0).sum(axis=1)))


def violations_of(found: Rows, cohorts: npt.NDArray[np.int32], eligible: npt.NDArray[np.uint8]) -> int:
    """Pairs that break eligibility.

    >>> only_row_0_and_only_row_2 = np.array([[0b001], [0b100]], dtype=np.uint8)
    >>> violations_of(np.array([[0, -1], [1, 2]]), np.array([0, 1], dtype=np.int32), only_row_0_and_only_row_2)
    1

    Args:
        found: whose members `cohorts` are, or more of them, from the first on.
        cohorts: of each member, a row of `eligible`.
        eligible: [n_cohorts, n_postings / 8], a bit per posting, lowest first.
    """
    row = np.maximum(found, 0)
    bits = eligible[cohorts[: len(found), None], row >> 3] >> (row & 7).astype(np.uint8)
    return int(((found >= 0) & (bits & 1 == 0)).sum())
