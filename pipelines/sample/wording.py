"""Kernel: an occupation's words, divided between employers and members.

Both sides speak of the same work in words that differ: employers use about half of the titles and five of the duties,
members the others. Which half is whose depends on the occupation, so that neither side has all the plain names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipelines.sample.catalogue import LEVELS, Occupation
from pipelines.sample.draws import number

_EMPLOYERS_DUTIES = 5
_MEMBERS_DUTIES = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """One side's words for an occupation."""

    titles: Mapping[str, tuple[str, ...]]  # by level; may be empty on one side
    duties: tuple[str, ...]


@cache
def employers_wording(occupation: Occupation) -> Wording:
    """The words of postings; no level is without a title."""
    titles = {level: _share(occupation, level, 0) or occupation.titles[level] for level in LEVELS}
    return Wording(titles, _shuffled(occupation)[:_EMPLOYERS_DUTIES])


@cache
def members_wording(occupation: Occupation) -> Wording:
    """The words of profiles; a level with a single title in the catalogue may have none here."""
    titles = {level: _share(occupation, level, 1) for level in LEVELS}
    return Wording(titles, _shuffled(occupation)[-_MEMBERS_DUTIES:])


def _share(occupation: Occupation, level: str, side: int) -> tuple[str, ...]:
    titles = occupation.titles[level]
    if len(titles) == 1:
        return titles if side == 0 else ()
    return titles[(number(occupation.id, level) + side) % 2 :: 2]


def _shuffled(occupation: Occupation) -> tuple[str, ...]:
    return tuple(sorted(occupation.duties, key=lambda duty: number(occupation.id, duty)))
