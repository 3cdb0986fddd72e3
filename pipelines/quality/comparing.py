"""Kernel: a night's profiles beside those of earlier nights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.quality.config import HistoryConfig
from schemas.suite import Comparison, Suite


@dataclass(frozen=True)
class Profiled:
    """What a frame of one night was like.

    Args:
        rows: how many it had.
        values: of `scores`, rows per bin; of vectors, their mean; of dates, days since the newest one; may be empty.
        student_id: whose night it was, where a student was known.
    """

    rows: int
    values: tuple[float, ...] = ()
    student_id: str | None = None


@dataclass(frozen=True)
class NotJudged:
    """Why a comparison has no number, and that this is no failure."""

    why: str


Earlier = Sequence[Profiled]  # one per earlier night, oldest first
Compared = float | NotJudged | None  # None: a number is missing that should be there


def compare(
    suite: Suite, tonight: Mapping[str, Profiled], earlier: Mapping[str, Earlier], history: HistoryConfig
) -> dict[str, Compared]:
    """What each comparison of the suite comes to, by the rule's name.

    Args:
        suite: of comparisons only.
        tonight: profiles by name.
        earlier: of each profile, those of earlier nights that had it.
        history: what is too little to be judged.
    """
    return {
        rule.name: MEASURES[rule.measure](tonight[rule.profile], earlier.get(rule.profile, ()), history)
        for rule in suite.rules
        if isinstance(rule, Comparison)
    }


def ratio_to_median(tonight: Profiled, earlier: Earlier, history: HistoryConfig) -> Compared:
    """Tonight's rows over the median of earlier nights' rows.

    >>> history = HistoryConfig(nights=14, min_nights=3, min_rows=2, sampled_members=1, sampled_texts=1)
    >>> ratio_to_median(Profiled(30), [Profiled(50), Profiled(60), Profiled(900)], history)
    0.5
    >>> ratio_to_median(Profiled(30), [Profiled(50)], history)
    NotJudged(why='1 of 3 earlier nights')
    """
    if len(earlier) < history.min_nights:
        return _too_few(earlier, history)
    usual = float(np.median([one.rows for one in earlier]))
    return tonight.rows / usual if usual else None


def days_since_newest(tonight: Profiled, earlier: Earlier, _: HistoryConfig) -> Compared:
    """Days from the newest date to the run date; dates that are gone since the last night are a failure."""
    if tonight.values:
        return tonight.values[0]
    return None if earlier and earlier[-1].values else NotJudged("no row has a date")


def population_stability_index(tonight: Profiled, earlier: Earlier, history: HistoryConfig) -> Compared:
    """Sum over bins of (p - q) ln(p / q): p tonight's shares, q those of the earlier nights together.

    Half a row is added to each bin, so that an empty one is no infinity. Siddiqi, Credit Risk Scorecards (2006),
    chapter 12: below 0.1 nothing has moved, above 0.25 much has.

    >>> history = HistoryConfig(nights=14, min_nights=1, min_rows=2, sampled_members=1, sampled_texts=1)
    >>> population_stability_index(Profiled(4, (2, 2)), [Profiled(8, (4, 4))], history)
    0.0
    >>> moved = population_stability_index(Profiled(9, (8, 1)), [Profiled(9, (1, 8))], history)
    >>> round(moved, 6) == round(2 * 0.7 * float(np.log(8.5 / 1.5)), 6)
    True
    """
    known = [one for one in earlier if len(one.values) == len(tonight.values)]
    if len(known) < history.min_nights:
        return _too_few(known, history)
    before = np.sum([one.values for one in known], axis=0)
    if min(tonight.rows, before.sum()) < history.min_rows:
        return NotJudged(f"fewer than {history.min_rows:,} rows")
    p, q = (_shares(np.asarray(counts)) for counts in (tonight.values, before))
    return float(np.sum((p - q) * np.log(p / q)))


def turn(tonight: Profiled, earlier: Earlier, history: HistoryConfig) -> Compared:
    """1 - cosine of tonight's mean vector and that of the last night that had the same student.

    >>> history = HistoryConfig(nights=14, min_nights=1, min_rows=2, sampled_members=1, sampled_texts=1)
    >>> round(turn(Profiled(9, (0.6, 0.8)), [Profiled(9, (0.8, 0.6))], history), 6)
    0.04
    """
    before = _last_of_student(tonight, earlier, history)
    if isinstance(before, NotJudged):
        return before
    left, right = np.asarray(tonight.values), np.asarray(before.values)
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(1 - left @ right / lengths) if lengths else None


def spread_change(tonight: Profiled, earlier: Earlier, history: HistoryConfig) -> Compared:
    """By how much the length of the mean vector differs from the last night's with the same student.

    The mean of unit vectors is as long as their mean cosine with its direction: 1 where all are one, 0 where they point
    everywhere. Mardia and Jupp, Directional Statistics (2000), section 9.2.
    """
    before = _last_of_student(tonight, earlier, history)
    if isinstance(before, NotJudged):
        return before
    return abs(float(np.linalg.norm(tonight.values) - np.linalg.norm(before.values)))


MEASURES: dict[str, Callable[[Profiled, Earlier, HistoryConfig], Compared]] = {
    measure.__name__: measure
    for measure in (ratio_to_median, days_since_newest, population_stability_index, turn, spread_change)
}


def worth_keeping(profile: Profiled, history: HistoryConfig) -> Profiled:
    """The profile without its values where too few rows made them: a mean of few is too near to each of them.

    A single value is a number of days and says nothing of anybody.
    """
    return profile if len(profile.values) <= 1 or profile.rows >= history.min_rows else replace(profile, values=())


def _too_few(known: Earlier, history: HistoryConfig) -> NotJudged:
    return NotJudged(f"{len(known)} of {history.min_nights} earlier nights")


def _last_of_student(tonight: Profiled, earlier: Earlier, history: HistoryConfig) -> Profiled | NotJudged:
    if tonight.rows < history.min_rows:
        return NotJudged(f"fewer than {history.min_rows:,} rows")
    known = [one for one in earlier if one.student_id == tonight.student_id and len(one.values) == len(tonight.values)]
    return known[-1] if known else NotJudged("no earlier night of this student")


def _shares(counts: np.ndarray) -> np.ndarray:
    shares: np.ndarray = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return shares
