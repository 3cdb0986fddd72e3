"""Kernel: a night's figures beside those of its baselines: means, intervals, differences, slices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.figures import ALL, RESAMPLES, SEED
from pipelines.evaluation.off_policy import OffPolicy
from pipelines.evaluation.retrieval import Array, interval, resampled_means


@dataclass(frozen=True)
class NightFigure:
    """One figure of a method, or how much higher it is than another method's, on the same members.

    Args:
        slice: which members.
        method: whose lists.
        against: the method that is subtracted; None: the figure itself.
        name: the metric.
        value: its mean.
        low: end of the 95 % interval; None where there is none.
        high: the other end.
        members: over how many it is the mean.
    """

    slice: str
    method: str
    against: str | None
    name: str
    value: float
    low: float | None
    high: float | None
    members: int


def member_figures(
    methods: Mapping[str, Mapping[str, Array]],
    slices: Mapping[str, npt.NDArray[np.int64]],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[NightFigure]:
    """Every metric of every method in every slice, and the first method's lead over each of the others.

    A NaN is left out of a mean; a difference is taken over the members where neither is NaN.

    Args:
        methods: method -> metric -> float64 [n_members]; the first is the one that the others are compared with.
        slices: name -> rows of its members.
        resamples: bootstrap draws behind the intervals; a draw serves all columns, so differences are paired.
        seed: of the draws.
    """
    night, *others = methods
    columns = [(method, None, metric, values) for method, found in methods.items() for metric, values in found.items()]
    leads = [
        (night, other, metric, methods[night][metric] - values)
        for other in others
        for metric, values in methods[other].items()
        if metric in methods[night]
    ]
    named = [*columns, *leads]
    values = np.column_stack([column[-1] for column in named])
    known = ~np.isnan(values)
    figures = []
    for part, rows in slices.items():
        both = np.hstack([np.where(known, values, 0.0)[rows], known[rows]])
        means = resampled_means(both, resamples=resamples, seed=seed)
        totals, counts = both[:, : len(named)].sum(axis=0), known[rows].sum(axis=0)
        for at, (method, against, metric, _) in enumerate(named):
            shares = means[:, len(named) + at]
            drawn = means[shares > 0, at] / shares[shares > 0]
            if counts[at]:
                ends = interval(drawn)
                value = float(totals[at] / counts[at])
                figures.append(NightFigure(part, method, against, metric, value, *ends, int(counts[at])))
    return figures


def member_rows(
    members: Sequence[str], slices: Mapping[str, Sequence[str]], *, minimum: int
) -> dict[str, npt.NDArray[np.int64]]:
    """Name -> rows of its members: `all` first, then each slice of at least `minimum` members, by name.

    >>> found = member_rows(["a", "b", "c"], {"a": ["new"], "c": ["new", "rare"]}, minimum=2)
    >>> {name: rows.tolist() for name, rows in found.items()}
    {'all': [0, 1, 2], 'new': [0, 2]}
    """
    rows: dict[str, list[int]] = {}
    for row, member in enumerate(members):
        for name in slices.get(member, ()):
            rows.setdefault(name, []).append(row)
    kept = {name: np.array(rows[name], dtype=np.int64) for name in sorted(rows) if len(rows[name]) >= minimum}
    return {ALL: np.arange(len(members)), **kept}


def off_policy_figures(method: str, found: OffPolicy) -> Iterator[NightFigure]:
    """The estimates of one target policy, over all members with a logged place."""
    for name, one in (("ips", found.ips), ("snips", found.snips)):
        if one is not None:
            yield NightFigure(ALL, method, None, name, one.value, one.low, one.high, found.members)
    for name, value in (("effective places", found.effective_places), ("logged places", float(found.places))):
        yield NightFigure(ALL, method, None, name, value, None, None, found.members)
