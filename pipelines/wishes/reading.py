"""Kernel: a text as words and clauses, and which of them deny, permit or tell of the past."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipelines.ingest.cleaning import folded
from pipelines.wishes.wish import Kind, Span, Value
from pipelines.wishes.words import Phrases, listed, single

_TOKEN = re.compile(r"[^\W_]+")
_HARD = re.compile(r"[,;:!?\n\r()•|\"“”„«»=]|\s[-–—/]+\s|\.(?=\s)")  # ends a clause where it stands between words
_SHORT = frozenset({"sr", "jr", "st", "min", "max", "approx"})  # followed by a full stop
_BREAKS = frozenset({"but", "though", "although", "instead", "hoping", "aber", "mais", "pero"})  # begin a clause


class Mention(NamedTuple):
    """A value of a kind that the text names, not yet whether it is wanted."""

    kind: Kind
    values: tuple[Value, ...]
    first: int  # word
    last: int  # word after the last
    excluded: bool = False  # by its own words; a scope that denies can exclude it as well
    settled: bool = False  # its own words say all: no clause around it denies, permits or dates it


class Scope(NamedTuple):
    """Words that a cue denies."""

    first: int  # of the cue
    inner: int  # first word behind the cue
    last: int  # word after the last
    cue: str


@dataclass(frozen=True)
class Reading:
    """A text and its words; words are numbered from 0."""

    text: str

    @cached_property
    def spans(self) -> list[Span]:
        """Where each word stands."""
        return [Span(*match.span()) for match in _TOKEN.finditer(self.text)]

    @cached_property
    def words(self) -> list[str]:
        """Each word, folded."""
        return [folded(self.text[start:end]) for start, end in self.spans]

    @cached_property
    def clauses(self) -> list[int]:
        """The number of each word's clause."""
        clause, numbers = 0, []
        for place, span in enumerate(self.spans):
            if place:
                between = self.text[self.spans[place - 1].end : span.start]
                hard = _HARD.search(between) and not self._joined(place, between)
                if hard or self.words[place] in _BREAKS:
                    clause += 1
            numbers.append(clause)
        return numbers

    def _joined(self, place: int, between: str) -> bool:
        """Whether what stands between two words ends no clause: an abbreviation's full stop, a mark in a number."""
        before = self.words[place - 1]
        number = between in (",", ".") and before.isdecimal() and self.words[place][:1].isdecimal()
        return number or (between.strip() == "." and before in _SHORT)

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First word of each clause and the one after its last."""
        starts = [place for place, clause in enumerate(self.clauses) if not place or clause != self.clauses[place - 1]]
        return list(zip(starts, [*starts[1:], len(self.words)], strict=True))

    def clause_of(self, word: int) -> tuple[int, int]:
        """First word and the one after the last of the word's clause."""
        return self.bounds[self.clauses[word]]

    def original(self, first: int, last: int) -> str:
        """The text from a word up to another's start."""
        return self.text[self.spans[first].start : self.spans[last - 1].end] if first < last else ""

    def gap(self, word: int) -> str:
        """What stands before a word, up to the word before it."""
        return self.text[self.spans[word - 1].end if word else 0 : self.spans[word].start]

    def is_capital(self, word: int) -> bool:
        """Whether a word begins with a capital."""
        return self.text[self.spans[word].start].isupper()

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The first word that ends behind a character, and the one behind the last that begins before another."""
        return bisect_right(self.spans, start, key=lambda span: span.end), bisect_left(
            self.spans, end, key=lambda span: span.start
        )

    def has(self, phrases: Phrases, first: int, last: int) -> bool:
        """Whether any of the phrases begins at one of the words."""
        return any(phrases.at(self.words, place) for place in range(first, last))

    @cached_property
    def idle(self) -> set[int]:
        """Words of idioms, which deny nothing."""
        return {
            place + more
            for place in range(len(self.words))
            for more in range(listed("negation", "idioms").at(self.words, place))
        }

    @cached_property
    def cued(self) -> set[int]:
        """Words right behind a cue that denies them."""
        return {scope.inner for scope in self.scopes}

    @cached_property
    def scopes(self) -> list[Scope]:
        """What is denied, in order; a scope ends with its clause, and with "and" or "or" that a further cue follows."""
        found: list[Scope] = []
        place = 0
        while place < len(self.words):
            length = 0 if place in self.idle else listed("negation", "cues").at(self.words, place)
            if not length or self._compound(place + length) or self._named(place):
                place += 1
                continue
            inner, end = place + length, self.clause_of(place + length - 1)[1]
            last = next((at for at in range(inner + 1, end) if self._ends_scope(at)), max(inner, end))
            found.append(Scope(place, inner, last, " ".join(self.words[place:inner])))
            place = max(last, inner)
        return found

    def _compound(self, word: int) -> bool:
        """Whether the cue before a word is the first half of a compound, as in no-nonsense."""
        return word < len(self.words) and self.gap(word) in ("-", "’", "'")

    def _named(self, word: int) -> bool:
        """Whether a word that could deny stands in the middle of a name, as in Sans Frontières."""
        return word > self.clause_of(word)[0] and all(
            self.text[start:end].istitle() and end - start > 1 for start, end in self.spans[word - 1 : word + 1]
        )

    def _ends_scope(self, word: int) -> bool:
        return self.words[word] in ("just", "because", "who", "i", "so", "must") or (
            self.words[word] in ("and", "or", "und", "et", "y")
            and word + 1 < len(self.words)
            and listed("negation", "cues").at(self.words, word + 1) > 0
        )

    def permitted(self, word: int) -> bool:
        """Whether a word's clause, or the one behind it that says nothing else, calls it fine."""
        clause = self.clauses[word]
        return self._fine[clause] or (
            clause + 1 < len(self.bounds) and self._short(clause + 1) and self._fine[clause + 1]
        )

    @cached_property
    def _fine(self) -> list[bool]:
        said, ends = listed("negation", "permissions"), single("negation", "fine")
        return [self.has(said, first, last) or self.words[last - 1] in ends for first, last in self.bounds]

    def _short(self, clause: int) -> bool:
        first, last = self.bounds[clause]
        return last - first <= 4  # I don't mind

    def refused(self, word: int) -> bool:
        """Whether the clause behind a word's says no to it: "internships: no thanks"."""
        following = self.clauses[word] + 1
        return (
            following < len(self.bounds)
            and listed("negation", "refusals").at(self.words, self.bounds[following][0]) > 0
        )

    def past(self, word: int) -> bool:
        """Whether a word's clause tells of what was."""
        return self._was[self.clauses[word]]

    @cached_property
    def _was(self) -> list[bool]:
        past = single("negation", "past")
        return [not past.isdisjoint(self.words[first:last]) for first, last in self.bounds]

    @cached_property
    def denied(self) -> set[int]:
        """Words behind a cue that denies them."""
        return {at for scope in self.scopes for at in range(scope.inner, scope.last)}
