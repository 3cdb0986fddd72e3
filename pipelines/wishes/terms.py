"""Kernel: work modes, employment types and seniorities that a text names."""

from collections.abc import Callable, Iterator

from pipelines.ingest import vocabulary
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import listed, phrases, single

_MEANINGS: dict[Kind, Callable[[str], str | None]] = {
    "work_mode": vocabulary.work_mode,
    "employment_type": vocabulary.employment_type,
    "seniority": vocabulary.seniority,
}
_LINKS = frozenset({"or", "and", "oder", "ou", "o", "und", "et", "y"})
_DAYS = frozenset({"day", "days", "tage", "jours", "dias"})
_SETTLED = phrases(["no experience", "sin experiencia", "ohne erfahrung", "sans experience"])


def find_terms(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text, none within another."""
    place = 0
    while place < len(reading.words):
        mention = next((found for kind in _MEANINGS if (found := _term(reading, kind, place))), None)
        mention = mention or _permanent(reading, place)
        if mention:
            yield mention
        place = mention.last if mention else place + 1


def _term(reading: Reading, kind: Kind, place: int) -> Mention | None:
    length = listed(kind, "phrases").at(reading.words, place)
    if not length:
        return None
    last = place + length
    words = " ".join(reading.words[place:last])
    end = reading.clause_of(place)[1]
    behind = reading.words[last : min(last + (1 if kind == "seniority" else 2), end)]
    if reading.clause_of(last - 1) != reading.clause_of(place):
        return None
    if kind == "work_mode" and not _DAYS.isdisjoint(
        reading.words[max(place - 2, reading.clause_of(place)[0]) : place] + behind
    ):
        return None  # on some days only
    if (length == 1 or kind == "employment_type") and not single(
        "not_before", words if words == "hybrid" else kind
    ).isdisjoint(behind):
        return None
    if kind == "employment_type" and words in single(kind, "with_job") and not _with_job(reading, place, last, end):
        return None
    value = _meaning(kind, reading.words[place:last])
    settled = bool(_SETTLED.at(reading.words, place))
    return Mention(kind, (value,), place, last, settled=settled) if value else None


def _meaning(kind: Kind, words: list[str]) -> str | None:
    """What the vocabulary knows of the words, or of as many of the first as it knows."""
    found = (_MEANINGS[kind](" ".join(words[:count])) for count in range(len(words), 0, -1))
    return next(filter(None, found), None)


def _with_job(reading: Reading, first: int, last: int, end: int) -> bool:
    """Whether what stands around says that a kind of employment is meant and no kind of work."""
    if last == end:
        return True
    following = reading.words[last]
    jobs = single("jobs", "words") | {"only", "please", "pls", "basis"}
    if following in jobs or following in single("employment_type", "with_job"):
        return True
    if following in _LINKS and last + 1 < end:
        return any(listed("employment_type", name).at(reading.words, last + 1) for name in ("phrases", "permanent"))
    before = reading.words[first - 1] if first else ""
    if before in ("month", "months", "week", "weeks", "temporary"):
        return True
    linked = before in _LINKS and first >= 2 and reading.words[first - 2] in single("employment_type", "with_job")
    return linked or not single("jobs", "strict").isdisjoint(reading.words[last : min(last + 3, end)])


def _permanent(reading: Reading, place: int) -> Mention | None:
    """Permanent is neither contract nor temporary; whether full or part time, it does not say."""
    length = listed("employment_type", "permanent").at(reading.words, place)
    if not length:
        return None
    last = place + length
    end = reading.clause_of(place)[1]
    following = reading.words[last] if last < end else ""
    meant = last == end or following in single("jobs", "words") | _LINKS | {
        "only",
        "de",
        "als",
        "como",
        "full",
        "part",
        "a",
        "en",
        "in",
        "pls",
    }
    return Mention("employment_type", ("contract", "temporary"), place, last, excluded=True) if meant else None
