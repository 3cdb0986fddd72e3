"""Kernel: whether a score is the probability that it says."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ALL = "all"
_BINS = 10


@dataclass(frozen=True)
class Reliability:
    """What was said and what happened of some pairs.

    Args:
        slice: which pairs.
        error: the expected calibration error, see `calibration_error`.
        pairs: how many.
        happened: share of them that are of interest.
    """

    slice: str
    error: float
    pairs: int
    happened: float


def calibration_error(probability: Doubles, happened: Bools) -> float:
    """Expected calibration error: mean distance of what is said and what happens, over ten bins of as many pairs.

    >>> calibration_error(np.array([0.5, 0.5]), np.array([True, False]))
    0.5
    >>> round(calibration_error(np.full(100, 0.3), np.arange(100) % 10 < 3), 9)
    0.0
    """
    return float(sum(len(rows) * abs(said - true) for rows, said, true in _bins(probability, happened))) / len(happened)


def reliability(
    probability: Doubles, happened: Bools, slices: Mapping[str, Bools], *, min_pairs: int
) -> list[Reliability]:
    """Of all pairs and of every slice of at least `min_pairs`.

    Args:
        probability: [n].
        happened: [n].
        slices: name -> which pairs, [n].
        min_pairs: fewer tell nothing.
    """
    found = []
    for name, chosen in {ALL: np.ones(len(happened), dtype=np.bool_), **slices}.items():
        if chosen.sum() >= min_pairs or name == ALL:
            said, true = probability[chosen], happened[chosen]
            found.append(Reliability(name, calibration_error(said, true), len(true), float(true.mean())))
    return found


def _bins(probability: Doubles, happened: Bools) -> list[tuple[npt.NDArray[np.int64], float, float]]:
    order = np.argsort(probability, kind="stable")
    parts = [rows for rows in np.array_split(order, _BINS) if len(rows)]
    return [(rows, float(probability[rows].mean()), float(happened[rows].mean())) for rows in parts]
