"""Kernel: what was understood of a wish, as the criteria that the night holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from pipelines.ingest.places import Place
from pipelines.wishes.towns import spellings
from pipelines.wishes.wish import Criterion, Kind, Salary, Wish, tiled
from schemas import columns as c
from schemas.searches import CRITERIA
from schemas.values import EMPLOYMENT_TYPES, SENIORITIES, WORK_MODES

_A_YEAR: Final[Mapping[str, int]] = {"hour": 40 * 52, "day": 5 * 52, "week": 52, "month": 12, "year": 1}
_CHOICES: Final[Mapping[Kind, tuple[str, Sequence[str]]]] = {  # an excluded one leaves the others
    "work_mode": (c.WORK_MODES, WORK_MODES),
    "employment_type": (c.EMPLOYMENT_TYPES, EMPLOYMENT_TYPES),
    "seniority": (c.SENIORITIES, SENIORITIES),
}
_LISTS: Final[Mapping[tuple[Kind, bool], str]] = {
    ("language", False): c.LANGUAGES,
    ("company", False): c.COMPANY_KEYS,
    ("company", True): c.EXCLUDED_COMPANY_KEYS,
    ("title", False): c.TITLES,
    ("title", True): c.EXCLUDED_TITLES,
}
_HELD_ONLY_WHEN_WANTED: Final[frozenset[Kind]] = frozenset({"language", "salary", "posted"})

V = TypeVar("V")


def held(wish: Wish) -> Wish:
    """The wish in which what the night cannot hold is not understood: a language, pay or day that is excluded, and
    kinds of which nothing is left.
    """
    lost = [one for one in wish.criteria if not _is_held(one, wish.criteria)]
    if not lost:
        return wish
    kept = [one for one in wish.criteria if one not in lost]
    spans = {one.span for one in lost} - {one.span for one in kept}
    told = tiled(
        wish.text,
        kept,
        [*wish.not_understood, *spans],
        language=wish.language,
        known=wish.language_known,
        cut=wish.cut,
    )
    return replace(told, remaining=wish.remaining)


def criteria_of(wish: Wish) -> dict[str, object]:
    """The columns of `schemas.searches.CRITERIA`.

    Pay is per year, an hour's for 40 hours a week: 20 an hour are 41,600. Of several amounts the least counts.

    Args:
        wish: as `held` leaves it.
    """
    columns: dict[str, object] = dict.fromkeys(CRITERIA.names)
    for excluded, name in ((False, c.PLACES), (True, c.EXCLUDED_PLACES)):
        meant = _values(wish.criteria, "place", excluded, Place)
        places = dict.fromkeys(name for place in meant for name in spellings(place))  # the postings' source has its own
        columns[name] = [place._asdict() for place in places]
    for kind, (name, _) in _CHOICES.items():
        columns[name] = _left(wish.criteria, kind)
    for (kind, excluded), name in _LISTS.items():
        columns[name] = list(dict.fromkeys(_values(wish.criteria, kind, excluded, str)))
    columns[c.POSTED_WITHIN_DAYS] = min(_values(wish.criteria, "posted", False, int), default=None)
    if pays := list(_values(wish.criteria, "salary", False, Salary)):
        currency = pays[0].currency
        columns[c.MIN_SALARY] = min(pay.amount * _A_YEAR[pay.period] for pay in pays if pay.currency == currency)
        columns[c.SALARY_CURRENCY] = currency
    return columns


def _is_held(criterion: Criterion, criteria: Sequence[Criterion]) -> bool:
    if criterion.kind == "place" and isinstance(criterion.value, Place):
        return criterion.value.country is not None
    if criterion.kind in _CHOICES:
        return bool(_left(criteria, criterion.kind))
    return not (criterion.excluded and criterion.kind in _HELD_ONLY_WHEN_WANTED)


def _left(criteria: Iterable[Criterion], kind: Kind) -> list[str]:
    """What may be of a kind of few values; empty: anything."""
    criteria = list(criteria)
    wanted, unwanted = (set(_values(criteria, kind, excluded, str)) for excluded in (False, True))
    if not wanted and not unwanted:
        return []
    return [name for name in _CHOICES[kind][1] if name not in unwanted and (not wanted or name in wanted)]


def _values(criteria: Iterable[Criterion], kind: Kind, excluded: bool, of: type[V]) -> list[V]:
    return [
        one.value for one in criteria if one.kind == kind and one.excluded is excluded and isinstance(one.value, of)
    ]
