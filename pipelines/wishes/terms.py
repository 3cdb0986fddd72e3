"""Kernel: work modes, employment types and seniorities that a text names."""

from collections.abc import Iterator
from typing import Final

from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Kind
from pipelines.wishes.words import LINKS, listed, meanings, named, phrases, single
from schemas.values import EMPLOYMENT_TYPES, SENIORITIES, WORK_MODES

VALUES: Final[dict[Kind, tuple[str, ...]]] = {
    "work_mode": tuple(WORK_MODES),
    "employment_type": tuple(EMPLOYMENT_TYPES),
    "seniority": tuple(SENIORITIES),
}
_DAYS = frozenset({"day", "days", "tage", "jours", "dias"})
_SETTLED = phrases(
    ["no experience", "no prior experience", "no previous experience", "no work experience", "zero experience",
     "without experience", "without any experience", "experience not", "sin experiencia", "ohne erfahrung",
     "ohne berufserfahrung", "keine erfahrung", "sans experience", "aucune experience", "without leaving"]
)  # fmt: skip
_AT_TIMES = frozenset(
    {"rest", "otherwise", "sometimes", "occasionally", "once", "twice", "partly", "remainder", "half"}
)
_STAGE_BEFORE = frozenset("un de mon cherche recherche son en d stages offre".split())
_STAGE_BEHIND = frozenset("en chez dans de a pour d au".split())
_LASTS = frozenset({"month", "months", "week", "weeks", "year", "temporary", "rolling"})
_ARTICLES = frozenset({"a", "an", "the", "my", "un", "une", "ein", "eine", "einen", "next"})
_OWN_REACH = 3
_OF_GRADUATES = 5


