"""Kernel: which words of a text a cue denies, from before them, from behind them or from both sides."""

from pipelines.wishes.clauses import Clauses
from pipelines.wishes.closers import BACK, LEADING, LINKED, Scope, around, behind, only_polite, reaching
from pipelines.wishes.words import listed, single

_ENDS = frozenset(
    "just because who i so must after since while when unless until if given due cos coz weil parce porque".split()
)
_ALL = frozenset(
    {"any", "anything", "every", "everything", "all", "anywhere", "whichever", "whatever", "everywhere", "wherever"}
)
_AMONG_NAMES = LINKED | {"the", "in"}
_BUT_MOST = 6
_QUOTES = frozenset('"“”„«»')
_PRONOUNS_MOST = 4
_NAMES_MOST = 4


def scopes_of(text: Clauses) -> tuple[list[Scope], set[int]]:
    """What is denied, in order and apart from each other, and the words that are denied twice.

    A scope ends with its clause, and with "and" or "or" that a further cue follows.
    """
    idle = _idle(text)
    affirmed: set[int] = set()
    found: list[Scope] = []
    floor = 0
    for first, last in text.bounds:
        place = max(first, floor)
        same = listed("negation", "same").at(text.words, place)
        if same and found and found[-1].last == place and place + same < last:
            found.append(Scope(place, place + same, last, "exclude", last))
            place = floor = last
        if closed := behind(text, place, last, idle) if place < last else None:
            place = _hold_behind(text, *closed, found, affirmed)
        while place < last:
            length = _cue(text, place, first)
            if (
                not length
                or not idle.isdisjoint(range(place, place + length))
                or _compound(text, place + length)
                or _named(text, place)
            ):
                place += 1
                continue
            if twice_at := _twice(text, place + length, last):
                affirmed |= set(range(place, last))
                place = max(last, twice_at)
                continue
            scope = _before(text, place, length)
            if _is_pronoun(text, scope.inner, scope.end) and scope.end > scope.inner:
                _point_back(text, found, scope)
            elif scope.last > scope.first:
                found.append(scope)
            place = floor = max(scope.last, scope.inner, place + length)
    return found, affirmed


def _hold_behind(text: Clauses, scope: Scope, twice: bool, found: list[Scope], affirmed: set[int]) -> int:
    """Keeps what a cue behind denies; the word from which on the clause is still to be read."""
    if twice:
        affirmed |= set(range(scope.first, scope.last))
        return scope.last
    if _is_pronoun(text, scope.inner, scope.end):
        _point_back(text, found, scope)
        return scope.last
    found.append(reaching(text, scope, found))
    place, last = scope.last, text.clause_of(scope.last - 1)[1]
    if text.words[place : place + 2] == ["and", "so"] and place + 3 < last:  # and so is Ubisoft
        found.append(Scope(place, place + 3, last, "exclude", last))
        return last
    return place


def _idle(text: Clauses) -> set[int]:
    """Words of idioms, which deny nothing."""
    return {place + more for place in range(len(text.words)) for more in range(_idiom(text, place))}


def _idiom(text: Clauses, place: int) -> int:
    """How many words of an idiom begin at a word, and of no longer cue: "not yet", but "not yet another"."""
    length = listed("negation", "idioms").at(text.words, place)
    cut = place + length < len(text.words) and text.gap(place + length) == "-"  # count on-site work out
    return 0 if cut or listed("negation", "cues").at(text.words, place) > length else length


def _cue(text: Clauses, place: int, first: int) -> int:
    """How many words of a cue begin at a word; orders to leave something out begin a clause or follow "please"."""
    length = max(listed("negation", name).at(text.words, place) for name in ("cues", "weary"))
    before = text.words[place - 1] if place > first else ""
    if before in single("negation", "ordering") or place == first:
        length = max(length, listed("negation", "orders").at(text.words, place))
    if text.words[place] in ("bar", "minus") and place + 1 < len(text.words) and text.is_capital(place + 1):
        length = max(length, 1 if not text.is_capital(place) else 0)
    if text.words[place] in ("bar", "minus", "besides") and _ALL & set(text.words[first:place]):
        length = max(length, 1)
    return length or _but(text, place, first)


def _but(text: Clauses, place: int, first: int) -> int:
    """Whether "but" excepts what follows, as in "anywhere in Spain but Madrid": 1 or 0."""
    start, last = text.clause_of(place)
    if text.words[place] != "but" or place != start or place != first or not place or last - place > _BUT_MOST:
        return 0
    before = text.words[slice(*text.clause_of(place - 1))]
    names = all(text.is_capital(at) or text.words[at] in _AMONG_NAMES for at in range(place + 1, last))
    return int(bool(_ALL & set(before)) and names and last > place + 1)


