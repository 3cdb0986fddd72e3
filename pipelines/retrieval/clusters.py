"""Kernel: runs of rows whose vectors are near each other.

Apart from the quantiser that gives rows their places, as its libraries are nothing to those who only search.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.precision import Doubles, Floats

GRAIN = 256  # rows within which places of a cell share a cluster

Rows = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]  # of rows along the line of a quantiser


@dataclass(frozen=True)
class Clusters:
    """Runs of rows of one cell whose vectors are near each other."""

    stop: Rows  # row after the last, [n_clusters]
    centre: Floats  # mean of the vectors, [n_clusters, d]
    spread: Doubles  # root of the mean squared distance to it per dimension, [n_clusters]


def clustered(vectors: Floats, lengths: Doubles, stop: Rows) -> Clusters:
    """The clusters of rows that end at `stop`."""
    bounds = zip([0, *stop[:-1].tolist()], stop.tolist(), strict=True)
    centre = np.array([vectors[start:after].mean(axis=0, dtype=np.float64) for start, after in bounds])
    squares = np.add.reduceat(lengths**2, np.concatenate([[0], stop[:-1]])) / np.diff(stop, prepend=0)
    spread = np.sqrt(np.maximum(squares - (centre**2).sum(axis=1), 0) / vectors.shape[1])
    return Clusters(stop, centre.astype(np.float32), spread)


def cut(cell_stop: npt.NDArray[np.int64], place: Places, grain: int = GRAIN) -> npt.NDArray[np.int64]:
    """Row after the last of each cluster: rows of one place in one cell, small neighbouring places together.

    >>> cut(np.array([6, 8]), np.array([0, 0, 0, 1, 2, 5, 0, 1], dtype=np.int32), grain=4).tolist()
    [4, 6, 8]

    Args:
        cell_stop: row after the last of each cell.
        place: of each row, rising within a cell; [n_rows].
        grain: rows within which places are put together.
    """
    cell_start = np.concatenate([[0], cell_stop[:-1]])
    cell = np.repeat(np.arange(len(cell_stop)), cell_stop - cell_start)
    run = np.flatnonzero(np.concatenate([[True], (place[1:] != place[:-1]) | (cell[1:] != cell[:-1])]))
    bucket = (run - cell_start[cell[run]]) // grain
    first = np.concatenate([[True], (bucket[1:] != bucket[:-1]) | (cell[run][1:] != cell[run][:-1])])
    return np.append(run[first][1:], len(place)).astype(np.int64)
