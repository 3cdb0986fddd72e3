"""Kernel: what counts as a word of a title, or as the same city, and the numbers that stand for texts."""

import re
import unicodedata
from typing import Final

import xxhash

ACCENTED: Final = {  # small Latin letters with an accent, and without
    chr(code): unicodedata.normalize("NFD", chr(code))[0]
    for code in range(0xC0, 0x250)
    if chr(code).islower() and unicodedata.normalize("NFD", chr(code))[0].isascii()
}
PLURAL: Final = "(?<=[a-z]{3}[^s])s$"
SEED: Final = 42  # of Spark's xxhash64
_ACCENTS = str.maketrans(ACCENTED)
_WORD = re.compile(r"[^\W_]+")
_PLURAL = re.compile(PLURAL)


def folded(text: str) -> str:
    """Small letters without accents.

    >>> folded("Köln Straße")
    'koln strasse'
    """
    return text.lower().translate(_ACCENTS).replace("ß", "ss")


def words_of(title: str) -> list[str]:
    """The words of a title, folded and without a plural s.

    >>> words_of("Night Nurses (m/w), Köln; boss")
    ['night', 'nurse', 'm', 'w', 'koln', 'boss']
    """
    return [_PLURAL.sub("", word) for word in _WORD.findall(folded(title))]


def number_of(*texts: str) -> int:
    """What Spark's xxhash64 gives for columns of these texts, a signed number of 64 bits.

    >>> number_of("Spark"), number_of("DE", "koln")
    (-4294468057691064905, 3468154561633403637)
    """
    number = SEED
    for text in texts:
        number = xxhash.xxh64_intdigest(text.encode(), seed=number)
    return number - (1 << 64) if number >= 1 << 63 else number
