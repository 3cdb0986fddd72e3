"""Kernel: a text as words and clauses, and which of them deny, permit or tell of the past."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipelines.wishes.clauses import Clauses
from pipelines.wishes.closers import Scope
from pipelines.wishes.denials import scopes_of
from pipelines.wishes.wish import Kind, Value
from pipelines.wishes.words import listed, single

_SPAN_OF_TIME = frozenset("years yrs decades ages jahre jahren ans anos annees".split())
_DURING = frozenset("at in as with of for on an a bei als chez en comme de como".split())


class Mention(NamedTuple):
    """A value of a kind that the text names, not yet whether it is wanted."""

    kind: Kind
    values: tuple[Value, ...]
    first: int  # word
    last: int  # word after the last
    excluded: bool = False  # by its own words; a scope that denies can exclude it as well
    settled: bool = False  # its own words say all: no clause around it denies, permits or dates it


@dataclass(frozen=True)
class Reading(Clauses):
    """A text, its clauses, and the stance of each."""

    @cached_property
    def scopes(self) -> list[Scope]:
        """What is denied, in order."""
        return self._scoped[0]

    @cached_property
    def affirmed(self) -> set[int]:
        """Words that two denials leave possible: "I would not rule out Leeds"."""
        return self._scoped[1]

    @cached_property
    def _scoped(self) -> tuple[list[Scope], set[int]]:
        return scopes_of(self)

    @cached_property
    def cued(self) -> set[int]:
        """Words right behind a cue that denies them, and the first of those that stand before one."""
        return {scope.inner for scope in self.scopes}

    @cached_property
    def denied(self) -> set[int]:
        """Words that a cue denies."""
        return {at for scope in self.scopes for at in range(scope.inner, scope.end)}

    def permitted(self, word: int) -> bool:
        """Whether a word's clause, or the one behind it that says nothing else, calls it fine."""
        clause = self.clauses[word]
        return self._fine[clause] or (
            clause + 1 < len(self.bounds)
            and self._short(clause + 1)
            and self._fine[clause + 1]
            and self._meant_before(clause + 1)
        )

    def _meant_before(self, clause: int) -> bool:
        """Whether a clause that permits has no subject of its own, so that it speaks of what stands before it."""
        first, last = self.bounds[clause]
        said = [at for at in range(first, last) if listed("negation", "permissions").at(self.words, at)]
        end = min(said, default=last - 1)
        return all(word in single("negation", "of_before") for word in self.words[first:end])

    @cached_property
    def _fine(self) -> list[bool]:
        said, ends = listed("negation", "permissions"), single("negation", "fine")
        return [self.has(said, first, last) or self.words[last - 1] in ends for first, last in self.bounds]

    def _short(self, clause: int) -> bool:
        first, last = self.bounds[clause]
        return last - first <= 4  # I don't mind

    def preferred(self, word: int) -> bool:
        """Whether a word is only what its author would like best: "ideally hybrid", "hybrid if possible"."""
        return word in self._preferred

    @cached_property
    def _preferred(self) -> set[int]:
        found: set[int] = set()
        for place in range(len(self.words)):
            first, last = self.clause_of(place)
            if listed("negation", "rather").at(self.words, place):
                found |= set(range(place, last))
            if length := listed("negation", "liked").at(self.words, place):
                found |= set(range(first, place + length))
        return found

    def of_kin(self, word: int) -> bool:
        """Whether a word's clause tells of somebody else: "my wife works at Nokia"."""
        return self.has(listed("negation", "kin"), self.clause_of(word)[0], word)

    def past(self, word: int) -> bool:
        """Whether a word's clause tells of what was."""
        return self._was[self.clauses[word]] or word in self._spent

    @cached_property
    def _was(self) -> list[bool]:
        past, once = single("negation", "past"), listed("negation", "once")
        return [
            not past.isdisjoint(self.words[first:last])
            or self.words[last - 1] == "before"
            or self.has(once, first, last)
            for first, last in self.bounds
        ]

    @cached_property
    def _spent(self) -> set[int]:
        """Words of a clause behind the years that something took: "after fifteen years at Nokia"."""
        found: set[int] = set()
        turns = single("negation", "turns")
        for place in range(1, len(self.words) - 1):
            behind = self.words[place + 1 : place + 3]
            if self.words[place] in _SPAN_OF_TIME and behind[0] in _DURING and "experience" not in behind:
                last = self.clause_of(place)[1]
                found |= set(range(place, next((at for at in range(place, last) if self.words[at] in turns), last)))
        return found
