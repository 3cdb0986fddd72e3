"""Kernel: what words that a text denies exclude: mentions of one kind, words of titles, companies, or nothing."""

from collections.abc import Iterator
from typing import NamedTuple

from pipelines.ingest import vocabulary
from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.ingest.gazetteer import skills_named
from pipelines.ingest.places import Place
from pipelines.wishes.closers import BACK, Scope
from pipelines.wishes.names import known_company
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.towns import gazetteer
from pipelines.wishes.words import LINKS, listed, phrases_of, single

_WORDS_OF_TITLE = 3
_LINKS = LINKS | {"nor", "ni"}
_CLIENTS = frozenset({"firms", "clients", "agencies", "customers"})
_GERMAN = frozenset(
    """kein keine keinen keinem keiner nicht ohne ausser alles nichts nie danke infrage frage bitte ich
    ausgeschlossen aus""".split()
)
_AS_A = (["as", "a"], ["as", "an"], ["als"], ["comme"], ["como"])
_IN = (["in"], ["in", "the"])


class Held(NamedTuple):
    """Words that are a criterion each, or, without values, not understood."""

    mention: Mention
    first: int
    last: int
    excluded: bool


class _Part(NamedTuple):
    """One of the things that a scope denies, by words."""

    first: int
    last: int
    company: bool


def excluded_by(reading: Reading, scope: Scope, inside: list[Mention]) -> Iterator[Held]:
    """What a scope excludes: mentions of one kind with nothing of weight beside, else names, else nothing."""
    covered = {at for one in inside for at in range(one.first, one.last)}
    beside = [at for at in range(scope.inner, scope.end) if at not in covered and not _is_filler(reading, at)]
    kinds = {one.kind for one in inside}
    conditions = single("negation", "conditions")
    alone = not beside or (scope.cue == BACK and conditions.isdisjoint(reading.words[at] for at in beside))
    if len(kinds) == 1 and alone and all(one.values and not _narrowed(reading, one) for one in inside):
        yield from _mentions(scope, inside)
        return
    beside_names = len(kinds) == 1 and kinds <= {"company", "title"} and all(one.values for one in inside)
    if parts := _parts(reading, scope, covered if beside_names else set()) if not inside or beside_names else []:
        yield from _named(reading, scope, parts, inside)
        return
    if scope.cue == BACK:
        first = reading.clause_of(scope.last - 1)[0]
        yield Held(Mention("title", (), first, scope.last), first, scope.last, True)
    elif beside or inside:
        yield Held(Mention("title", (), scope.first, scope.last), scope.first, scope.last, True)


def _mentions(scope: Scope, inside: list[Mention]) -> Iterator[Held]:
    first = min(scope.first, inside[0].first)
    for place, one in enumerate(inside):
        last = max(scope.last, one.last) if place == len(inside) - 1 else one.last
        yield Held(one, first, last, not one.excluded)
        first = last


def _named(reading: Reading, scope: Scope, parts: list[_Part], inside: list[Mention]) -> Iterator[Held]:
    found = [(one.first, one.last, one) for one in inside]
    found += [(part.first, part.last, _as_mention(reading, part)) for part in parts]
    found.sort(key=lambda one: one[0])
    first = min(scope.first, found[0][0])
    for place, (_, last, mention) in enumerate(found):
        behind = max(scope.last, last) if place == len(found) - 1 else last
        yield Held(mention, first, behind, not mention.excluded)
        first = behind


def _as_mention(reading: Reading, part: _Part) -> Mention:
    name = " ".join(reading.words[part.first : part.last])
    if part.company:
        key = company_key(reading.original(part.first, part.last)) or name
        return Mention("company", (key,), part.first, part.last)
    return Mention("title", (name,), part.first, part.last)


def _narrowed(reading: Reading, mention: Mention) -> bool:
    """Whether only a part of a place is meant, so that to exclude it all would be too much: the south of France."""
    part = single("place", "parts").intersection(reading.words[mention.first : mention.last])
    regions = {folded(str(value.region)) for value in mention.values if isinstance(value, Place)}
    return mention.kind == "place" and any(word not in region for word in part for region in regions)


