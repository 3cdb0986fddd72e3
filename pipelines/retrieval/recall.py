"""Kernel: how much the fast search finds of what the exact one does, and which effort is enough."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.directions import Members, postings_for
from pipelines.retrieval.eligibility import Cohort, eligible_cells
from pipelines.retrieval.precision import Precision
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index

_CONFIDENCE = 1.96  # standard errors on each side of a 95 % interval
_ENOUGH_MEMBERS = 20  # of fewer, equal shares would look certain


@dataclass(frozen=True)
class Recall:
    """Sums over members of one cohort, searched with one effort, of what each found of the exact result."""

    cohort: str
    effort: float
    members: int
    total: float
    squares: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of the mean.

        >>> Recall("{}", 4.0, members=2, total=1.0, squares=1.0).low  # 0 and 1: mean 0.5, standard error 0.5
        -0.48
        """
        mean = self.total / self.members
        variance = max(self.squares / self.members - mean**2, 0) * self.members / max(self.members - 1, 1)
        return mean - _CONFIDENCE * math.sqrt(variance / self.members)


def eligible_postings(cohort: Cohort, index: Index, unknown_excludes: Collection[str] = ()) -> int:
    """How many postings members of the cohort may take, as far as cells say."""
    return int(np.diff(index.cells.stop, prepend=0)[eligible_cells(cohort, index.cells, unknown_excludes)].sum())


def compare(
    members: Members,
    names: Sequence[str],
    index: Index,
    *,
    k: int,
    precision: Precision,
    efforts: Iterable[float],
    unknown_excludes: Collection[str] = (),
) -> list[Recall]:
    """What each effort finds of the exact result, for each cohort of the members; members who may take nothing aside.

    Args:
        names: of `members.cohorts`, for the results.
        efforts: to try, each for all members.
    """

    def pairs(efforts: Mapping[Cohort, float]) -> npt.NDArray[np.int64]:
        """Member and row of each pair as one number."""
        found = search(postings_for(members, index, unknown_excludes, efforts), index, k=k, precision=precision)
        return np.concatenate([part.query * rows + part.row for part in found] or [np.empty(0, np.int64)])

    rows = int(index.stops[-1])
    exact = pairs({})
    wanted = np.bincount(exact // rows, minlength=len(members.cohort))
    compared = []
    for effort in efforts:
        both = np.intersect1d(exact, pairs(dict.fromkeys(members.cohorts, effort)), assume_unique=True)
        share = np.bincount(both // rows, minlength=len(wanted)) / np.maximum(wanted, 1)
        for place, name in enumerate(names):
            one = share[(members.cohort == place) & (wanted > 0)]
            if len(one):
                compared.append(Recall(name, effort, len(one), float(one.sum()), float((one**2).sum())))
    return compared


def enough(recalls: Iterable[Recall], efforts: Sequence[float], floor: float) -> dict[str, float]:
    """The first effort by which each cohort surely finds as much as the floor; cohorts without one are left out.

    >>> few, many = (Recall("{}", effort, 100, total, total) for effort, total in ((2.0, 50.0), (5.0, 100.0)))
    >>> enough([few, many], [2.0, 5.0], floor=0.9)
    {'{}': 5.0}
    """
    sums: dict[tuple[str, float], Recall] = {}
    for one in recalls:
        so_far = sums.get((one.cohort, one.effort), Recall(one.cohort, one.effort, 0, 0.0, 0.0))
        sums[one.cohort, one.effort] = Recall(
            one.cohort, one.effort, so_far.members + one.members, so_far.total + one.total, so_far.squares + one.squares
        )
    good = {key for key, recall in sums.items() if recall.members >= _ENOUGH_MEMBERS and recall.low >= floor}
    first = {cohort: next((e for e in efforts if (cohort, e) in good), None) for cohort, _ in sums}
    return {cohort: effort for cohort, effort in first.items() if effort is not None}


def raised(effort: float, efforts: Sequence[float]) -> float | None:
    """The next effort of the ladder; None after the last.

    >>> raised(4.0, [2.0, 4.0, 6.0]), raised(6.0, [2.0, 4.0, 6.0])
    (6.0, None)
    """
    after = list(efforts).index(effort) + 1
    return efforts[after] if after < len(efforts) else None
