"""Kernel: how many pairs of member and posting each hard rule takes away, in the order of the rules.

Rules between a cohort and a cell are counted for everybody: members of the cohort times postings of the cell. Rules
between one member and one posting are counted on a sample of members, and their share is taken of what is left.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.eligibility import Cohort, MemberTerms, cell_rules, eligible_cells, pair_rules
from pipelines.retrieval.groups import ranges, tiles
from pipelines.retrieval.shards import Index
from schemas.rules import HARD_RULES

_ROWS = 1 << 18  # postings held against a member at once


@dataclass(frozen=True)
class Counted:
    """What a rule took from some members, after the rules before it."""

    rule: str
    before: int  # pairs that the rules before had left
    removed: int
    without: int  # members who have no posting left


@dataclass(frozen=True)
class Step:
    """What a rule took from everybody."""

    counted: Counted
    members: int  # on whom it was counted


def count_cell_rules(
    cohorts: Sequence[Cohort], members: Sequence[int], index: Index, unknown_excludes: Collection[str] = ()
) -> list[Counted]:
    """The partitioning rules, in order, over all members of some cohorts.

    Args:
        cohorts: any.
        members: how many each of them has.
        index: the postings.
        unknown_excludes: rules that an unknown value of the posting fails.
    """
    total = [Counted(rule.name, 0, 0, 0) for rule in HARD_RULES if rule.decided == "cells"]
    rows = index.open_in_cells()
    for cohort, size in zip(cohorts, members, strict=True):
        left = np.ones(len(rows), dtype=np.bool_)
        before = int(rows.sum())
        for place, (name, passes) in enumerate(cell_rules(cohort, index.cells, unknown_excludes)):
            left &= passes
            after = int(rows[left].sum())
            one = Counted(name, size * before, size * (before - after), size * (after == 0))
            total[place] = added(total[place], one)
            before = after
    return total


def count_pair_rules(
    members: MemberTerms,
    cohorts: Sequence[Cohort],
    cohort: npt.NDArray[np.int64],
    index: Index,
    unknown_excludes: Collection[str] = (),
) -> list[Counted]:
    """The rules between one and one, in order, for each of some members past all postings that their cohort may take.

    Args:
        members: what they ask of single postings.
        cohorts: the members' cohorts.
        cohort: of each member, a position in `cohorts`; [n_members].
        index: the postings.
        unknown_excludes: rules that an unknown value of the posting fails.
    """
    rules = [rule.name for rule in HARD_RULES if rule.decided == "pairs"]
    left = np.zeros((len(cohort), len(rules) + 1), dtype=np.int64)  # pairs, at first and after each rule
    for which, wishes in enumerate(cohorts):
        together = np.flatnonzero(cohort == which)
        runs = ranges(eligible_cells(wishes, index.cells, unknown_excludes), index.cells.stop)
        for tile in tiles(runs, _ROWS):
            rows = np.concatenate([np.arange(*run, dtype=np.int64) for run in tile])
            rows = rows[index.alive(rows)]
            terms = index.terms(rows)
            left[together, 0] += len(rows)
            for member in together.tolist():
                kept = np.ones(len(rows), dtype=np.bool_)
                who = np.full(len(rows), member)
                for place, (_, passes) in enumerate(pair_rules(members, who, terms, unknown_excludes), start=1):
                    kept &= passes
                    left[member, place] += np.count_nonzero(kept)
    pairs, without = left.sum(axis=0), (left == 0).sum(axis=0)
    return [
        Counted(name, int(pairs[place]), int(pairs[place] - pairs[place + 1]), int(without[place + 1]))
        for place, name in enumerate(rules)
    ]


def added(one: Counted, other: Counted) -> Counted:
    """What the rule took from the members of both."""
    return Counted(one.rule, one.before + other.before, one.removed + other.removed, one.without + other.without)


def funnel(everybody: Iterable[Counted], sample: Iterable[Counted], *, members: int, sampled: int) -> list[Step]:
    """Each rule in order, over everybody; where all are in the sample, every number is exact.

    Args:
        everybody: the partitioning rules, counted for all members.
        sample: all rules, counted for the sampled members.
        members: how many there are.
        sampled: how many of them are in the sample.
    """
    exact, drawn = ({one.rule: one for one in counted} for counted in (everybody, sample))
    steps = list[Step]()
    pairs, without, without_drawn = 0, 0, 0
    for rule in HARD_RULES:
        seen = drawn.get(rule.name, Counted(rule.name, 0, 0, 0))
        if rule.decided == "cells":
            one, counted_on = exact[rule.name], members
        else:
            lost = _share(seen.without - without_drawn, sampled - without_drawn, members - without)
            removed = _share(seen.removed, seen.before, pairs)
            one, counted_on = Counted(rule.name, pairs, removed, without + lost), sampled
        steps.append(Step(one, counted_on))
        pairs, without, without_drawn = one.before - one.removed, one.without, seen.without
    return steps


def _share(part: int, whole: int, of: int) -> int:
    """So much of a number as the part is of the whole, in whole numbers.

    >>> _share(1, 3, 3), _share(1, 3, 200), _share(0, 0, 5)
    (1, 67, 0)
    """
    return (2 * of * part + whole) // (2 * whole) if whole else 0