def _parts(reading: Reading, scope: Scope, covered: set[int]) -> list[_Part]:
    """Each kind of work or company that a scope denies; none where one of them is not sure."""
    spans = [(first, last) for first, last in _split(reading, scope) if not covered.intersection(range(first, last))]
    if not _CLIENTS.isdisjoint(reading.words[scope.inner : scope.end]):
        return []
    if scope.cue == BACK:
        spans = [span for span in spans if _is_field(reading, *span) or known_company(reading, *span)]
    words = reading.words
    jobs = not single("jobs", "strict").isdisjoint(words[scope.inner : scope.end])
    led = _is(scope, "opened") or any(words[scope.inner : scope.inner + len(lead)] == lead for lead in _AS_A)
    within = any(words[scope.inner : scope.inner + len(lead)] == lead for lead in _IN)
    within = within and len(spans) <= _WORDS_OF_TITLE and all(end - first < _WORDS_OF_TITLE for first, end in spans)
    behind = scope.first == scope.inner
    parts: list[_Part] = []
    for first, last in spans:
        company = not (jobs and not known_company(reading, first, last)) and _is_company(reading, scope, first, last)
        field = _is_field(reading, first, last)
        bare = not (led or jobs or within or behind)
        activity = bare and last - first == 1 and words[first] in single("negation", "activities")
        sure = company or (field and not activity) or led or jobs or within
        if not sure or not _can_be_named(reading, first, last, company=company):
            return []
        parts.append(_Part(first, last, company))
    return parts


def _split(reading: Reading, scope: Scope) -> Iterator[tuple[int, int]]:
    """First word and the one behind the last of each thing that a scope denies."""
    start = None
    for at in range(scope.inner, scope.end + 1):
        weighty = at < scope.end and reading.words[at] not in _LINKS and not _is_filler(reading, at)
        apart = start is not None and at < scope.end and reading.clauses[at] != reading.clauses[at - 1]
        if start is not None and (not weighty or apart) and not _hangs_on(reading, at, start, scope.end):
            yield start, at
            start = None
        if weighty and start is None:
            start = at


def _hangs_on(reading: Reading, at: int, start: int, end: int) -> bool:
    """Whether a short word belongs to the name around it: McDonald's, H&M, Marks and Spencer, call center work."""
    if at < end and len(reading.words[at]) == 1 and reading.gap(at) in ("'", "’", "&"):
        return True
    return at + 1 < end and reading.words[at] in ("and", "of") and known_company(reading, start, at + 2)


def _can_be_named(reading: Reading, first: int, last: int, *, company: bool) -> bool:
    words = reading.words[first:last]
    if company or _is_field(reading, first, last):
        return True
    return (
        last - first <= _WORDS_OF_TITLE
        and single("negation", "conditions").isdisjoint(words)
        and not any(word.isdecimal() for word in words)
        and " ".join(words) not in gazetteer().options
        and not any(vocabulary.language(word) for word in words if len(word) > 3)
    )


def _is_field(reading: Reading, first: int, last: int) -> bool:
    """Whether words name a field of work: gambling, door to door sales."""
    words = reading.words[first:last]
    return (
        last - first <= _WORDS_OF_TITLE
        and words[-1] in single("negation", "fields") | {"centre", "center"}
        and (words[-1] not in ("centre", "center") or words[0] in ("call", "contact"))
        and single("negation", "conditions").isdisjoint(
            words[:-1] if words[0] not in ("call", "contact", "cold") else ()
        )
    )


def _is_company(reading: Reading, scope: Scope, first: int, last: int) -> bool:
    """Whether words name a company: a known one, or capitals where a company is likely and no field or skill."""
    if known_company(reading, first, last):
        return True
    behind = scope.first == scope.inner
    words = reading.words[first:last]
    if not (_is(scope, "bare") or behind) or last - first > _WORDS_OF_TITLE:
        return False
    german = not _GERMAN.isdisjoint(scope.cue.split())  # in which each noun has a capital
    if german and not {"bei", "zu", "beim"} & set(reading.words[scope.inner : first]):
        return False
    if not all(reading.is_capital(at) or len(reading.words[at]) == 1 for at in range(first, last)):
        return False
    if last < len(reading.words) and reading.words[last].isdecimal():
        return False
    if _is_field(reading, first, last) or not single("negation", "conditions").isdisjoint(words):
        return False
    adjectives = phrases_of("place.adjectives")
    if any(vocabulary.language(word) or word in adjectives for word in words) or skills_named(
        [reading.original(first, last)]
    ):
        return False
    if reading.text.isupper() or (
        last - first == 1 and len(words[0]) < 3 and not reading.original(first, last).isupper()
    ):
        return False
    told = not reading.begins_sentence(first) or last - first > 1
    return told or not words[0].endswith(tuple(w[0] for w in listed("negation", "field_endings").known))


def _is(scope: Scope, name: str) -> bool:
    return tuple(scope.cue.split()) in listed("negation", name).known


def _is_filler(reading: Reading, word: int) -> bool:
    if len(reading.words[word]) == 1:
        joined = word + 1 < len(reading.words) and reading.gap(word + 1) == "&"
        return not (joined or reading.gap(word) == "&")
    return reading.words[word] in single("negation", "fillers")
