"""Kernel: text without the words that say who somebody is, so that no vector depends on them.

The words, and why each group of them, stand in `identity.toml`.
"""

import re
import tomllib
from collections.abc import Mapping, Set
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CAPITAL: Final = r"[A-ZÀ-ÖØ-Þ][^\W\d_]*(?:['’][^\W\d_]+)*"
_PARTICLES: Final = frozenset("de del la las los da dos van von der den bin ibn al el".split())
_PARTICLE: Final = rf"(?:{'|'.join(sorted(_PARTICLES))})"
_RUN: Final = re.compile(rf"{_CAPITAL}(?:(?:-|\.? (?:{_PARTICLE} )*){_CAPITAL})*")
_PART: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_WORK: Final = (  # behind a people's name: its language, its kitchen, or no people at all
    r"(?![ -](?:speak|teacher|tutor|translat|interpret|instruct|language|lecturer|professor|linguist|cuisine|food|chef|"
    r"cook|restaurant|literature|history|studies|sign|belt|hat|collar|label|goods|box|water|card|source|page|point|threaded)\w*)"
)
_TOLD: Final = rf"(?:\bmy name(?:'s| is)|\bname:|\bcall me|\bknown as)\s+(?-i:{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}})"
_ADDRESSED: Final = rf"\b(?:Mr|Mrs|Ms|Mx|Miss|Sir|Madam)\b\.?\s+{_CAPITAL}(?:[ -]{_CAPITAL})?"
_EMPTY: Final = re.compile(r"\(\s*[/,;&.\s]*\)|(?<=\s)['’]s\b|^['’]s\b")
_ARTICLE: Final = re.compile(r"\b([Aa])n\b")
_ACRONYMS: Final = frozenset("ms mr him his".split())
_BLANKS: Final = re.compile(r"[ \t]+")
_LOOSE: Final = re.compile(r" +(?=[,.;:!?)])|(?<=\() +|(?<=[-–|/,;]) +(?=[-–|/,;.])")
_EDGE: Final = " \t,;:-–|/"
_NAMING: Final = frozenset("name call known mr mrs ms mx miss sir madam".split())


class _Phrases(NamedTuple):
    needs: frozenset[str]  # without one of these words the pattern is found nowhere
    pattern: re.Pattern[str]


class _Sheet(NamedTuple):
    neutral: dict[str, str]  # small letters to the word for all; "" where it is dropped
    of_postings: dict[str, str]
    phrases: tuple[_Phrases, ...]
    kept: _Phrases
    beside: re.Pattern[str]
    alone: re.Pattern[str]
    adjectives: frozenset[str]
    needed: frozenset[str]  # without one of them nothing is dropped
    names: frozenset[str]
    given: frozenset[str]
    ambiguous: frozenset[str]
    surnames: frozenset[str]
    verbs: str


def identity_free(text: str) -> str:
    """`text` without names, pronouns, forms of address, age, family, descent and belief; gendered titles are one.

    What is left does not depend on which of such words stood there.

    >>> identity_free("Maria Lopez is a single mother of two. She was a waitress and speaks Spanish.")
    'is a. was a waiter and speaks Spanish.'
    >>> identity_free("My name is Wei; I am a 52-year-old Asian man, and Java is my language.")
    'I am person, and Java is my language.'
    >>> identity_free("Baker at Christian Brothers, Page Designer, Mason")
    'Baker at Christian Siblings, Page Designer, Mason'
    """
    sheet = _sheet()
    words = set(_WORD.findall(text.casefold()))
    words |= {word[:-2] for word in words if word.endswith(("'s", "’s"))}
    if words.isdisjoint(sheet.needed):
        return text
    parts, start = [], 0
    for kept in [] if words.isdisjoint(sheet.kept.needs) else sheet.kept.pattern.finditer(text):
        parts += [_without(text[start : kept.start()], words, sheet), kept[0]]
        start = kept.end()
    freed = "".join([*parts, _without(text[start:], words, sheet)])
    return _tidy(_ARTICLE.sub(r"\1", freed))  # an article depends on the word behind it


def gender_free_title(text: str) -> str:
    """`text` with each gendered name of an occupation read as the one for all; else unchanged.

    >>> gender_free_title("Head Waitress / SALESMAN")
    'Head Waiter / SALESPERSON'
    """
    table = _sheet().of_postings
    return _WORD.sub(lambda word: _replaced(word[0], table), text)


def occupations_for_all() -> dict[str, str]:
    """Each gendered name of an occupation, in small letters, and the one for all."""
    return dict(_sheet().of_postings)


def _without(text: str, words: Set[str], sheet: _Sheet) -> str:
    """Patterns are tried only where a word that they need is there: most texts have none."""
    for phrases in sheet.phrases:
        if not words.isdisjoint(phrases.needs):
            text = phrases.pattern.sub(" ", text)
    if not words.isdisjoint(sheet.adjectives):
        text = sheet.alone.sub(" ", sheet.beside.sub(" ", text))
    named = frozenset(words & sheet.names)
    if named or not words.isdisjoint(_NAMING):
        opened = _opening(named, sheet.verbs).sub(" ", text)
        text = _RUN.sub(lambda run: _without_names(run[0], sheet), opened)
    listed = frozenset(words & sheet.neutral.keys())
    if not listed:
        return text
    shouted = text.isupper()
    return _whole(listed).sub(lambda word: _replaced(word[0], sheet.neutral, shouted), text)


