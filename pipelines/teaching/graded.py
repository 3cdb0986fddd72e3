"""Kernel: pairs that people have graded, and the same pairs as a teacher grades them."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.teaching.agreement import Side, grades_of
from pipelines.teaching.scoring import Outcome
from pipelines.teaching.teacher import GRADES, Pair, Teacher
from schemas.errors import ConfigError, QualityGateError, listed

_FIELDS = ("left", "right", "grade")


class Graded(NamedTuple):
    """Pairs, and how somebody grades them."""

    grader: str
    pairs: list[Pair]
    side: Side


class Comparison(NamedTuple):
    """A teacher and another grader of the same pairs.

    Args:
        other: the other grader's name.
        left: the teacher's side.
        right: the other's.
    """

    teacher: Teacher
    other: str
    pairs: list[Pair]
    left: Side
    right: Side

    @property
    def name(self) -> str:
        """The teacher's."""
        return self.teacher.teacher_id


def read_graded_pairs(path: Path) -> tuple[list[Pair], Side]:
    """The pairs of a file, with people's grades.

    Args:
        path: CSV with a header, or JSON lines (`.jsonl`): left (a member's text), right (a posting's), grade (0 to 4).

    Raises:
        ConfigError: there is no such file, or a line is not like this; all are listed, by number.
    """
    try:
        text = path.read_text(encoding="utf-8")
        rows = list(_json_rows(text) if path.suffix == ".jsonl" else csv.DictReader(text.splitlines(keepends=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"no graded pairs can be read from {path}: {error}") from None
    wrong = [
        f"pair {number}: {problem}"
        for number, row in enumerate(rows, start=1)
        if (problem := _problem(row)) is not None
    ]
    if wrong or not rows:
        raise ConfigError(listed(f"{path} is no file of left, right, grade:", wrong or ["it holds no pair"]))
    grades = [int(str(row["grade"])) for row in rows]
    pairs = [Pair(str(row["left"]), str(row["right"])) for row in rows]
    return pairs, Side(grades, [grade / max(GRADES) for grade in grades])


def side_of(scores: Sequence[float], grades: Sequence[int | None], bounds: Sequence[float]) -> Side:
    """A grader's side; where there are scores alone, `bounds` turn them into grades.

    >>> side_of([0.9, 0.3], [None, 2], [0.25, 0.4, 0.55, 0.7])
    Side(grades=[4, 2], scores=[0.9, 0.3])
    """
    binned = grades_of(scores, bounds)
    return Side([one if one is not None else two for one, two in zip(grades, binned, strict=True)], list(scores))


def compared(teacher: Teacher, graded: Graded, outcomes: Sequence[Outcome], bounds: Sequence[float]) -> Comparison:
    """The teacher beside the other grader, on the pairs that it has scored.

    Raises:
        QualityGateError: it has scored none.
    """
    places = [place for place, one in enumerate(outcomes) if one.score is not None]
    if not places:
        raise QualityGateError(f"teacher {teacher.teacher_id} has scored none of {len(outcomes)} pairs")
    scores = [score for one in outcomes if (score := one.score) is not None]
    left = side_of(scores, [outcomes[place].grade for place in places], bounds)
    right = Side([graded.side.grades[place] for place in places], [graded.side.scores[place] for place in places])
    return Comparison(teacher, graded.grader, [graded.pairs[place] for place in places], left, right)


def _json_rows(text: str) -> Iterator[Mapping[str, object]]:
    for line in filter(str.strip, text.splitlines()):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        yield row if isinstance(row, dict) else {}


def _problem(row: Mapping[str, object]) -> str | None:
    missing = [name for name in _FIELDS if not str(row.get(name) if row.get(name) is not None else "").strip()]
    if missing:
        return f"no {', '.join(missing)}"
    return None if str(row["grade"]).strip() in map(str, GRADES) else "the grade is not 0, 1, 2, 3 or 4"
