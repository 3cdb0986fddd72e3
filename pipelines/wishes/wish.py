"""Kernel: what a saved search is understood as: strict criteria, a remaining wish, and what was not understood."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from pipelines.ingest.cleaning import clean
from pipelines.ingest.places import Place

Kind = Literal["place", "work_mode", "employment_type", "seniority", "salary", "language", "company", "title", "posted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PERIODS = ("hour", "day", "week", "month", "year")
_EDGE = " \t\r\n,;:.!?&+|/()-–—"  # what is left between criteria
_LINKS = frozenset({"or", "and", "but", "oder", "und", "ou", "et", "o", "y"})


class Span(NamedTuple):
    """Characters of the text, from `start` up to `end`."""

    start: int
    end: int


class Salary(NamedTuple):
    """The least that is asked for."""

    amount: float
    currency: str | None  # ISO 4217; None: not said, or a dollar sign without a country
    period: str  # one of PERIODS


Value = str | int | Place | Salary


@dataclass(frozen=True)
class Criterion:
    """One strict condition. Wanted values of a kind are alternatives; of excluded ones none may hold.

    Args:
        kind: what is asked about.
        value: a Place for place; a Salary for salary; whole days for posted; a company's key for company; folded words
            for title; ISO 639-1 for language; else one of `schemas.values`.
        excluded: whether it must not hold.
        span: the words that it came from.
    """

    kind: Kind
    value: Value
    excluded: bool
    span: Span


@dataclass(frozen=True)
class Wish:
    """A saved search. Spans of criteria, of `remaining` and of `not_understood` tile the text that was read.

    Args:
        text: what was read.
        criteria: in the order of the text; criteria of one span came from the same words.
        remaining: what is left to be found by meaning, blanks and punctuation included.
        not_understood: what looked like a condition and is not held, in the order of the text.
        language: ISO 639-1 that the text is written in; None: not sure.
        language_known: whether the student knows it; an unsure language counts as known.
        cut: whether the text went on beyond what was read.
    """

    text: str
    criteria: tuple[Criterion, ...]
    remaining: tuple[Span, ...]
    not_understood: tuple[Span, ...]
    language: str | None = None
    language_known: bool = True
    cut: bool = False

    def words(self, span: Span) -> str:
        """The text between the ends of a span."""
        return self.text[span.start : span.end]

    def remaining_text(self) -> str | None:
        """What is to be embedded; None where nothing but criteria was said."""
        parts = (self.words(span).strip(_EDGE) for span in self.remaining)
        return clean(" ".join(part for part in parts if part and part.lower() not in _LINKS), max(1, len(self.text)))


def tiled(
    text: str,
    criteria: Iterable[Criterion],
    not_understood: Iterable[Span],
    *,
    language: str | None,
    known: bool,
    cut: bool,
) -> Wish:
    """The wish in which all that no criterion and no span of `not_understood` covers remains.

    Args:
        text: what was read.
        criteria: their spans are equal or apart.
        not_understood: apart from each other and from criteria.
        language: see `Wish`.
        known: see `Wish`.
        cut: see `Wish`.
    """
    held = tuple(sorted(criteria, key=lambda one: one.span))
    reported = tuple(sorted(not_understood))
    gaps: list[Span] = []
    end = 0
    for span in sorted({one.span for one in held} | set(reported)):
        if end < span.start:
            gaps.append(Span(end, span.start))
        end = span.end
    if end < len(text):
        gaps.append(Span(end, len(text)))
    return Wish(text, held, tuple(gaps), reported, language, known, cut)