def _before(text: Clauses, place: int, length: int) -> Scope:
    """The scope of a cue that stands before what it denies, and perhaps around: "keep London off the list"."""
    inner = place + length
    last = text.clause_of(inner - 1)[1]
    cue = " ".join(text.words[place:inner])
    last = _listed_on(text, inner, _quoted_on(text, inner, last), cue)
    end = next((at for at in range(inner + 1, last) if _ends(text, at, cue)), max(inner, last))
    for at in range(inner, min(end, last)):
        closing = listed("negation", "closing").at(text.words, at) if cue in around() else 0
        if closing and only_polite(text, at + closing, end):
            return Scope(place, inner, end, "exclude", at)
    rest = listed("negation", "rest").at(text.words, inner) > 0
    if cue in around() or rest:
        return Scope(place, place, end if rest else place, "", place)
    return Scope(place, inner, end, cue, end)


def _quoted_on(text: Clauses, inner: int, last: int) -> int:
    """Where the clause ends, with words in quotation marks right behind: "without "manager" in the title"."""
    if (
        last == inner < len(text.words)
        and ":" in text.gap(last)
        and text.words[inner - 1] not in ("no", "not", "never")
    ):
        return text.clause_of(last)[1]
    leads = last == inner or text.words[last - 1] in single("negation", "quoting")
    if not leads or last >= len(text.words) or text.gap(last).strip() not in _QUOTES:
        return last
    end = text.clause_of(last)[1]
    goes_on = end < len(text.words) and text.gap(end).strip() in _QUOTES
    return text.clause_of(end)[1] if goes_on else end


def _listed_on(text: Clauses, inner: int, last: int, cue: str) -> int:
    """Where the clause ends, with the parts of a list of names behind commas: "except Leeds, York or Hull"."""
    if cue in ("no", "not") and text.words[inner : inner + 1] not in (["in"], ["at"], ["for"]):
        return last
    names = all(map(text.is_capital, range(last - 1, last)))
    end = sure = last
    while names and end < len(text.words) and text.gap(end).strip() == ",":
        first, end = text.clause_of(end)
        said = [at for at in range(first, end) if text.words[at] not in LINKED]
        if not said or len(said) > _NAMES_MOST or not all(map(text.is_capital, said)):
            return sure
        if any(text.words[at] in LINKED for at in range(first, end)):
            return end
        if listed("company", "known").at(text.words, first) == end - first:
            sure = end
    return sure


def _ends(text: Clauses, word: int, cue: str) -> bool:
    if text.words[word] in _ENDS:
        return True
    linked = text.words[word] in LINKED and word + 1 < len(text.words)
    return linked and (
        listed("negation", "cues").at(text.words, word + 1) > 0
        or (listed("negation", "demands").at(text.words, word + 1) > 0 and cue not in ("neither",))
    )


def _is_pronoun(text: Clauses, first: int, end: int) -> bool:
    """Whether nothing but a word for what was said before is denied."""
    said = [word for word in text.words[first:end] if word not in LEADING]
    return all(word in single("negation", "pronouns") for word in said)


def _point_back(text: Clauses, found: list[Scope], scope: Scope) -> None:
    """Lets a cue deny what the clause before names."""
    clause = text.clauses[scope.first]
    if scope.end > scope.inner + _PRONOUNS_MOST:
        return
    start = text.bounds[clause][0]
    within = scope.first - start > _PRONOUNS_MOST and text.words[scope.first - 1] in LEADING
    if not clause and not within:
        return
    first, end = (start, scope.first) if within else text.bounds[clause - 1]
    if found and found[-1].last > first:
        found[-1] = found[-1]._replace(last=scope.last, cue="exclude")
    else:
        found.append(Scope(first, first, scope.last, BACK, end))


def _twice(text: Clauses, inner: int, last: int) -> int:
    """The word behind a second cue that takes the first back, as in "don't rule out"; 0: none."""
    for at in range(inner, min(inner + 3, last)):
        if length := listed("negation", "takes_back").at(text.words, at):
            return at + length
    return 0


def _compound(text: Clauses, word: int) -> bool:
    """Whether the cue before a word is the first half of a compound, as in no-nonsense."""
    return word < len(text.words) and text.gap(word) in ("-", "’", "'") and text.words[word - 1] != "d"


def _named(text: Clauses, word: int) -> bool:
    """Whether a word that could deny stands in the middle of a name, as in Sans Frontières."""
    return word > text.clause_of(word)[0] and all(
        text.text[start:end].istitle() and end - start > 1 for start, end in text.spans[word - 1 : word + 1]
    )
