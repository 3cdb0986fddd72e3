"""Kernel: the languages that may be asked for, where a text says so of a job or of the person."""

from collections.abc import Iterator
from functools import cache

from pipelines.ingest import vocabulary
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Value
from pipelines.wishes.words import LINKS, Phrases, listed, phrases, phrases_of, single

_LINKS = LINKS | {"plus"}
_WEAK = frozenset(
    {"in", "en", "auf", "using", "my", "use", "with", "write", "business", "everyday"}
)  # must end a clause
_STUDIED = frozenset(
    """degree major ba ma studied studying lessons interested lecturer literature experts
    specialist class classes tutor tutoring books translate learn learning""".split()
)
_TAUGHT = frozenset("teach teaching teacher teaches taught".split())
_AMBIGUOUS = frozenset({"polish", "irish", "georgian", "dari"})  # other words, or of a country
_AFTER_WEAK = frozenset("every daily at with and or where all only please not".split())
_SHORTEST = 4  # letters of a name; shorter words are codes, and words of other languages


def find_languages(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; languages in a list are one."""
    place = 0
    while place < len(reading.words):
        values, last = _list(reading, place)
        if not values:
            place += 1
            continue
        if mention := _unneeded(reading, values, place, last) or _wanted(reading, values, place, last):
            yield mention
            last = max(last, mention.last)
        place = last


def _wanted(reading: Reading, values: tuple[Value, ...], place: int, last: int) -> Mention | None:
    """The languages, where something before or behind says that they are spoken."""
    first = _led(reading, place)
    end = _followed(reading, last)
    weak = first < place and place - first == 1 and reading.words[first] in _WEAK
    ends = last == reading.clause_of(last - 1)[1] or reading.words[last] in _AFTER_WEAK
    spoken = reading.words[place] in single("language.spoken", "words")
    if not (spoken or (first < place and not weak) or end > last or (weak and ends)):
        return None
    before = reading.words[max(reading.clause_of(place)[0], first - 2) : first]
    taught = not _TAUGHT.isdisjoint(before) and not (weak and reading.words[first] == "in")
    if taught or not _STUDIED.isdisjoint(before) or (end > last and _said_of_jobs(reading, place, last)):
        return None
    if reading.words[place] in _AMBIGUOUS and end == last and not reading.is_capital(place):
        return None
    return Mention("language", values, first, end)


def _said_of_jobs(reading: Reading, place: int, last: int) -> bool:
    """Whether "only" or "native" behind belongs to something else, as in "Spanish only recently"."""
    return reading.words[last : last + 1] in (["native"], ["only"]) and last + 1 < reading.clause_of(place)[1]


def _unneeded(reading: Reading, values: tuple[Value, ...], place: int, last: int) -> Mention | None:
    """The languages, where the text says that they may not be asked for."""
    end = reading.clause_of(last - 1)[1]
    for behind in (last, last + 1):
        length = _needless().at(reading.words, behind) if behind < end else 0
        if (
            length
            and behind + length <= end
            and all(reading.words[at] in ("skills", "language") for at in range(last, behind))
        ):
            first = place
            while first > reading.clause_of(place)[0] and reading.words[first - 1] in _KNOWING:
                first -= 1
            return Mention("language", values, first, behind + length, excluded=True, settled=True)
    scope = next((one for one in reading.scopes if one.inner <= place < one.end), None)
    if scope is None or scope.inner == scope.first:
        return None
    between = single("language", "between")
    until = last
    while until < scope.end and reading.words[until] in between:
        until += 1
    if until == scope.end and all(reading.words[at] in between for at in range(scope.inner, place)):
        return Mention("language", values, scope.inner, until)
    return None


_KNOWING = frozenset("knowing speaking knowledge of fluent fluency in good perfect have having to know speak".split())


@cache
def _needless() -> Phrases:
    """All ways to say of a language before that it is not needed."""
    joined = [
        f"{' '.join(be)} {' '.join(what)}"
        for be in listed("language", "is_not").known
        for what in listed("language", "needs").known
    ]
    return phrases([*joined, *(" ".join(words) for words in listed("language", "unneeded").known)])


def _list(reading: Reading, place: int) -> tuple[tuple[Value, ...], int]:
    """The languages that stand in a row from a word on, each once, and the word behind them."""
    values: list[Value] = []
    last = place
    while (code := _code(reading, last)) is not None:
        values.append(code)
        last += 1
        if _goes_on(reading, last):
            last += 1
        elif last == len(reading.words) or reading.gap(last).strip() not in (",", "/", "&"):
            break
    return tuple(dict.fromkeys(values)), last


def _goes_on(reading: Reading, last: int) -> bool:
    """Whether "and" leads to one more language of the same list, of which nothing else is said."""
    if last + 1 >= len(reading.words) or reading.words[last] not in _LINKS or _code(reading, last + 1) is None:
        return False
    apart = reading.clauses[last] != reading.clauses[last - 1]
    return not (apart and _needless().at(reading.words, last + 2))


def _code(reading: Reading, word: int) -> str | None:
    named = reading.words[word] if word < len(reading.words) else ""
    if len(named) < _SHORTEST:
        return None
    return phrases_of("language.names").get(named) or vocabulary.language(named)


def _led(reading: Reading, place: int) -> int:
    """The first word of what says before a list that languages are spoken; the list's own where nothing does."""
    for length in (4, 3, 2, 1):
        first = place - length
        if first < 0 or (reading.clauses[first] != reading.clauses[place] and reading.gap(place).strip() != ":"):
            continue
        if tuple(reading.words[first:place]) in listed("language", "before").known:
            return first
    return place


def _followed(reading: Reading, last: int) -> int:
    """The word behind what says after a list that languages are spoken."""
    if last == len(reading.words) or reading.clauses[last] != reading.clauses[last - 1]:
        return last
    return last + listed("language", "behind").at(reading.words, last)
