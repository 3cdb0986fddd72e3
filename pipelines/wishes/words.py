"""Kernel: the words of `words.toml`, read once per process."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

LINKS: Final = frozenset({"or", "and", "oder", "ou", "o", "und", "et", "y"})  # stand between the parts of a list


class Phrases(NamedTuple):
    """Phrases of up to `longest` words, each a tuple of folded words."""

    known: frozenset[tuple[str, ...]]
    longest: int
    firsts: frozenset[str]

    def at(self, words: list[str], start: int) -> int:
        """How many words from `start` on are the longest of the phrases; 0: none begins there."""
        if start >= len(words) or words[start] not in self.firsts:
            return 0
        for length in range(min(self.longest, len(words) - start), 0, -1):
            if tuple(words[start : start + length]) in self.known:
                return length
        return 0


def phrases(texts: Iterable[str]) -> Phrases:
    """The phrases, split at blanks."""
    return _phrases(frozenset(tuple(text.split()) for text in texts))


def _phrases(known: frozenset[tuple[str, ...]]) -> Phrases:
    return Phrases(known, max(map(len, known)), frozenset(words[0] for words in known))


@cache
def listed(table: str, name: str) -> Phrases:
    """The phrases that stand under a name of a table of `words.toml`, one or several to the phrase."""
    found = _table(table)[name]
    return phrases(found.split() if isinstance(found, str) else found)


@cache
def single(table: str, name: str) -> frozenset[str]:
    """The words that stand under a name, each by itself."""
    return frozenset(words[0] for words in listed(table, name).known if len(words) == 1)


@cache
def either(table: str, name: str) -> str:
    """A pattern of any of the phrases of a list, each a pattern itself, the longest first."""
    texts = sorted((" ".join(words) for words in listed(table, name).known), key=lambda text: (-len(text), text))
    return f"(?:{'|'.join(texts)})".replace(" ", r"\s")


@cache
def meanings(table: str, names: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Each phrase of the lists that bear these names, and the name."""
    return {phrase: name for name in names for phrase in listed(table, name).known}


@cache
def named(table: str, names: tuple[str, ...]) -> Phrases:
    """The phrases of all these lists."""
    return _phrases(frozenset(meanings(table, names)))


@cache
def phrases_of(table: str) -> dict[str, str]:
    """Each phrase of the lists of a table, and the name of its list."""
    return {" ".join(words): name for name in _table(table) for words in listed(table, name).known}


@cache
def codes_of(table: str) -> dict[str, tuple[str, str]]:
    """Each code of the tables in a table, with the name of its table and what it stands for."""
    return {code: (name, value) for name, codes in _table(table).items() for code, value in codes.items()}


def _table(table: str) -> dict[str, Any]:
    found = _sheet()
    for part in table.split("."):
        found = found[part]
    return found


@cache
def _sheet() -> dict[str, Any]:
    return tomllib.loads(files("pipelines.wishes").joinpath("words.toml").read_text(encoding="utf-8"))
