"""Kernel: the languages that may be asked for, where a text says so of a job or of the person."""

from collections.abc import Iterator

from pipelines.ingest import vocabulary
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Value
from pipelines.wishes.words import LINKS, listed

_LINKS = LINKS | {"plus"}
_WEAK = frozenset({"in", "en", "auf", "using", "my"})  # these lead to much else: what stands behind must end the clause
_STUDIED = frozenset(
    """degree major ba ma studied studying teach teaching teacher lessons interested lecturer literature experts
    specialist class classes tutor tutoring books translate learn learning""".split()
)
_SHORTEST = 4  # letters of a name; shorter words are codes, and words of other languages


def find_languages(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; languages in a list are one."""
    place = 0
    while place < len(reading.words):
        values, last = _list(reading, place)
        if not values:
            place += 1
            continue
        unneeded = listed("language", "unneeded").at(reading.words, last)
        if unneeded and reading.clauses[last] == reading.clauses[place]:
            yield Mention("language", tuple(dict.fromkeys(values)), place, last + unneeded, excluded=True, settled=True)
            place = last + unneeded
            continue
        first = _led(reading, place)
        end = _followed(reading, last)
        weak = first < place and reading.words[first] in _WEAK and place - first == 1
        ends = last == reading.clause_of(last - 1)[1]
        strong = (first < place and not weak) or end > last or (weak and ends)
        if strong and _STUDIED.isdisjoint(reading.words[max(reading.clause_of(place)[0], first - 2) : first]):
            yield Mention("language", tuple(dict.fromkeys(values)), first, end)
        place = last


def _list(reading: Reading, place: int) -> tuple[list[Value], int]:
    """The languages that stand in a row from a word on, and the word behind them."""
    values: list[Value] = []
    last = place
    while (code := _code(reading, last)) is not None:
        values.append(code)
        last += 1
        linked = (
            last + 1 < len(reading.words) and reading.words[last] in _LINKS and _code(reading, last + 1) is not None
        )
        listed = (
            last < len(reading.words)
            and reading.gap(last).strip() in (",", "/", "&")
            and _code(reading, last) is not None
        )
        if linked:
            last += 1
        elif not listed:
            break
    return values, last


def _code(reading: Reading, word: int) -> str | None:
    named = reading.words[word] if word < len(reading.words) else ""
    return vocabulary.language(named) if len(named) >= _SHORTEST else None


def _led(reading: Reading, place: int) -> int:
    """The first word of what says before a list that languages are spoken; the list's own where nothing does."""
    for length in (listed("language", "needing").longest, 2, 1):
        first = place - length
        if first < 0 or (reading.clauses[first] != reading.clauses[place] and reading.gap(place).strip() != ":"):
            continue
        words = tuple(reading.words[first:place])
        if any(words in listed("language", name).known for name in ("before", "needing")):
            return first
    return place


def _followed(reading: Reading, last: int) -> int:
    """The word behind what says after a list that languages are spoken."""
    if last == len(reading.words) or reading.clauses[last] != reading.clauses[last - 1]:
        return last
    return last + listed("language", "behind").at(reading.words, last)
