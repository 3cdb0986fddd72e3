"""Kernel: numbers that are written in words."""

import re
from typing import Final

from pipelines.ingest.cleaning import folded

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_FOREIGN = """ein:1 eine:1 einem:1 einer:1 einen:1 zwei:2 drei:3 vier:4 fünf:5 sechs:6 sieben:7 acht:8 neun:9 zehn:10
vierzehn:14 dreissig:30 dreißig:30 un:1 une:1 deux:2 trois:3 quatre:4 cinq:5 sept:7 huit:8 neuf:9 dix:10 quinze:15
trente:30 uno:1 una:1 dos:2 tres:3 cuatro:4 cinco:5 seis:6 siete:7 ocho:8 nueve:9 diez:10 quince:15
treinta:30""".split()
_OTHERS = dict(word.split(":") for word in _FOREIGN)
_VALUES: Final = (
    {word: number for number, word in enumerate(_SMALL)}
    | {word: 10 * place for place, word in enumerate(_TENS, 2)}
    | {folded(word): int(number) for word, number in _OTHERS.items()}
    | {"a": 1, "an": 1, "couple of": 2, "few": 3, "fourty": 40}
)
_ONES = "|".join(reversed(_SMALL))  # "fourteen" goes before "four"
_TENS_AND = rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_SMALL[1:10])}))?"
COUNT: Final = rf"(?:{_TENS_AND}|{_ONES}|an?|{'|'.join(sorted(_OTHERS, key=len, reverse=True))})"
_FACTORS = {"hundred": 100, "thousand": 1_000, "grand": 1_000}
_PART = rf"(?:{_TENS_AND}|{_ONES})(?:[\s-](?:hundred|thousand|grand))?"
WRITTEN: Final = rf"(?:(?:{_PART}|a(?:[\s-](?:hundred|thousand|grand))?)(?:\s(?:and\s)?{_PART}){{0,2}})"


def count_of(words: str) -> int:
    """The number that folded words or digits say.

    >>> count_of("14"), count_of("twenty one"), count_of("funf"), count_of("couple of")
    (14, 21, 5, 2)
    """
    if words.isdecimal():
        return int(words)
    if words in _VALUES:
        return _VALUES[words]
    return sum(_VALUES.get(word, 0) for word in re.split(r"[\s-]", words))


def amount_of(words: str) -> float | None:
    """The amount that English words say; None: none.

    >>> amount_of("fourteen"), amount_of("thirty five thousand"), amount_of("two hundred and fifty")
    (14.0, 35000.0, 250.0)
    """
    total = part = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "and":
            continue
        if word in _FACTORS:
            part = max(part, 1) * _FACTORS[word]
            if _FACTORS[word] == 1_000:
                total, part = total + part, 0
        elif word in _VALUES:
            part += _VALUES[word]
        else:
            return None
    return float(total + part) or None
