"""Kernel: a text of a saved search, read as strict criteria and a remaining wish without a model."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pipelines.ingest.cleaning import folded
from pipelines.ingest.companies import company_key
from pipelines.ingest.gazetteer import skills_named
from pipelines.ingest.places import Place
from pipelines.wishes.ages import find_ages
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.detection import language_of
from pipelines.wishes.languages import find_languages
from pipelines.wishes.names import find_names
from pipelines.wishes.places import find_places
from pipelines.wishes.reading import Mention, Reading, Scope
from pipelines.wishes.salaries import DOLLAR, find_salaries
from pipelines.wishes.terms import find_terms
from pipelines.wishes.wish import Criterion, Salary, Span, Wish, tiled
from pipelines.wishes.words import listed, single

_FINDERS = (find_names, find_ages, find_salaries, find_terms, find_languages, find_places)  # the earlier goes before
_DOLLARS = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
_WORDS_OF_TITLE = 3
_LINKS = frozenset({"or", "nor", "and", "oder", "und", "ou", "o", "y"})
_SOFT = frozenset({"work_mode", "employment_type", "seniority"})  # kinds that a text can call fine rather than wanted


class _Held(NamedTuple):
    """Words that are a criterion each, or, without values, not understood."""

    mention: Mention
    first: int
    last: int
    excluded: bool


def parse_wish(text: str, config: WishesConfig, language: str | None = None) -> Wish:
    """What a saved search asks for; what is not surely strict remains, and what is denied but not held is said.

    Args:
        text: of the search.
        config: how it is read.
        language: that its author says it is in; None, or none that is known: it is looked for.

    >>> wish = parse_wish("Gardening near Lyon, part time, no weekends", WishesConfig())
    >>> [(one.kind, one.value) for one in wish.criteria]
    [('place', Place(country='FR', region='Auvergne-Rhône-Alpes', city='Lyon')), ('employment_type', 'part_time')]
    >>> wish.remaining_text(), [wish.words(span) for span in wish.not_understood]
    ('Gardening', ['no weekends'])
    """
    read = text[: config.max_chars]
    reading = Reading(read)
    held = sorted(_held(reading), key=lambda one: one.first)
    spans = _spans(held, reading)
    criteria = [
        Criterion(one.mention.kind, value, one.excluded, span)
        for one, span in zip(held, spans, strict=True)
        for value in one.mention.values
    ]
    lost = [span for one, span in zip(held, spans, strict=True) if not one.mention.values]
    found, known = language_of(read, language, config)
    return tiled(read, with_dollars(criteria), lost, language=found, known=known, cut=len(text) > len(read))


def with_dollars(criteria: Iterable[Criterion]) -> list[Criterion]:
    """Criteria in which a bare dollar sign means the dollar of the only country that is wanted, if that has one."""
    held = list(criteria)
    countries = {one.value.country for one in held if isinstance(one.value, Place) and not one.excluded}
    dollar = _DOLLARS.get(str(countries.pop())) if len(countries) == 1 else None
    return [
        replace(one, value=one.value._replace(currency=dollar))
        if isinstance(one.value, Salary) and one.value.currency == DOLLAR
        else one
        for one in held
    ]


def _held(reading: Reading) -> Iterator[_Held]:
    """What is held and what is not understood, apart from each other."""
    taken = [False] * len(reading.words)
    mentions: list[Mention] = []
    for finder in _FINDERS:
        for mention in finder(reading):
            if mention.first < mention.last and not any(taken[mention.first : mention.last]):
                mentions.append(mention)
                taken[mention.first : mention.last] = [True] * (mention.last - mention.first)
    mentions.sort(key=lambda one: one.first)
    settled = {at for one in mentions if one.settled for at in range(one.first, one.last)}
    denied: set[int] = set()
    end = 0
    for scope in reading.scopes:
        start = bisect_right(mentions, scope.inner, key=lambda one: one.last)
        inside = mentions[start : bisect_left(mentions, scope.last, key=lambda one: one.first)]
        last = max([scope.last, *(one.last for one in inside)])
        if (
            scope.first < end
            or scope.first in settled
            or (scope.cue.startswith("outside") and {one.kind for one in inside} != {"place"})
        ):
            continue
        end = last
        denied |= {id(one) for one in inside}
        yield from _denied(reading, scope._replace(last=last), inside)
    for mention in mentions:
        if id(mention) in denied:
            continue
        if reading.refused(mention.first):
            yield _Held(mention._replace(values=()), mention.first, mention.last, False)
            continue
        soft = mention.kind in _SOFT and (reading.permitted(mention.first) or _has_rival(reading, mention, taken))
        if mention.settled or not (soft or reading.past(mention.first)):
            yield _Held(mention, mention.first, mention.last, mention.excluded)


def _has_rival(reading: Reading, mention: Mention, taken: list[bool]) -> bool:
    """Whether something that is not understood would do as well: "part time or a job share"."""
    word, end = mention.last, reading.clause_of(mention.last - 1)[1]
    return (
        word + 1 < end
        and reading.words[word] in ("or", "oder", "ou", "o")
        and not taken[word + 1]
        and reading.words[word + 1] != "nothing"
    )


def _denied(reading: Reading, scope: Scope, inside: list[Mention]) -> Iterator[_Held]:
    """What a scope excludes: mentions of one kind with nothing of weight beside, else words of titles, else nothing."""
    covered = {at for one in inside for at in range(one.first, one.last)}
    beside = [at for at in range(scope.inner, scope.last) if at not in covered and not _is_filler(reading, at)]
    kinds = {one.kind for one in inside}
    if len(kinds) == 1 and not beside and all(one.values and not _narrowed(reading, one) for one in inside):
        first = min(scope.first, inside[0].first)
        for place, one in enumerate(inside):
            last = scope.last if place == len(inside) - 1 else one.last
            yield _Held(one, first, last, not one.excluded)
            first = last
        return
    titles = [] if inside else _titles(reading, scope)
    if titles:
        first = scope.first
        for place, (start, last) in enumerate(titles):
            behind = scope.last if place == len(titles) - 1 else last
            name = " ".join(reading.words[start:last])
            yield _Held(_title(reading, scope, name, start, last), first, behind, True)
            first = behind
        return
    if beside or inside:
        yield _Held(Mention("title", (), scope.first, scope.last), scope.first, scope.last, True)


def _narrowed(reading: Reading, mention: Mention) -> bool:
    """Whether only a part of a place is meant, so that to exclude it all would be too much: the south of France."""
    part = single("place", "parts").intersection(reading.words[mention.first : mention.last])
    regions = {folded(str(value.region)) for value in mention.values if isinstance(value, Place)}
    return mention.kind == "place" and any(word not in region for word in part for region in regions)


def _title(reading: Reading, scope: Scope, name: str, first: int, last: int) -> Mention:
    """The words as a title's, or, where a bare "no" stands before a capital, as a company's."""
    bare = _is(scope, "bare") and name not in single("negation", "fields") and reading.is_capital(first)
    jobs = not single("jobs", "strict").isdisjoint(reading.words[last : scope.last])
    if bare and not jobs:
        return Mention("company", (company_key(reading.original(first, last)) or name,), first, last)
    return Mention("title", (name,), first, last)


def _titles(reading: Reading, scope: Scope) -> list[tuple[int, int]]:
    """First word and the one behind the last of each kind of work that a scope denies; none where one is not sure."""
    inner, last = scope.inner, scope.last
    words = reading.words
    jobs = not single("jobs", "strict").isdisjoint(words[inner:last])
    led = _is(scope, "opened") or words[inner : inner + 2] in (["as", "a"], ["as", "an"])
    within = words[inner : inner + 1] == ["in"]
    parts: list[tuple[int, int]] = []
    start = None
    for at in range(inner, last + 1):
        weighty = at < last and words[at] not in _LINKS and not _is_filler(reading, at)
        if weighty and start is None:
            start = at
        if not weighty and start is not None:
            parts.append((start, at))
            start = None
    fields, conditions = single("negation", "fields"), single("negation", "conditions")
    within = within and len(parts) <= _WORDS_OF_TITLE and all(end - first < _WORDS_OF_TITLE for first, end in parts)
    for first, end in parts:
        known = end - first == 1 and words[first] in fields
        name = _is(scope, "bare") and end - first <= 2 and all(map(reading.is_capital, range(first, end)))
        company = name and not skills_named([reading.original(first, end)])
        if (
            end - first > _WORDS_OF_TITLE
            or not conditions.isdisjoint(words[first:end])
            or not (led or jobs or within or known or company)
        ):
            return []
    return parts


def _is(scope: Scope, name: str) -> bool:
    return tuple(scope.cue.split()) in listed("negation", name).known


def _is_filler(reading: Reading, word: int) -> bool:
    return reading.words[word] in single("negation", "fillers") or len(reading.words[word]) == 1


def _spans(held: list[_Held], reading: Reading) -> list[Span]:
    """Where each stands, with signs of currencies and quotation marks that hang on it."""
    spans: list[Span] = []
    floor = 0
    for one in held:
        start, end = reading.spans[one.first].start, reading.spans[one.last - 1].end
        while start > floor and reading.text[start - 1] in "€£$₹\"'“‘«":
            start -= 1
        while end < len(reading.text) and reading.text[end] in "€£$₹+\"'”’»":
            end += 1
        spans.append(Span(start, end))
        floor = end
    return spans
