"""Kernel: texts about members in which only names, or only gendered words, change places.

The list is small and ours (`swaps.toml`); the names follow the design of Bertrand and Mullainathan, American Economic
Review 94(4), 2004.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"\w+")
_KINDS = ("names", "words")


@dataclass(frozen=True)
class SwappedTexts:
    """The same members twice.

    Args:
        kind: what was swapped: names, words.
        texts: as they were written.
        swapped: each with the words of the kind swapped, and different from the text at its place.
    """

    kind: str
    texts: list[str]
    swapped: list[str]


def swap_table(pairs: Iterable[Sequence[str]]) -> dict[str, str]:
    """Each word to the other of its pair, in small letters, capitalised and in capitals.

    >>> swap_table([("she", "he")])["She"]
    'He'

    Raises:
        ValueError: a word occurs twice, so that swapping twice would not give the text back.
    """
    table: dict[str, str] = {}
    for left, right in pairs:
        for form in (str.lower, str.capitalize, str.upper):
            for word, other in ((form(left), form(right)), (form(right), form(left))):
                if table.setdefault(word, other) != other:
                    raise ValueError(f"{word} occurs in two pairs")
    return table


def swapped(text: str, table: Mapping[str, str]) -> str:
    """The text with each whole word of `table` replaced; doing it twice gives the text back.

    >>> table = swap_table([("she", "he"), ("Mary", "James"), ("waitress", "waiter")])
    >>> swapped("Mary was a waitress; SHE left the theatre.", table)
    'James was a waiter; HE left the theatre.'
    >>> swapped(swapped("Mary was a waitress; SHE left the theatre.", table), table)
    'Mary was a waitress; SHE left the theatre.'
    """
    return _WORD.sub(lambda word: table.get(word[0], word[0]), text)


@cache
def swapped_texts() -> tuple[SwappedTexts, ...]:
    """The declared texts, swapped by each kind of word.

    For names each text occurs with every left name, for gendered words with the first name alone.
    """
    sheet = tomllib.loads(files("pipelines.promotion").joinpath("swaps.toml").read_text(encoding="utf-8"))
    found = []
    for kind in _KINDS:
        table = swap_table(sheet[kind]["pairs"])
        names = [left for left, _ in sheet["names"]["pairs"]][: None if kind == "names" else 1]
        texts = [text.replace("{name}", name) for text in sheet["texts"]["members"] for name in names]
        changed = [text for text in texts if swapped(text, table) != text]
        found.append(SwappedTexts(kind, changed, [swapped(text, table) for text in changed]))
    return tuple(found)
