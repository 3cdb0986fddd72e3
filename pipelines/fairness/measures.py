"""Kernel: what each audited member or posting got, number by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.fairness.calibration import binned
from pipelines.fairness.metrics import Array, discounts
from pipelines.fairness.resampling import Indices

SELECTED = "selected"  # 0 or 1; groups' rates make impact ratios
EXPOSURE = "exposure"  # an amount; groups' sums make shares and skew


@dataclass(frozen=True)
class Measure:
    """What is measured, and where; `k` is 0 where the first places are not meant."""

    stage: str
    metric: str
    k: int = 0


@dataclass(frozen=True)
class Audited:
    """Members or postings of which groups are compared.

    Args:
        side: of `schemas.fairness.SIDES`.
        attributes: attribute -> object [n], each one's group, None where unknown.
        strata: int64 [n], non-negative; groups are compared within equal ones.
        values: measure -> float64 [n]; not a number: unknown.
        placed: float64 [n, n_places], exposure at each place before any discount.
        gaps: the array of `calibration.binned`; None: nothing is known of what members did.
    """

    side: str
    attributes: Mapping[str, npt.NDArray[np.object_]]
    strata: Indices
    values: Mapping[Measure, Array]
    placed: Array
    gaps: Array | None = None


def places_of(k: Sequence[int], per_member: int) -> list[int]:
    """The numbers of first places that lists of `per_member` have, ascending; the whole list if they have none.

    >>> places_of([25, 1, 10], 10), places_of([25], 10)
    ([1, 10], [10])
    """
    return sorted(places for places in k if places <= per_member) or [per_member]


def audited_members(rows: pd.DataFrame, attributes: Sequence[str], *, k: Sequence[int], per_member: int) -> Audited:
    """Members, each with measures of the matches, of the whole list and of its first places.

    Args:
        rows: the frame of `pipelines.fairness.stage.member_rows`.
        attributes: names of the groups in `rows.groups`, in order.
        k: numbers of first places, ascending, at most `per_member`.
        per_member: how many recommendations a member is to get.
    """
    scores, salaries, seniorities, paid = (
        padded(list(rows[name]), per_member) for name in ("scores", "salaries", "seniorities", "well_paid")
    )
    length, good = (~np.isnan(scores)).sum(axis=1), np.nan_to_num(paid)
    values: dict[Measure, npt.ArrayLike] = {
        Measure("matched", SELECTED): rows["matches"].to_numpy() > 0,
        Measure("matched", EXPOSURE): rows["matched_well_paid"],
        Measure("matched", "length"): rows["matches"],
        Measure("matched", "similarity"): rows["matched_similarity"],
        Measure("matched", "salary"): rows["matched_salary"],
        Measure("matched", "seniority"): rows["matched_seniority"],
        Measure("ranked", SELECTED): length >= per_member,
        Measure("ranked", EXPOSURE): good.sum(axis=1),
        Measure("ranked", "length"): length,
        Measure("ranked", "score"): _weighted(scores, np.ones(per_member)),
        Measure("ranked", "salary"): _weighted(salaries, np.ones(per_member)),
        Measure("ranked", "seniority"): _weighted(seniorities, np.ones(per_member)),
    }
    for first in k:
        seen = np.where(np.arange(per_member) < first, discounts(per_member), 0.0)
        values |= {
            Measure("shown", SELECTED, first): good[:, :first].any(axis=1),
            Measure("shown", EXPOSURE, first): good @ seen / seen.sum(),
            Measure("shown", "score", first): _weighted(scores, seen),
            Measure("shown", "salary", first): _weighted(salaries, seen),
            Measure("shown", "seniority", first): _weighted(seniorities, seen),
        }
    if "churn" in rows:
        values |= {Measure("shown", "churn"): rows["churn"]}
    gaps = binned(list(rows["said"]), list(rows["happened"])) if "said" in rows else None
    if gaps is not None:
        values |= {Measure("shown", "interest_above_score"): -gaps[:, :-1].sum(axis=1) / gaps[:, -1]}
    return replace(_audited("members", rows, attributes, values, good[:, : max(k)]), gaps=gaps)


def audited_postings(rows: pd.DataFrame, attributes: Sequence[str], *, k: Sequence[int]) -> Audited:
    """Postings, each with the members who found it, the lists that it is on, and the attention that these give.

    Args:
        rows: the frame of `pipelines.fairness.stage.posting_rows`.
        attributes: names of the groups in `rows.groups`, in order.
        k: numbers of first places, ascending.
    """
    shown = padded(list(rows["shown_at"]), max(k))
    values: dict[Measure, npt.ArrayLike] = {
        Measure("matched", SELECTED): rows["matches"].to_numpy() > 0,
        Measure("matched", EXPOSURE): rows["matches"],
        Measure("ranked", SELECTED): rows["lists"].to_numpy() > 0,
        Measure("ranked", EXPOSURE): rows["lists"],
    }
    return _audited("postings", rows, attributes, values | _attention(shown, k), shown)


def audited_recruiting(rows: pd.DataFrame, attributes: Sequence[str], *, k: Sequence[int]) -> Audited:
    """Members, each with the postings' lists that name them, and the attention that these give.

    Args:
        rows: the frame of `pipelines.fairness.stage.recruiting_rows`.
        attributes: names of the groups in `rows.groups`, in order.
        k: numbers of first places, ascending.
    """
    shown = padded(list(rows["shown_at"]), max(k))
    values: dict[Measure, npt.ArrayLike] = {
        Measure("matched", SELECTED): rows["lists"].to_numpy() > 0,
        Measure("matched", EXPOSURE): rows["lists"],
        Measure("matched", "similarity"): rows["found_similarity"],
    }
    return _audited("recruiting", rows, attributes, values | _attention(shown, k), shown)


def padded(lists: Sequence[Sequence[float | None]], width: int) -> Array:
    """float64 [n, width], the lists cut or filled up with what is not a number.

    >>> padded([[1.0, None, 3.0], []], 2).tolist()
    [[1.0, nan], [nan, nan]]
    """
    filled = np.full((len(lists), width), np.nan)
    for row, values in enumerate(lists):
        first = list(values)[:width]
        filled[row, : len(first)] = first
    return filled


def _attention(shown: Array, k: Sequence[int]) -> dict[Measure, npt.ArrayLike]:
    """Whether each is seen in the first places of any list, and how much."""
    values: dict[Measure, npt.ArrayLike] = {}
    for first in k:
        values |= {
            Measure("shown", SELECTED, first): shown[:, :first].any(axis=1),
            Measure("shown", EXPOSURE, first): shown[:, :first] @ discounts(first),
        }
    return values


def _weighted(values: Array, weights: Array) -> Array:
    """Means [n] of what is known in each row, weighted by place."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0) @ weights / (known @ weights))


def _audited(
    side: str,
    rows: pd.DataFrame,
    attributes: Sequence[str],
    values: Mapping[Measure, npt.ArrayLike],
    placed: Array,
) -> Audited:
    groups = np.array([list(one) for one in rows["groups"]], dtype=object).reshape(len(rows), len(attributes))
    return Audited(
        side=side,
        attributes={name: groups[:, j] for j, name in enumerate(attributes)},
        strata=pd.factorize(rows["stratum"].to_numpy(), use_na_sentinel=False)[0].astype(np.int64),
        values={measure: np.asarray(column, dtype=np.float64) for measure, column in values.items()},
        placed=placed,
    )
