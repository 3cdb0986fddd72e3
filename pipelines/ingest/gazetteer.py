"""Kernel: skills that a text names, by the phrases of `gazetteer.tsv`.

The phrases come from O*NET's technology skills and the sample's catalogue (`benchmarks/make_gazetteer.py`; NOTICE has
the licence). A phrase counts where it stands as whole words in any capitals, or in its own where it is marked `exact`.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import ahocorasick_rs

_LETTER = re.compile(r"[^\W_]")
_WORD_BEFORE = re.compile(r"[^\W_]-?$")
_TAIL = ("+", "#")  # C is not named by C++


class _Phrases(NamedTuple):
    automaton: ahocorasick_rs.AhoCorasick
    spelt: list[str]
    skills: list[str]
    exact: list[bool]
    whole: dict[str, str]  # skill of each phrase, in small letters


def skills_named(texts: Iterable[str | None], listed: Iterable[str] = ()) -> list[str]:
    """Each skill that is listed, or that a phrase of the texts names, once, sorted.

    A listed skill that is a phrase is called as the phrase's skill.

    >>> skills_named(["ms excel and SQL Server; we excel at sql", None], ["Microsoft Excel", " knots", "Knots"])
    ['Excel', 'SQL', 'SQL Server', 'knots']
    """
    whole = _phrases().whole
    found = [skill for text in texts if text for skill in _named(text)]
    found += [whole.get(skill.strip().lower(), skill.strip()) for skill in listed if skill.strip()]
    return sorted({skill.lower(): skill for skill in reversed(found)}.values())


def _named(text: str) -> Iterable[str]:
    phrases = _phrases()
    small = text.lower()
    if len(small) != len(text):  # a few capitals become two small letters
        small = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    for phrase, start, end in phrases.automaton.find_matches_as_indexes(small, overlapping=True):
        exact = phrases.exact[phrase]
        if _is_whole(small, start, end) and (not exact or text[start:end] == phrases.spelt[phrase]):
            yield phrases.skills[phrase]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit stands beside it; "range planning" is no part of "long-range planning"."""
    before, after = text[max(0, start - 2) : start], text[end : end + 1]
    return not (_WORD_BEFORE.search(before) or _LETTER.match(after) or after in _TAIL)


@cache
def _phrases() -> _Phrases:
    lines = files("pipelines.ingest").joinpath("gazetteer.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    spelt = [row[0] for row in rows]
    automaton = ahocorasick_rs.AhoCorasick([phrase.lower() for phrase in spelt])
    whole = {row[0].lower(): row[1] for row in rows}
    return _Phrases(automaton, spelt, [row[1] for row in rows], [row[2:] == ["exact"] for row in rows], whole)
