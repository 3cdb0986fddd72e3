"""Kernel: which texts stand for which, among texts that may be duplicates of each other."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.ingest.minhash import similarities

_MAX_LEADERS = 50  # per bucket: 20,000 texts with 10 of 300 words changed took 39 s without, 3 s with
_MIN_DETECTION = 0.99  # of a pair exactly at the threshold


def leaders(exact: Sequence[bytes], signatures: Sequence[bytes | None], *, threshold: float) -> NDArray[np.int64]:
    """For each text the position of its leader: the text that stands for it, itself where no earlier one does.

    A text follows the earliest text that is exactly equal, else the leader it is most similar to, if that similarity
    reaches the threshold. It is compared with leaders alone, so a chain of small changes does not drift.

    Args:
        exact: equal for equal texts; best text first.
        signatures: MinHash signatures as bytes of uint32, all of one length; None: only equality counts.
        threshold: estimated Jaccard similarity in (0, 1].

    Returns:
        int64 [n]; `result[result] == result`.
    """
    result = np.arange(len(exact))
    first: dict[bytes, int] = {}
    for position, key in enumerate(exact):
        result[position] = first.setdefault(key, position)
    signed = [position for position in first.values() if signatures[position] is not None]
    if len(signed) > 1:
        matrix = np.frombuffer(b"".join(s for p in signed if (s := signatures[p]) is not None), dtype=np.uint32)
        followed = np.array(signed)[_similar_leaders(matrix.reshape(len(signed), -1), threshold)]
        result[signed] = followed
        result = result[result]
    return result


def band_rows(permutations: int, threshold: float) -> int:
    """Columns per band: the most with which a pair at the threshold shares a band 99 times in 100.

    >>> band_rows(128, 0.85)  # 16 bands of 8: 1 - (1 - 0.85**8)**16 = 0.994; 14 bands of 9: 0.972
    8
    """
    fitting = [
        rows
        for rows in range(1, permutations + 1)
        if 1 - (1 - threshold**rows) ** (permutations // rows) >= _MIN_DETECTION
    ]
    return max(fitting, default=1)


def _similar_leaders(matrix: NDArray[np.uint32], threshold: float) -> NDArray[np.int64]:
    """Leader of each row of uint32 [n, permutations], compared only where a whole band of columns agrees."""
    rows = band_rows(matrix.shape[1], threshold)
    bands = [np.ascontiguousarray(matrix[:, at : at + rows]) for at in range(0, matrix.shape[1] - rows + 1, rows)]
    seen: list[defaultdict[bytes, list[int]]] = [defaultdict(list) for _ in bands]
    result = np.arange(len(matrix))
    for position in range(len(matrix)):
        keys = [band[position].tobytes() for band in bands]
        near = sorted({leader for table, key in zip(seen, keys, strict=True) for leader in table.get(key, ())})
        if near:
            alike = similarities(matrix[position], matrix[near])
            if alike.max() >= threshold:
                result[position] = near[int(alike.argmax())]
                continue
        for table, key in zip(seen, keys, strict=True):
            if len(table[key]) < _MAX_LEADERS:
                table[key].append(position)
    return result
