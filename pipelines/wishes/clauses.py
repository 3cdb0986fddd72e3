"""Kernel: a text as words and clauses."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from pipelines.ingest.cleaning import folded
from pipelines.wishes.wish import Span
from pipelines.wishes.words import Phrases

_TOKEN = re.compile(r"[^\W_]+")
_HARD = re.compile(r"[,;:!?\n\r()•|\"“”„«»=]|\s[-–—/]+\s|\.(?=\s)|—")  # ends a clause where it stands between words
_STOP = re.compile(r"[;:!?\n\r•|]|\.(?=\s)")  # ends a sentence
_SHORT = frozenset({"sr", "jr", "st", "min", "max", "approx"})  # followed by a full stop
_BREAKS = frozenset(
    {"but", "though", "although", "instead", "hoping", "yet", "however", "aber", "sondern", "mais", "pero", "sino"}
)  # begin a clause
_BUT = frozenset("anything everything nothing all anyone anywhere nobody one none any last".split())  # "but" excepts
_NOT_SO = frozenset({"much", "many", "far", "long", "on", "is", "are", "that", "no", "not", "very", "good"})


@dataclass(frozen=True)
class Clauses:
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
                if hard or self._breaks(place) or self._so(place):
                    clause += 1
            numbers.append(clause)
        return numbers

    def _breaks(self, place: int) -> bool:
        word, following = self.words[place], self.words[place + 1 : place + 2]
        if word == "yet" and following in (["another"], ["more"], ["one"], ["again"], ["a"]):
            return False
        return word in _BREAKS and (word != "but" or self.words[place - 1] not in _BUT)

    def _so(self, place: int) -> bool:
        """Whether "so" begins a clause, as in "I stammer so no phones"."""
        if self.words[place] != "so" or place + 1 == len(self.words):
            return False
        following = self.words[place + 1]
        return self.words[place - 1] not in ("and", "or", "not") and (
            following not in _NOT_SO or (following in ("no", "not") and self.words[place - 1] not in ("is", "are"))
        )

    def _joined(self, place: int, between: str) -> bool:
        """Whether what stands between two words ends no clause: an abbreviation's full stop, a mark in a number."""
        before = self.words[place - 1]
        number = between in (",", ".") and before.isdecimal() and self.words[place][:1].isdecimal()
        return number or (between.strip() == "." and before in _SHORT)

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First word of each clause and the one after its last."""
        starts = [place for place, clause in enumerate(self.clauses) if not place or clause != self.clauses[place - 1]]
        return list(zip(starts, [*starts[1:], len(self.words)][: len(starts)], strict=True))

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

    def begins_sentence(self, word: int) -> bool:
        """Whether a word is the first of its sentence, where a capital tells nothing."""
        return not word or bool(_STOP.search(self.gap(word)))

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The first word that ends behind a character, and the one behind the last that begins before another."""
        return bisect_right(self.spans, start, key=lambda span: span.end), bisect_left(
            self.spans, end, key=lambda span: span.start
        )

    def has(self, phrases: Phrases, first: int, last: int) -> bool:
        """Whether any of the phrases begins at one of the words."""
        return any(phrases.at(self.words, place) for place in range(first, last))