@lru_cache(4096)
def _whole(words: frozenset[str]) -> re.Pattern[str]:
    spelt = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{spelt})(?:['’]s)?(?![^\W_])", re.IGNORECASE)


def _without_names(run: str, sheet: _Sheet) -> str:
    """A run of capitalised words without given names and the surnames and initials that follow them.

    In a run of two words the second is a surname, listed or not.
    """
    parts = list(_PART.finditer(run))
    kept, named, end = "", False, 0
    for place, part in enumerate(parts):
        words = part[0].casefold().replace("’", "'").removesuffix("'s").split("-")
        listed = all(word in sheet.given for word in words)
        first = listed or (words[0] in sheet.ambiguous and _is_surname_next(run, part.end(), sheet))
        surname = words[-1] in sheet.surnames or words[0] in _PARTICLES or len(words[0]) == 1
        follows = named and (surname or place == 1 == len(parts) - 1)
        named = first or follows
        kept += " " if named else run[end : part.start()] + part[0]
        end = part.end()
    return kept + run[end:]


def _is_surname_next(run: str, end: int, sheet: _Sheet) -> bool:
    """Whether a listed surname follows; one that is also a given name, or a trade, only where the run ends."""
    following = _PART.search(run, end)
    word = following[0].casefold().replace("’", "'") if following else ""
    return word in sheet.surnames and (word not in sheet.ambiguous or run.count(" ") == 1)


@lru_cache(4096)
def _opening(names: frozenset[str], verbs: str) -> re.Pattern[str]:
    """A name where the text says that it is one: told, addressed, or the subject of a sentence."""
    name = _any(" ".join(names)) if names else r"(?!)"
    said = rf"(?:(?<=\bI am )|(?<=\bI'm )){name}(?=[.,;!]|\s+and\b)"
    opened = (
        rf"(?:(?<=\bI am )|(?<=\bI'm )|^|(?<=[.!?] )){name}(?-i:(?:[ -]{_CAPITAL}){{0,2}})(?=,?\s+(?-i:{_any(verbs)}))"
    )
    return re.compile(rf"{_TOLD}|(?-i:{_ADDRESSED})|{opened}|{said}", re.IGNORECASE | re.MULTILINE)


def _replaced(word: str, table: dict[str, str], shouted: bool = False) -> str:
    small, owned, _ = word.casefold().replace("’", "'").partition("'s")
    if small not in table or (word.isupper() and not shouted and small in _ACRONYMS):
        return word
    other = table[small] and table[small] + owned
    return other.upper() if word.isupper() else other[:1].upper() + other[1:] if word[0].isupper() else other


def _tidy(text: str) -> str:
    lines = (_LOOSE.sub("", _BLANKS.sub(" ", _EMPTY.sub(" ", line))).strip(_EDGE) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@cache
def _sheet() -> _Sheet:
    sheet = tomllib.loads(files("pipelines.embedding").joinpath("identity.toml").read_text(encoding="utf-8"))
    groups = sheet["neutral"].values()
    folds = [
        (word, neutral, group["postings"])
        for group in groups
        for neutral, words in group["words"].items()
        for word in words.split()
    ]
    names = sheet["names"]
    ambiguous, surnames = frozenset(names["ambiguous"].split()), frozenset(names["surnames"].split())
    given = frozenset(names["given"].split()) - ambiguous
    neutral = {word: "" for group in sheet["drop"].values() for word in group["words"].split()}
    neutral |= {word: "" for word in given} | {word: other for word, other, _ in folds}
    beside = sheet["beside"]["adjectives"]
    told = " ".join([beside["words"], sheet["drop"]["origin"]["words"], sheet["drop"]["religion"]["words"]])
    people = _any(beside["people"])
    several, asserted = (
        rf"{words}(?:(?:[ -]|, | and ){words})*" for words in (_any(told), _any(told + " " + beside["asserted"]))
    )
    phrases = tuple(map(_phrases, sheet["patterns"]))
    plain = frozenset((told + " " + beside["asserted"]).split())
    counted = r"(?:(?<=\bI am a )|(?<=\bI'm a )|(?<=\bI am an )|(?<=\bI'm an )|(?<=\bas a )|(?<=\bas an ))"
    strong = r"(?:proud(?:ly)?|devout|practi[cs]ing|openly)\s+"
    clause = r"(?=\s*(?:[.,;!)]|$|and\b|who\b|with\b|by\b))"
    alone = (
        rf"{counted}(?:{strong})?{asserted}{_WORK}|\b{strong}{asserted}|(?:(?<=\bI am )|(?<=\bI'm )){asserted}{clause}"
    )
    return _Sheet(
        needed=frozenset(neutral)
        | set(neutral.values()).union(*(one.needs for one in phrases))
        | _NAMING
        | plain
        | ambiguous,
        neutral=neutral,
        of_postings={word: neutral for word, neutral, shared in folds if shared},
        phrases=phrases,
        kept=_phrases(sheet["kept"]),
        beside=re.compile(rf"\b(?:{strong})?{several}(?=[ -]+{people})", re.IGNORECASE),
        alone=re.compile(alone, re.IGNORECASE),
        adjectives=plain,
        names=given | ambiguous,
        given=given,
        ambiguous=ambiguous,
        surnames=surnames,
        verbs=names["verbs"],
    )


def _any(words: str) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, sorted(words.split(), key=len, reverse=True)))})\b"


def _phrases(group: Mapping[str, Any]) -> _Phrases:
    return _Phrases(frozenset(group["needs"].split()), re.compile("|".join(group["all"]), re.IGNORECASE | re.MULTILINE))
