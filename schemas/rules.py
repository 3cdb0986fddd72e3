"""The hard rules of a night: who may take what, each with a name and the reason in words.

This is the one list of them. The search (`pipelines/retrieval/eligibility.py`) decides them over arrays, the gate
(`pipelines/quality/eligibility.py`) over columns, each in its own code, so that neither repeats a mistake of the other.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Wish = Literal["place", "work_mode", "employment_type", "language", "experience", "salary"]
Decided = Literal["cells", "pairs"]

Relaxation = Literal["next_region", "remote_elsewhere"]  # both relax the place, and nothing else

WISHES: Final[tuple[Wish, ...]] = get_args(Wish)  # rules that an unknown value of the posting may break
RELAXATIONS: Final[tuple[Relaxation, ...]] = get_args(Relaxation)


@dataclass(frozen=True)
class HardRule:
    """A rule that no recommendation breaks."""

    name: str
    reason: str  # why a posting is not shown, after "the posting"
    decided: Decided  # between a cohort and a cell of postings, or between one member and one posting


HARD_RULES: Final = (
    HardRule("place", "lies in none of the member's places and is not remote within the country of one", "cells"),
    HardRule("work_mode", "has another work mode than the member wants", "cells"),
    HardRule("employment_type", "has another employment type than the member wants", "cells"),
    HardRule("language", "asks for a language that the member does not speak", "cells"),
    HardRule("experience", "asks for more years than the member has", "pairs"),
    HardRule("salary", "pays less than the member's minimum", "pairs"),
    HardRule("company", "is of the member's employer or of a company that the member blocked", "pairs"),
    HardRule("applied_or_dismissed", "is one that the member applied to or dismissed", "pairs"),
)
