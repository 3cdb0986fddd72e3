"""Kernel: what a saved search asks of single postings, beyond the rules that hold for every member.

As everywhere, what a posting does not say never excludes it; but a company or a title that is asked for must be there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.eligibility import Bools, Lists

Rows = npt.NDArray[np.int64]

ANY_DAY: Final = -(2**31)  # days since 1970-01-01: before every posting's, or unknown
NOWHERE: Final = 0  # hash of an unknown city


@dataclass(frozen=True)
class Facts:
    """What only saved searches ask of postings; each array is [n_postings]."""

    posted: Rows  # days since 1970-01-01; ANY_DAY: unknown
    seniority: Rows  # a bit per level; 0: unknown
    city: Rows  # hash of country and city; NOWHERE: unknown
    title: Lists  # hashes of the title's words


@dataclass(frozen=True)
class Phrases:
    """Phrases that each query names, in any number of words."""

    stops: Rows  # where each query's phrases end, [n_queries]
    words: Lists  # of each phrase, hashes

    def are_said(self, query: Rows, titles: Lists, row: Rows) -> Bools:
        """Whether the title says all words of one of the query's phrases; query and row are [n_pairs].

        >>> phrases = Phrases(np.array([2, 2]), Lists(np.array([1, 2, 3]), np.array([2, 3])))  # (1 and 2) or 3; nothing
        >>> titles = Lists(np.array([1, 2, 9, 1, 9]), np.array([3, 5]))
        >>> phrases.are_said(np.array([0, 0, 1]), titles, np.array([0, 1, 0])).tolist()
        [True, False, False]
        """
        pair, phrase = _spread(self.stops, query)
        of_phrase, word = _spread(self.words.stops, phrase)
        lacking = ~titles.holds(row[pair[of_phrase]], self.words.values[word])
        said = np.bincount(of_phrase[lacking], minlength=len(phrase)) == 0
        found: Bools = np.bincount(pair[said], minlength=len(query)) > 0
        return found


@dataclass(frozen=True)
class Criteria:
    """What queries ask of single postings; each array is [n_queries], and members who search nothing ask nothing."""

    earliest: Rows  # days since 1970-01-01; ANY_DAY: any
    seniorities: Rows  # a bit per level; 0: any
    cities: Lists  # hashes of country and city
    excluded_cities: Lists
    companies: Lists  # hashes of company keys
    titles: Phrases
    excluded_titles: Phrases


def criteria_hold(
    criteria: Criteria, query: Rows, facts: Facts, row: Rows, companies: Rows, city_is_free: Bools
) -> Bools:
    """Whether each posting is what its query asks for; [n_pairs].

    Args:
        criteria: of any number of queries.
        query: positions in `criteria`, [n_pairs].
        facts: of any number of postings.
        row: positions in `facts`, [n_pairs].
        companies: hashes of the company keys of the pairs' postings, [n_pairs].
        city_is_free: where the posting lies in a place that was named without a city, or is remote, [n_pairs].
    """
    posted, level, city = facts.posted[row], facts.seniority[row], facts.city[row]
    asked = criteria.seniorities[query]
    holds: Bools = (posted == ANY_DAY) | (posted >= criteria.earliest[query])
    holds &= (asked == 0) | (level == 0) | ((level & asked) > 0)
    holds &= city_is_free | (city == NOWHERE) | criteria.cities.holds(query, city)
    holds &= ~criteria.excluded_cities.holds(query, city)
    holds &= ~_any(criteria.companies.stops, query) | criteria.companies.holds(query, companies)
    left = np.flatnonzero(holds)  # titles cost most
    query, row = query[left], row[left]
    named = ~_any(criteria.titles.stops, query) | criteria.titles.are_said(query, facts.title, row)
    holds[left] = named & ~criteria.excluded_titles.are_said(query, facts.title, row)
    return holds


def _any(stops: Rows, which: Rows) -> Bools:
    """Whether some lists, one after the other and each up to its stop, hold anything."""
    return stops[which] > np.where(which > 0, stops[which - 1], 0)


def _spread(stops: Rows, which: Rows) -> tuple[Rows, Rows]:
    """Every element of the named lists: the place in `which` of its list, and its own place.

    >>> [places.tolist() for places in _spread(np.array([2, 2, 3]), np.array([2, 0]))]
    [[0, 1, 1], [2, 0, 1]]
    """
    starts = np.where(which > 0, stops[which - 1], 0)
    lengths = stops[which] - starts
    of = np.repeat(np.arange(len(which)), lengths)
    return of, np.arange(len(of)) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
