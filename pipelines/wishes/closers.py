"""Kernel: what a cue denies that stands behind it: "Leeds is out", "crypto excluded"."""

from functools import cache
from typing import Final, NamedTuple

from pipelines.wishes.clauses import Clauses
from pipelines.wishes.words import Phrases, listed, phrases, single

BACK: Final = "back"  # the cue of a scope of which a pronoun stands in the clause behind: "so leave those out"
LINKED: Final = frozenset({"and", "or", "und", "oder", "et", "ou", "y", "o", "nor"})
LEADING: Final = LINKED | frozenset("but so also though please yet only just kindly aber mais pero still then".split())
_POLITE = frozenset(
    "please pls plz thanks thank you though too for me all together altogether entirely either bitte".split()
)
_POLITE_MOST = 4
_ELSE = frozenset({"or", "oder", "ou", "o", "otherwise", "sonst", "sinon", "sino"})  # remote or no thanks


class Scope(NamedTuple):
    """Words that a cue denies."""

    first: int  # of the cue, or of what it denies where that stands before it
    inner: int  # first word that is denied
    last: int  # word after the last
    cue: str
    end: int  # word after the last that is denied


def behind(text: Clauses, first: int, last: int, idle: set[int]) -> tuple[Scope, bool] | None:
    """The scope of a cue behind what it denies, and whether a cue before that takes it back."""
    start = first
    while start < last and text.words[start] in LEADING:
        start += 1
    if text.words[start : start + 1] and text.words[start] in around():
        return None
    for at in range(start, last):
        if at in idle or (at > start and text.words[at - 1] in _ELSE):
            continue
        length = _closers().at(text.words, at)
        bare = listed("negation", "participles").at(text.words, at)
        if bare > length and not only_polite(text, at + bare, last):
            bare = 0
        length = max(length, bare)
        if not length:
            continue
        inner = _subject(text, start, at)
        if text.words[inner:at] in (["i"], ["we"], ["i", "just"]):
            return None
        quoted = last < len(text.words) and not set(text.gap(last)).isdisjoint('"“„«')
        if at == inner and (not text.clauses[at] or quoted or at + length < last):
            return None
        twice = any(word in single("negation", "deniers") for word in text.words[inner:at])
        stop = last if bare == length else at + length
        return Scope(inner, inner, stop, " ".join(text.words[at : at + length]), at), twice
    return None


@cache
def _closers() -> Phrases:
    """All ways to say of what stands before that it is not wanted."""
    plain = [" ".join(words) for words in listed("negation", "closers").known]
    said = [
        f"{be} {what}"
        for be in (" ".join(words) for words in listed("negation", "is_not").known)
        for what in (" ".join(words) for words in listed("negation", "acceptable").known)
    ]
    return phrases(plain + said)


def _subject(text: Clauses, first: int, end: int) -> int:
    """Where that of which a clause says something begins: behind its last "with", "but" or "as"."""
    return max(
        (
            at + 1
            for at in range(first, end - 1)
            if text.words[at] in ("with", "mit", "avec", "con", "as", "provided", "that")
        ),
        default=first,
    )


def reaching(text: Clauses, scope: Scope, found: list[Scope]) -> Scope:
    """The scope with the parts of a list that commas set apart: "Uber, Bolt and Lyft are out"."""
    clause = text.clauses[scope.inner]
    floor = found[-1].last if found else 0
    first = scope.first
    if not set(text.words[scope.inner : scope.end]) & LINKED and text.words[max(0, scope.inner - 1)] not in LINKED:
        return scope
    while clause > 0 and text.gap(text.bounds[clause][0]).strip() == ",":
        start, last = text.bounds[clause - 1]
        alone = last - start <= 2 and all(map(text.is_capital, range(start, last)))
        if not alone or start < floor or (start == 0 and not text.is_capital(last)):
            break
        first, clause = start, clause - 1
    return scope._replace(first=first, inner=first)


def only_polite(text: Clauses, first: int, last: int) -> bool:
    """Whether nothing but "please" and the like stands there."""
    return last - first <= _POLITE_MOST and all(word in _POLITE for word in text.words[first:last])


@cache
def around() -> frozenset[str]:
    """Cues that stand around what they deny: keep ... off the list."""
    return frozenset(" ".join(words) for words in listed("negation", "around").known)
