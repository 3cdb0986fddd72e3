"""Kernel: constants that explain measured nights, and how wrong they are of nights that they were not fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from pipelines.planning.constants import Stage
from pipelines.planning.counts import Counts
from pipelines.planning.stages import (
    SHUFFLED,
    TERMS,
    Machines,
    divided,
    in_night,
    stage_seconds,
    tasks_of,
    vector_bytes,
)

Known = Mapping[str, Mapping[str, float]]  # stage -> count -> seconds of one, measured apart from any night
_LEAST = 1e-3  # seconds, MiB or bytes that errors are relative to; what takes nothing weighs no more
_EFFICIENCIES = np.linspace(1.0, 0.5, 51)  # the first that fits best


@dataclass(frozen=True)
class MeasuredNight:
    """What one night was given, and what it took."""

    name: str
    sizes: tuple[int, int]  # rows of the sources of members and of postings
    cores: int
    dimension: int
    counts: Counts
    seconds: Mapping[str, float]  # of each stage
    shuffle_bytes: Mapping[str, float]


@dataclass(frozen=True)
class Check:
    """A night beside its prediction by constants that know no night of its size."""

    night: str
    fitted_to: tuple[str, ...]
    measured_s: Mapping[str, float]
    predicted_s: Mapping[str, float]

    @property
    def error(self) -> float:
        """Relative error of the night's total.

        >>> Check("a", ("b",), {"embed": 6.0, "rank": 2.0}, {"embed": 9.0, "rank": 1.0}).error
        0.25
        """
        return sum(self.predicted_s.values()) / sum(self.measured_s.values()) - 1


def fit(nights: Sequence[MeasuredNight], known: Known) -> dict[str, Stage]:
    """The constants of every stage: non-negative, with the least sum of squared relative errors.

    Args:
        nights: of different sizes; the efficiency of several cores shows only where one night had one core.
        known: seconds that are not fitted.
    """
    having = {name: [night for night in nights if in_night(name, night.counts)] for name in TERMS}
    return {name: _fit_stage(name, some, known.get(name, {})) for name, some in having.items() if some}


def check_size(rows: int, nights: Sequence[MeasuredNight], known: Known) -> list[Check]:
    """The nights of `rows` members and postings on several cores, predicted from nights with neither count."""
    others = [night for night in nights if rows not in night.sizes]
    stages = fit(others, known)
    return [
        Check(night.name, tuple(other.name for other in others), night.seconds, predicted(night, stages))
        for night in nights
        if night.sizes == (rows, rows) and night.cores > 1
    ]


def predicted(night: MeasuredNight, stages: Mapping[str, Stage]) -> dict[str, float]:
    """Seconds of each stage of a night of these counts and cores."""
    machines = Machines(night.cores, efficiency=None)
    return {
        name: stage_seconds(name, constants, night.counts, machines, sent_bytes=0).total_s
        for name, constants in stages.items()
        if in_night(name, night.counts)
    }


def _fit_stage(name: str, nights: Sequence[MeasuredNight], known: Mapping[str, float]) -> Stage:
    measured = np.array([night.seconds[name] for night in nights])
    free = [count for count in TERMS[name] if count not in known]
    best: tuple[float, Stage] | None = None
    for efficiency in _EFFICIENCIES.tolist():
        apart = Stage(0.0, efficiency, known, {})
        rest = measured - [
            stage_seconds(name, apart, night.counts, Machines(night.cores, None), 0).total_s for night in nights
        ]
        columns = [[1.0, *(_part(name, count, night, efficiency) for count in free)] for night in nights]
        (fixed_s, *core_s), residual = relative_nnls(np.array(columns), rest, measured)
        if best is None or residual < best[0] * (1 - 1e-9):
            stage = Stage(
                fixed_s, efficiency, dict(zip(free, core_s, strict=True)) | dict(known), _shuffle_bytes(name, nights)
            )
            best = residual, stage
    assert best is not None
    return best[1]


def _shuffle_bytes(name: str, nights: Sequence[MeasuredNight]) -> dict[str, float]:
    counts = SHUFFLED.get(name, ())
    if not counts:
        return {}
    measured = np.array([night.shuffle_bytes[name] for night in nights])
    rest = measured - [vector_bytes(name, night.counts, night.dimension) for night in nights]
    columns = np.array([[night.counts.of(count) for count in counts] for night in nights])
    return dict(zip(counts, relative_nnls(columns, rest, measured)[0], strict=True))


def _part(name: str, count: str, night: MeasuredNight, efficiency: float) -> float:
    tasks = tasks_of(TERMS[name][count].spread, night.counts)
    return night.counts.of(count) * divided(night.cores, efficiency, tasks)


def relative_nnls(
    columns: npt.NDArray[np.float64], rest: npt.NDArray[np.float64], measured: npt.NDArray[np.float64]
) -> tuple[list[float], float]:
    """Non-negative constants with columns @ constants close to `rest` relative to `measured`, and how far they are."""
    scale = np.maximum(columns.max(axis=0), np.finfo(float).tiny)  # counts of 1 and of 1e9 side by side
    whole = np.maximum(measured, _LEAST)
    found, residual = nnls(columns / scale / whole[:, None], np.maximum(rest, 0) / whole)
    return (found / scale).tolist(), float(residual)