def find_terms(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text, none within another."""
    place = 0
    while place < len(reading.words):
        mention = next((found for kind in VALUES if (found := _term(reading, kind, place))), None)
        mention = mention or _permanent(reading, place)
        if mention:
            yield mention
        place = mention.last if mention else place + 1


def _term(reading: Reading, kind: Kind, place: int) -> Mention | None:
    length = named(kind, VALUES[kind]).at(reading.words, place)
    if not length:
        return _leading(reading, place) if kind == "seniority" else None
    last = place + length
    start, end = reading.clause_of(place)
    if last > end:
        return None
    said = tuple(reading.words[place:last])
    value = meanings(kind, VALUES[kind])[said]
    behind = reading.words[last : min(last + (1 if kind == "seniority" else 2), end)]
    if _means_else(reading, kind, place, last, behind):
        return None
    if kind == "work_mode" and _is_elsewhere(reading, value, said, start, place, behind):
        return None
    if said == ("ft",) and last != end:
        return None
    if said in (("apprentice",), ("intern",)) and not _is_post(reading, place, last, start, end):
        return None
    if kind == "employment_type" and " ".join(said) in _with_job_words() and not _with_job(reading, place, last, end):
        return None
    if kind == "seniority" and _is_other(reading, value, said, place, last):
        return None
    return Mention(kind, (value,), place, last, settled=bool(_SETTLED.at(reading.words, place)))


def _is_post(reading: Reading, place: int, last: int, start: int, end: int) -> bool:
    """Whether an apprentice or intern is what the author would be, and nobody to be taught."""
    before = reading.words[place - 1] if place > start else ""
    if reading.words[place] == "intern":
        return last == end or reading.words[last] in single("jobs", "words")
    return before in ("", "an", "as", "year")


def _leading(reading: Reading, place: int) -> Mention | None:
    """Lead before a trade, where a job or a denial stands around: "lead engineer openings"."""
    end = reading.clause_of(place)[1]
    alone = reading.words[place : place + 1] == ["lead"] and place in reading.denied and place + 1 == end
    if alone:
        return Mention("seniority", ("lead",), place, place + 1)
    if reading.words[place] in ("graduate", "grad") and _is_graduates(reading, place, end):
        return Mention("seniority", ("entry",), place, place + 1)
    if reading.words[place] != "lead" or not single("seniority", "led") & set(
        reading.words[place + 1 : min(place + 3, end)]
    ):
        return None
    jobs = single("jobs", "strict") & set(reading.words[place + 2 : min(place + 5, end)])
    meant = jobs or place in reading.denied or reading.words[max(place - 2, 0) : place] in (["as", "a"], ["as", "the"])
    return Mention("seniority", ("lead",), place, place + 1) if meant else None


def _is_graduates(reading: Reading, place: int, end: int) -> bool:
    """Whether a job is for graduates, and "graduate" not what its author is: "graduate civil engineer roles"."""
    behind = reading.words[place + 1 : min(place + _OF_GRADUATES, end)]
    before = reading.words[max(place - 3, 0) : place]
    at = next((at for at, word in enumerate(behind) if word in single("jobs", "strict")), 0)
    personal = {"am", "m", "as", "recent", "new", "school", "college"} | single("seniority", "own")
    return (
        at > 0
        and personal.isdisjoint(before)
        and single("place", "sentence").isdisjoint(behind[:at])
        and ({"seeking", "looking", "seeks", "with"}.isdisjoint(behind[:at]))
    )


def _with_job_words() -> frozenset[str]:
    return frozenset(" ".join(words) for words in listed("employment_type", "with_job").known)


def _means_else(reading: Reading, kind: Kind, place: int, last: int, behind: list[str]) -> bool:
    """Whether the word behind gives another meaning: remote sensing, contract law."""
    if last - place > 1 and kind != "employment_type":
        return False
    table = reading.words[place] if reading.words[place] == "hybrid" else kind
    return not single("not_before", table).isdisjoint(behind)


def _is_elsewhere(
    reading: Reading, value: str, said: tuple[str, ...], start: int, place: int, behind: list[str]
) -> bool:
    """Whether only some days are meant, or how far something is from home."""
    before = reading.words[max(place - 2, start) : place]
    if value == "onsite" and not _AT_TIMES.isdisjoint(before):
        return True
    if not _DAYS.isdisjoint(before + behind) and not {"every", "each", "all", "jeden"} & set(behind):
        return True
    return value == "remote" and said[0] == "from" and not single("work_mode", "distance").isdisjoint(before)


def _is_other(reading: Reading, value: str, said: tuple[str, ...], place: int, last: int) -> bool:
    """Whether a level is the author's own, now or once, or somebody else's."""
    start, end = reading.clause_of(place)
    before = reading.words[max(place - _OWN_REACH, start) : place]
    if before[-2:] in (
        ["not", "too"],
        ["nothing", "too"],
        ["not", "so"],
        ["not", "that"],
        ["nicht", "zu"],
        ["pas", "trop"],
    ):
        return True
    own = single("seniority", "own")
    if not own.isdisjoint(before) and place not in reading.denied and value != "entry":
        return True
    if value != "executive":
        return False
    led = before[-1:] in (["to"], ["for"]) or before[-2:-1] in (["to"], ["for"])
    if led and before[-1] in ("to", "for", "a", "the", "our", "your"):
        return True
    if said[0] in ("director", "directors", "directeur", "directrice"):
        craft = before[-1:] and before[-1] in single("seniority", "crafts")
        of_craft = said[-1] == "of" or reading.words[last : last + 1] == ["of"]
        named_craft = reading.words[last : last + 2]
        serves = reading.words[last : last + 1] in (["s"], ["assistant"], ["secretary"])
        return bool(craft) or serves or (of_craft and not single("seniority", "of_crafts").isdisjoint(named_craft))
    if before[-1:] and before[-1] in ("deputy", "assistant", "the", "to"):
        return said[0] == "head"
    return said[0] == "head" and reading.words[last : min(last + 1, end)] in (["household"], ["lettuce"], ["cattle"])


def _with_job(reading: Reading, first: int, last: int, end: int) -> bool:
    """Whether what stands around says that a kind of employment is meant and no kind of work."""
    before = reading.words[first - 1] if first else ""
    if reading.words[first] in ("stage", "stages"):
        return before in _STAGE_BEFORE or (last < end and reading.words[last] in _STAGE_BEHIND)
    if before in _LASTS or before in ("cherche", "recherche", "contract"):
        return True
    if last == end:
        return reading.words[first] != "contracts" or first in reading.denied or first == reading.clause_of(first)[0]
    following = reading.words[last]
    jobs = single("jobs", "words") | {"only", "please", "pls", "basis", "rather", "staff"}
    if following in jobs or following in single("employment_type", "with_job"):
        return True
    if following in ("via", "through", "outside"):
        return True
    if following in ("of", "for", "lasting") and not _LASTS.isdisjoint(reading.words[last : min(last + 5, end)]):
        return True
    if following in LINKS and last + 1 < end:
        return any(
            phrases.at(reading.words, last + 1)
            for phrases in (
                named("employment_type", VALUES["employment_type"]),
                listed("employment_type", "permanent"),
            )
        )
    linked = before in LINKS and first >= 2 and reading.words[first - 2] in single("employment_type", "with_job")
    return linked or not (single("jobs", "strict") | {"work"}).isdisjoint(reading.words[last : min(last + 3, end)])


def _permanent(reading: Reading, place: int) -> Mention | None:
    """Permanent is neither contract nor temporary; whether full or part time, it does not say."""
    length = listed("employment_type", "permanent").at(reading.words, place)
    either = ("or", "oder", "ou", "o")
    last = place + length
    if (
        not length
        or reading.words[place - 1 : place] in ([one] for one in either)
        or reading.words[last : last + 1] in ([one] for one in either)
    ):
        return None
    end = reading.clause_of(place)[1]
    following = reading.words[last] if last < end else ""
    meant = last >= end or following in single("jobs", "words") | LINKS | single("employment_type", "behind_permanent")
    return Mention("employment_type", ("contract", "temporary"), place, last, excluded=True) if meant else None
