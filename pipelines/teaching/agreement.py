"""Kernel: how far two graders agree, and whether that is enough."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from pipelines.teaching.teacher import GRADES
from schemas.errors import QualityGateError

PEOPLE = "people"
Grades = Sequence[int]


def confusion(left: Grades, right: Grades) -> npt.NDArray[np.int64]:
    """int64 [5, 5], how many pairs have each grade of `left` (rows) and of `right` (columns).

    >>> confusion([0, 4, 4], [0, 4, 3])[4].tolist()
    [0, 0, 0, 1, 1]
    """
    counts = np.zeros((len(GRADES), len(GRADES)), dtype=np.int64)
    np.add.at(counts, (np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)), 1)
    return counts


def weighted_kappa(left: Grades, right: Grades) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968): 1 is full agreement, 0 what chance gives.

    It is 1 - seen / by chance, each the mean squared difference of grades: of the pairs as they are, and of every grade
    of one with every grade of the other. Where one grade is all that both ever give, nothing is shown: 0.

    Below, the pairs differ by 0, 0, 1 and 1, squared 2 / 4; grades 0, 0, 4, 4 against 0, 1, 3, 4, each with each, by
    0, 1, 9, 16 and 16, 9, 1, 0, twice: 104 / 16. So 1 - 0.5 / 6.5.

    >>> weighted_kappa([0, 0, 4, 4], [0, 1, 3, 4]) == 1 - 0.5 / 6.5
    True
    >>> weighted_kappa([0, 4], [4, 0]), weighted_kappa([2, 2], [2, 2])
    (-1.0, 0.0)
    """
    _check(left, right)
    one, other = np.array(left, dtype=np.float64), np.array(right, dtype=np.float64)
    seen = ((one - other) ** 2).mean()
    by_chance = ((one[:, None] - other[None, :]) ** 2).mean()
    return float(1 - seen / by_chance) if by_chance else 0.0


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Rank correlation; equal values share their mean rank, and a side of one value alone gives 0.

    >>> round(spearman([0.1, 0.5, 0.9], [0, 3, 4]), 6), round(spearman([1, 2, 3], [2, 3, 1]), 6)
    (1.0, -0.5)
    >>> spearman([1, 1], [0, 4])
    0.0
    """
    _check(left, right)
    ranks = [rankdata(side) - (len(left) + 1) / 2 for side in (left, right)]
    size = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum() / size) if size else 0.0


def grades_of(scores: Sequence[float], bounds: Sequence[float]) -> list[int]:
    """The grade of each score: how many of the four bounds it reaches.

    >>> grades_of([0.1, 0.25, 0.69, 1.0], [0.25, 0.4, 0.55, 0.7])
    [0, 1, 3, 4]
    """
    return [int(grade) for grade in np.searchsorted(bounds, scores, side="right")]


def largest_disagreements(left: Grades, right: Grades, count: int) -> list[int]:
    """Places of the pairs that differ most, at most `count`, those that agree left out; ties in order of place.

    >>> largest_disagreements([0, 4, 1, 2], [0, 3, 4, 1], 2)
    [2, 1]
    """
    gaps = [abs(one - other) for one, other in zip(left, right, strict=True)]
    return sorted((place for place, gap in enumerate(gaps) if gap), key=lambda place: -gaps[place])[:count]


class Side(NamedTuple):
    """One grader: a grade and a score in [0, 1] per pair."""

    grades: list[int]
    scores: list[float]


def agreement_figures(left: Side, right: Side) -> dict[str, float]:
    """Every figure of how two graders of the same pairs agree.

    >>> agreement_figures(Side([0, 4], [0.1, 0.9]), Side([0, 3], [0.0, 0.75]))["exact"]
    0.5
    """
    gaps = np.abs(np.array(left.grades) - np.array(right.grades))
    return {
        "kappa": weighted_kappa(left.grades, right.grades),
        "spearman": spearman(left.scores, right.scores),
        "exact": float((gaps == 0).mean()),
        "within_one": float((gaps <= 1).mean()),
        "pairs": float(len(gaps)),
    }


def figure_name(figure: str, other: str, policy_version: str) -> str:
    """What the evaluation table calls a figure of a teacher under a policy.

    >>> figure_name("kappa", "people", "1-0a1b2c3d"), figure_name("kappa", "people", "")
    ('kappa with people, policy 1-0a1b2c3d', 'kappa with people')
    """
    return f"{figure} with {other}" + (f", policy {policy_version}" if policy_version else "")


def check_kappa(figures: Mapping[str, float], *, teacher_id: str, policy_version: str, min_kappa: float) -> float:
    """The teacher's agreement with people, where it is enough for a grader.

    Args:
        figures: of the teacher's last evaluation, by name.

    Raises:
        QualityGateError: it is not enough, or was never measured under this policy.
    """
    kappa, pairs = (figures.get(figure_name(one, PEOPLE, policy_version)) for one in ("kappa", "pairs"))
    under = f" under policy {policy_version}" if policy_version else ""
    if kappa is None or pairs is None:
        raise QualityGateError(
            f"teacher {teacher_id} was never compared with people{under}; run jobs.evaluate_teacher --grades FILE"
        )
    if not kappa >= min_kappa:
        raise QualityGateError(
            f"teacher {teacher_id} agrees with people by kappa {kappa:.3f} on {pairs:.0f} pairs{under}; "
            f"teaching.min_kappa is {min_kappa:g}"
        )
    return kappa


def _check(left: Sequence[float], right: Sequence[float]) -> None:
    if len(left) != len(right) or not left:
        raise ValueError(f"{len(left)} and {len(right)} values; as many of both, and at least one, are needed")
