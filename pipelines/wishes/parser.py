"""Kernel: a text of a saved search, read as strict criteria and a remaining wish without a model."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipelines.ingest.places import Place
from pipelines.wishes.ages import find_ages
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.detection import language_of
from pipelines.wishes.employers import find_employers
from pipelines.wishes.exclusions import Held, excluded_by
from pipelines.wishes.languages import find_languages
from pipelines.wishes.modes import find_modes
from pipelines.wishes.names import find_companies
from pipelines.wishes.places import find_places
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.salaries import DOLLAR, find_salaries
from pipelines.wishes.stints import find_stints
from pipelines.wishes.terms import find_terms
from pipelines.wishes.titles import find_titles
from pipelines.wishes.wish import Criterion, Salary, Span, Wish, tiled

_FINDERS = (
    find_titles,
    find_companies,
    find_employers,
    find_ages,
    find_salaries,
    find_modes,
    find_stints,
    find_terms,
    find_languages,
    find_places,
)  # the earlier goes before
_DOLLARS = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
_NO_RIVAL = frozenset(
    {"bust", "nix", "forget", "else", "no", "bye", "not", "nothing", "i", "nichts", "rien", "nada", "better", "more"}
)
_OF_PEOPLE = frozenset({"company", "seniority"})  # kinds of which a text can tell of somebody else
_SOFT = frozenset({"work_mode", "employment_type", "seniority"})  # kinds that a text can call fine rather than wanted


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
    held = _apart(sorted(_held(reading), key=lambda one: (one.first, one.last)))
    spans = _spans(held, reading)
    criteria = [
        Criterion(one.mention.kind, value, one.excluded, span)
        for one, span in zip(held, spans, strict=True)
        for value in one.mention.values
    ]
    denied = {(one.kind, one.value) for one in criteria if one.excluded}
    criteria = [one for one in criteria if one.excluded or (one.kind, one.value) not in denied]
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


def _held(reading: Reading) -> Iterator[Held]:
    """What is held and what is not understood, apart from each other."""
    mentions, taken = _mentions(reading)
    settled = {at for one in mentions if one.settled for at in range(one.first, one.last)}
    denied: set[int] = set()
    end = 0
    for scope in reading.scopes:
        start = bisect_right(mentions, scope.inner, key=lambda one: one.last)
        inside = mentions[start : bisect_left(mentions, scope.end, key=lambda one: one.first)]
        outside = scope.cue.startswith("outside") and {one.kind for one in inside} != {"place"}
        behind = scope.first == scope.inner
        told = not settled.isdisjoint(
            range(scope.end if behind else scope.first, scope.last if behind else scope.inner)
        )
        told = told or (not behind and scope.first in settled)
        if not scope.cue or scope.first < end or told or outside:
            continue
        last = max([scope.last, *(one.last for one in inside)])
        end = last
        denied |= {id(one) for one in inside}
        yield from excluded_by(reading, scope._replace(last=last), inside)
    for mention in mentions:
        if id(mention) not in denied:
            yield from _wanted(reading, mention, taken)


def _apart(held: list[Held]) -> list[Held]:
    """Those of which no words overlap; of two that do, what is denied goes before what is wanted."""
    kept: list[Held] = []
    for one in held:
        if kept and one.first < kept[-1].last:
            if kept[-1].excluded or not one.excluded:
                continue
            kept.pop()
        kept.append(one)
    return kept


def _mentions(reading: Reading) -> tuple[list[Mention], list[bool]]:
    """What the finders find, apart from each other and in order, and which words that takes."""
    taken = [False] * len(reading.words)
    mentions: list[Mention] = []
    for finder in _FINDERS:
        for found in finder(reading):
            mention = _free(found, taken)
            if mention.first < mention.last and not any(taken[mention.first : mention.last]):
                mentions.append(mention)
                taken[mention.first : mention.last] = [True] * (mention.last - mention.first)
    mentions.sort(key=lambda one: one.first)
    return mentions, taken


def _free(mention: Mention, taken: list[bool]) -> Mention:
    """The mention without the words before a place that say something else already: "work from anywhere in Wales"."""
    first = mention.first
    while mention.kind == "place" and first < mention.last and taken[first]:
        first += 1
    return mention._replace(first=first)


def _wanted(reading: Reading, mention: Mention, taken: list[bool]) -> Iterator[Held]:
    """A mention that no scope denies, where the text surely wants it."""
    soft = mention.kind in _SOFT and (reading.permitted(mention.first) or _has_rival(reading, mention, taken))
    soft = soft or reading.words[max(mention.first - 1, 0)] == "than"
    soft = soft or (mention.kind in _OF_PEOPLE and reading.of_kin(mention.first))
    unsure = soft or reading.past(mention.first) or reading.preferred(mention.first)
    if mention.settled or not (unsure or mention.first in reading.affirmed):
        yield Held(mention, mention.first, mention.last, mention.excluded)


def _has_rival(reading: Reading, mention: Mention, taken: list[bool]) -> bool:
    """Whether something that is not understood would do as well: "part time or a job share"."""
    word, end = mention.last, reading.clause_of(mention.last - 1)[1]
    return (
        word + 1 < end
        and reading.words[word] in ("or", "oder", "ou", "o")
        and not taken[word + 1]
        and reading.words[word + 1] not in _NO_RIVAL
    )


def _spans(held: list[Held], reading: Reading) -> list[Span]:
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
