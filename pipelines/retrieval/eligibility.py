"""Kernel: who may take what.

Rules of few values hold between a cohort of members and a cell of postings; rules per pair hold between one member and
one posting. Unknown on either side never excludes, except that `unknown_excludes` names rules that an unknown value of
the posting fails when the member has a wish.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Text = npt.NDArray[np.str_]
UNKNOWN = ""


@dataclass(frozen=True)
class Cohort:
    """Members who share every wish that partitions the search; an empty set is no wish."""

    places: frozenset[tuple[str, str]]  # (country, region); region UNKNOWN: the whole country
    work_modes: frozenset[str]
    employment_types: frozenset[str]
    languages: frozenset[str]  # that the members speak


@dataclass(frozen=True)
class Cells:
    """Runs of a shard's rows that share the values of the partitioning rules; each array is [n_cells]."""

    country: Text
    region: Text
    work_mode: Text
    employment_type: Text
    languages: Text  # required ones, sorted, comma-separated
    stop: npt.NDArray[np.int64]  # row after the last of the cell; a cell starts where the one before stops


def eligible_cells(cohort: Cohort, cells: Cells, unknown_excludes: Collection[str] = ()) -> Bools:
    """Whether members of the cohort may take postings of each cell, as far as the partitioning rules say; [n_cells]."""
    return (
        _place(cohort, cells, "place" in unknown_excludes)
        & _one_of(cohort.work_modes, cells.work_mode, "work_mode" in unknown_excludes)
        & _one_of(cohort.employment_types, cells.employment_type, "employment_type" in unknown_excludes)
        & _speaks(cohort.languages, cells.languages, "language" in unknown_excludes)
    )


def _place(cohort: Cohort, cells: Cells, unknown_fails: bool) -> Bools:
    if not cohort.places:
        return np.ones(len(cells.country), dtype=np.bool_)
    no_region, no_country = (
        (cells.region == UNKNOWN) & (not unknown_fails),
        (cells.country == UNKNOWN) & (not unknown_fails),
    )
    allowed = np.zeros(len(cells.country), dtype=np.bool_)
    for country, region in cohort.places:
        inside = (cells.region == region) | no_region | (cells.work_mode == "remote") | (region == UNKNOWN)
        allowed |= ((cells.country == country) | no_country) & inside
    return allowed


def _one_of(wanted: frozenset[str], values: Text, unknown_fails: bool) -> Bools:
    if not wanted:
        return np.ones(len(values), dtype=np.bool_)
    return np.isin(values, [*wanted] if unknown_fails else [*wanted, UNKNOWN])


def _speaks(spoken: frozenset[str], required: Text, unknown_fails: bool) -> Bools:
    if not spoken:
        return np.ones(len(required), dtype=np.bool_)
    sets, which = np.unique(required, return_inverse=True)
    known = [frozenset(text.split(",")) if text else frozenset() for text in sets.tolist()]
    return np.array([languages <= spoken and not (unknown_fails and not languages) for languages in known])[which]


@dataclass(frozen=True)
class MemberTerms:
    """What members ask of single postings; each sequence is [n_members]."""

    years: npt.NDArray[np.float64]  # NaN: unknown
    min_salary: npt.NDArray[np.float64]  # NaN: unknown
    currency: npt.NDArray[np.bytes_]  # b"": unknown
    excluded_companies: list[npt.NDArray[np.int64]]
    excluded_postings: list[npt.NDArray[np.bytes_]]

    def take(self, rows: npt.NDArray[np.int64]) -> "MemberTerms":
        """The terms of some members."""
        return MemberTerms(
            self.years[rows],
            self.min_salary[rows],
            self.currency[rows],
            [self.excluded_companies[row] for row in rows],
            [self.excluded_postings[row] for row in rows],
        )


@dataclass(frozen=True)
class PostingTerms:
    """What single postings ask and offer; each array has one value per posting."""

    posting_id: npt.NDArray[np.bytes_]
    min_years: npt.NDArray[np.float64]  # NaN: unknown
    salary_max: npt.NDArray[np.float64]  # NaN: unknown
    currency: npt.NDArray[np.bytes_]  # b"": unknown
    company: npt.NDArray[np.int64]  # hash of the company key; 0: unknown


def allowed_pairs(
    members: MemberTerms, postings: PostingTerms, rows: npt.NDArray[np.int64], unknown_excludes: Collection[str] = ()
) -> Bools:
    """Whether each member may take each of the postings found for it, as far as the pair rules say.

    Args:
        rows: int64 [n_members, n_found], positions in `postings`.
    """
    min_years, salary = postings.min_years[rows], postings.salary_max[rows]
    asks = ~np.isnan(members.years)[:, None]
    allowed = ~(min_years > members.years[:, None])
    if "experience" in unknown_excludes:
        allowed &= ~(asks & np.isnan(min_years))
    same_currency = (postings.currency[rows] == members.currency[:, None]) & (members.currency != b"")[:, None]
    allowed &= ~(same_currency & (salary < members.min_salary[:, None]))
    if "salary" in unknown_excludes:
        allowed &= ~(~np.isnan(members.min_salary)[:, None] & np.isnan(salary))
    for member, (companies, ids) in enumerate(zip(members.excluded_companies, members.excluded_postings, strict=True)):
        if len(companies):
            allowed[member] &= ~np.isin(postings.company[rows[member]], companies)
        if len(ids):
            allowed[member] &= ~np.isin(postings.posting_id[rows[member]], ids)
    return allowed
