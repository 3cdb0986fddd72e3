"""Kernel: the least setting with which an engine finds what was asked for."""

from collections.abc import Callable

from benchmarks.peers.arrays import Queries, Workload
from benchmarks.peers.quality import Rows, recall_of


def held_recall(search: Callable[[Queries], Rows], workload: Workload) -> float:
    """Recall on the members held for tuning."""
    return recall_of(search(workload.held), workload.held.truth)


def least(reaches: Callable[[int], bool], low: int, high: int) -> int:
    """A number in [low, high] that reaches what is wanted, at most a twentieth above the least; `high` if none does.

    Doubled before it is bisected, as a large number takes an engine long to try.

    >>> least(lambda number: number >= 13, 1, 1000), least(lambda number: number >= 500, 1, 100)
    (13, 100)
    """
    tried = low
    while tried < high and not reaches(tried):
        low, tried = tried + 1, min(high, max(1, 2 * tried))
    high = tried
    while high - low > high // 20:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle + 1, high)
    return high
