"""Kernel: who may take what.

Rules of few values hold between a cohort of members and a cell of postings; rules per pair hold between one member and
one posting. Unknown on either side never excludes, except that `unknown_excludes` names rules that an unknown value of
the posting fails when the member has a wish.
"""

from collections.abc import Collection, Iterator
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
    excluded_places: frozenset[tuple[str, str]] = frozenset()  # as `places`; of a saved search
    whole_places: frozenset[tuple[str, str]] = frozenset()  # of a saved search: those of `places` named without a city
    is_search: bool = False  # a saved search is never relaxed, and never searched fast


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
    kept: Bools = np.logical_and.reduce([passes for _, passes in cell_rules(cohort, cells, unknown_excludes)])
    return kept


def cell_rules(cohort: Cohort, cells: Cells, unknown_excludes: Collection[str] = ()) -> Iterator[tuple[str, Bools]]:
    """Each partitioning rule, and whether it alone lets members of the cohort take postings of each cell; [n_cells]."""
    place = _place(cohort.places, cells, "place" in unknown_excludes)
    yield "place", place & ~_inside(cohort.excluded_places, cells)
    yield "work_mode", _one_of(cohort.work_modes, cells.work_mode, "work_mode" in unknown_excludes)
    types_fail = "employment_type" in unknown_excludes
    yield "employment_type", _one_of(cohort.employment_types, cells.employment_type, types_fail)
    yield "language", _speaks(cohort.languages, cells.languages, "language" in unknown_excludes)


def cells_without_city(cohort: Cohort, cells: Cells) -> Bools:
    """Whether a saved search asks for no city in each cell: it named the region or country, or the cell is remote."""
    if cohort.whole_places == cohort.places:
        return np.ones(len(cells.country), dtype=np.bool_)
    remote: Bools = cells.work_mode == "remote"
    return remote | (_place(cohort.whole_places, cells, unknown_fails=False) if cohort.whole_places else False)


def _place(places: frozenset[tuple[str, str]], cells: Cells, unknown_fails: bool) -> Bools:
    if not places:
        return np.ones(len(cells.country), dtype=np.bool_)
    no_region, no_country = (
        (cells.region == UNKNOWN) & (not unknown_fails),
        (cells.country == UNKNOWN) & (not unknown_fails),
    )
    allowed = np.zeros(len(cells.country), dtype=np.bool_)
    for country, region in places:
        inside = (cells.region == region) | no_region | (cells.work_mode == "remote") | (region == UNKNOWN)
        allowed |= ((cells.country == country) | no_country) & inside
    return allowed


def _inside(places: frozenset[tuple[str, str]], cells: Cells) -> Bools:
    inside = np.zeros(len(cells.country), dtype=np.bool_)
    for country, region in places:
        inside |= (cells.country == country) & ((region == UNKNOWN) | (cells.region == region))
    return inside


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
class Lists:
    """A sorted list of numbers per member."""

    values: npt.NDArray[np.int64]  # of all members, one after the other
    stops: npt.NDArray[np.int64]  # [n_members], where each member's end

    def holds(self, member: npt.NDArray[np.int64], value: npt.NDArray[np.int64]) -> Bools:
        """Whether each member's list holds the value; member and value are [n_pairs].

        >>> Lists(np.array([3, 5, 4]), np.array([2, 3])).holds(np.array([0, 0, 1]), np.array([5, 4, 4])).tolist()
        [True, False, True]
        """
        found = np.zeros(len(member), dtype=np.bool_)
        low = np.where(member > 0, self.stops[member - 1], 0)
        high = self.stops[member]
        pairs = np.flatnonzero(low < high)
        low, high, wanted = low[pairs], high[pairs], value[pairs]
        stop = high.copy()
        while (low < high).any():  # a binary search of every pair at once
            middle = (low + high) // 2
            below = (low < high) & (self.values[np.minimum(middle, len(self.values) - 1)] < wanted)
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        found[pairs] = (low < stop) & (self.values[np.minimum(low, len(self.values) - 1)] == wanted)
        return found


@dataclass(frozen=True)
class MemberTerms:
    """What members ask of single postings; each array is [n_members]."""

    years: npt.NDArray[np.float64]  # NaN: unknown
    min_salary: npt.NDArray[np.float64]  # NaN: unknown
    currency: npt.NDArray[np.int64]  # the letters' bytes; 0: unknown
    excluded_companies: Lists  # hashes of company keys
    excluded_postings: Lists  # hashes of posting ids


@dataclass(frozen=True)
class PostingTerms:
    """What single postings ask and offer; each array has one value per posting."""

    min_years: npt.NDArray[np.float64]  # NaN: unknown
    salary_max: npt.NDArray[np.float64]  # NaN: unknown
    currency: npt.NDArray[np.int64]  # the letters' bytes; 0: unknown
    company: npt.NDArray[np.int64]  # hash of the company key; 0: unknown
    posting: npt.NDArray[np.int64]  # hash of the posting id

    def at(self, rows: npt.NDArray[np.int64]) -> "PostingTerms":
        """Those of some postings, in their order."""
        return PostingTerms(
            min_years=self.min_years[rows],
            salary_max=self.salary_max[rows],
            currency=self.currency[rows],
            company=self.company[rows],
            posting=self.posting[rows],
        )


def allowed_pairs(
    members: MemberTerms,
    member: npt.NDArray[np.int64],
    postings: PostingTerms,
    unknown_excludes: Collection[str] = (),
) -> Bools:
    """Whether each member may take its posting, as far as the rules between one and one say; [n_pairs].

    Args:
        members: of any number of members.
        member: positions in `members`, [n_pairs].
        postings: of the pairs, [n_pairs].
    """
    allowed = np.ones(len(member), dtype=np.bool_)
    for _, passes in pair_rules(members, member, postings, unknown_excludes):
        allowed &= passes
    return allowed


def pair_rules(
    members: MemberTerms,
    member: npt.NDArray[np.int64],
    postings: PostingTerms,
    unknown_excludes: Collection[str] = (),
) -> Iterator[tuple[str, Bools]]:
    """Each rule between one and one, and whether it alone lets each member take its posting; as `allowed_pairs`."""
    years, min_years = members.years[member], postings.min_years
    passes = ~(min_years > years)
    if "experience" in unknown_excludes:
        passes &= np.isnan(years) | ~np.isnan(min_years)
    yield "experience", passes
    least, salary = members.min_salary[member], postings.salary_max
    currency = members.currency[member]
    passes = ~((salary < least) & (currency == postings.currency) & (currency != 0))
    if "salary" in unknown_excludes:
        passes &= np.isnan(least) | ~np.isnan(salary)
    yield "salary", passes
    for name, excluded, of_posting in (
        ("company", members.excluded_companies, postings.company),
        ("applied_or_dismissed", members.excluded_postings, postings.posting),
    ):
        none = not len(excluded.values)
        yield name, np.ones(len(member), dtype=np.bool_) if none else ~excluded.holds(member, of_posting)
