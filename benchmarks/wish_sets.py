"""Hand-written wishes: what is strict in them, and which occupations answer them.

`wishes/criteria.jsonl` labels a criterion as kind and value, "not" before one that is excluded. A place is country,
region and town between slashes, other spellings behind a bar; a salary is amount, currency ("?": not said) and
period. `reported` words must be among what is not understood; `trap` marks wishes in which less is strict than it
seems. Lines 1, 3, 5 ... of this file and of `wishes/occupations.jsonl` are for development, and so is
`wishes/more.jsonl`, written after a first parser; the other lines are held out. `wishes/unseen.jsonl` was written
later. `others`, `strangers` and `newcomers` are each by another hand that had seen neither parser nor wishes. What a
set showed when it was first read was then repaired, so only `newcomers`, the last, is still unseen.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.ingest.places import Place
from pipelines.wishes.wish import Criterion, Salary, Wish

FOLDER = Path(__file__).parent / "wishes"
DEVELOPMENT, HELD_OUT = "development", "held out"
FILES = {name: f"{name}.jsonl" for name in ("unseen", "others", "strangers", "newcomers")}
HALVES = {DEVELOPMENT: 0, HELD_OUT: 1}


@dataclass(frozen=True)
class Label:
    """One criterion as a person reads it."""

    kind: str
    value: str
    excluded: bool

    def meets(self, criterion: Criterion) -> bool:
        """Whether a criterion says the same."""
        same = (self.kind, self.excluded) == (criterion.kind, criterion.excluded)
        return same and _equal(self.value, criterion.value)


@dataclass(frozen=True)
class Labelled:
    """A wish, its criteria, words that must be called not understood, and whether it is a trap."""

    text: str
    labels: tuple[Label, ...]
    reported: tuple[str, ...]
    trap: bool


@dataclass(frozen=True)
class Count:
    """Criteria of one kind: found and labelled, found only, labelled only."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what is found that is labelled; 1 where nothing is found."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of what is labelled that is found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def labelled(half: str) -> list[Labelled]:
    """The wishes with criteria of one half, or of a file of their own."""
    return [
        Labelled(
            row["text"],
            tuple(_label(said) for said in row["criteria"]),
            tuple(row.get("reported", ())),
            row.get("trap", False),
        )
        for row in _criteria_rows(half)
    ]


def answered(half: str) -> dict[str, tuple[str, ...]]:
    """Wish -> occupations that answer it, of one half."""
    return {row["text"]: tuple(row["occupations"]) for row in _half("occupations.jsonl", half)}


def counted(wishes: Sequence[Labelled], read: Sequence[Wish]) -> dict[str, Count]:
    """Kind, or "not" and kind -> how many were found and missed."""
    tallies: dict[str, list[int]] = {}
    for one, wish in zip(wishes, read, strict=True):
        for label in one.labels:
            met = any(label.meets(criterion) for criterion in wish.criteria)
            tallies.setdefault(_name(label), [0, 0, 0])[0 if met else 2] += 1
        for criterion in wish.criteria:
            if not any(label.meets(criterion) for label in one.labels):
                tallies.setdefault(_name(criterion), [0, 0, 0])[1] += 1
    return {name: Count(*tally) for name, tally in sorted(tallies.items())}


def summed(counts: Mapping[str, Count], kind: str) -> Count:
    """A kind's criteria, wanted and excluded."""
    both = [counts.get(name, Count()) for name in (kind, f"not {kind}")]
    return Count(*(sum(getattr(one, part) for one in both) for part in ("right", "false", "missed")))


def unreported(wishes: Sequence[Labelled], read: Sequence[Wish]) -> list[tuple[str, str]]:
    """Wish and words that should be among what was not understood, and are not."""
    return [
        (one.text, words)
        for one, wish in zip(wishes, read, strict=True)
        for words in one.reported
        if not any(words in wish.words(span) for span in wish.not_understood)
    ]


def wrong(wishes: Sequence[Labelled], read: Sequence[Wish]) -> list[str]:
    """A line for each wish that is read otherwise than labelled."""
    lines = []
    for one, wish in zip(wishes, read, strict=True):
        missed = [label for label in one.labels if not any(label.meets(found) for found in wish.criteria)]
        false = [found for found in wish.criteria if not any(label.meets(found) for label in one.labels)]
        if missed or false:
            told = [f"missed {_name(label)} {label.value}" for label in missed]
            told += [f"false {_name(found)} {found.value}" for found in false]
            lines.append(f"{one.text} -> {'; '.join(told)}")
    return lines


def _name(one: Label | Criterion) -> str:
    return f"{'not ' if one.excluded else ''}{one.kind}"


def _label(said: str) -> Label:
    excluded = said.startswith("not ")
    kind, _, value = said.removeprefix("not ").partition(" ")
    if kind == "company":
        value = "|".join(company_key(name) or name for name in value.split("|"))
    if kind == "title":
        value = "|".join(map(folded, value.split("|")))
    return Label(kind, value, excluded)


def _equal(label: str, value: object) -> bool:
    if isinstance(value, Place):
        country, region, city = ([*label.split("/"), "", ""])[:3]
        if country != value.country or bool(city) != bool(value.city):
            return False
        regions = not region or folded(value.region or "") in map(folded, region.split("|"))
        return regions and (not city or folded(value.city or "") in map(folded, city.split("|")))
    if isinstance(value, Salary):
        amount, currency, period = label.split()
        return (float(amount), None if currency == "?" else currency, period) == value
    return str(value) in label.split("|")


def _criteria_rows(half: str) -> list[dict[str, Any]]:
    if half in FILES:
        return _lines(FILES[half])
    return _half("criteria.jsonl", half) + (_lines("more.jsonl") if half == DEVELOPMENT else [])


def _half(name: str, half: str) -> list[dict[str, Any]]:
    return _lines(name)[HALVES[half] :: len(HALVES)]


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
