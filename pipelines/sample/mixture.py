"""Kernel: which occupation a row is of, and which rows are of an occupation.

Rows come in blocks of a thousand. Every block holds each occupation equally often (some five times as often as others),
in an order of the block's own; so an occupation's rows can be named without looking at any row.
"""

from functools import cache

from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.draws import Draws, number

BLOCK = 1000
_STRIDE = 387  # has no factor in common with BLOCK: multiplying by it permutes a block
_UNSTRIDE = pow(_STRIDE, -1, BLOCK)
_EVENNESS = 30  # added to the rank: the larger, the more alike the occupations' shares


def occupation_of(seed: int, kind: str, row: int) -> Occupation:
    """The occupation of a row of `kind`."""
    block, at = divmod(row, BLOCK)
    return _slots()[(_STRIDE * at + _shift(seed, kind, block)) % BLOCK]


def row_of(seed: int, kind: str, occupation: Occupation, rows: int, draws: Draws) -> int:
    """A row of the occupation among the first `rows`, or any row where it is not found there soon."""
    first, count = _runs()[occupation.id]
    blocks = -(-rows // BLOCK)
    for _ in range(8):
        block = draws.between(0, blocks - 1)
        slot = first + draws.between(0, count - 1)
        row = block * BLOCK + _UNSTRIDE * (slot - _shift(seed, kind, block)) % BLOCK
        if row < rows:
            return row
    return draws.between(0, rows - 1)


def _shift(seed: int, kind: str, block: int) -> int:
    return number(seed, kind, "block", block) % BLOCK


@cache
def _slots() -> tuple[Occupation, ...]:
    return tuple(catalogue()[name] for name, (_, count) in _runs().items() for _ in range(count))


@cache
def _runs() -> dict[str, tuple[int, int]]:
    """First slot and number of slots of each occupation; the numbers fall as 1 / (rank + _EVENNESS)."""
    names = sorted(catalogue(), key=lambda name: number("rank", name))
    weights = [1 / (rank + _EVENNESS) for rank in range(len(names))]
    edges, reached = [0], 0.0
    spare = BLOCK - len(names)  # one slot each, the rest by weight
    for weight in weights:
        reached += weight
        edges.append(len(edges) + round(spare * reached / sum(weights)))
    return {name: (start, stop - start) for name, start, stop in zip(names, edges, edges[1:], strict=False)}
