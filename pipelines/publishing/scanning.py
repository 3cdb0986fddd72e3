"""Kernel: which files hold one of some texts; the proof that a member is forgotten."""

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from pipelines.publishing.decoding import Undecodable, decoded, raw

_LEAST = 6  # characters of a word that cannot stand in the bytes of numbers by chance
_BINARY = {".parquet", ".avro", ".npy", ".npz", ".zip", ".gz", ".safetensors", ".png", ".db", ".arrow", ".crc"}


@dataclass(frozen=True)
class Seen:
    """What a scan has read and found."""

    files: int = 0
    bytes: int = 0
    holding: list[Path] = field(default_factory=list)
    undecodable: list[Path] = field(default_factory=list)


class Needles:
    """Texts that are looked for, in every spelling in which files hold them.

    Args:
        words: ids and hashes: found where no letter, digit, _ or - stands beside them.
        texts: found anywhere.
    """

    def __init__(self, words: Iterable[str], texts: Iterable[str]) -> None:
        self.words, self.texts = sorted(set(words)), sorted(set(texts))
        known: dict[bytes, tuple[str, bool]] = {}
        for text in self.texts:
            known |= dict.fromkeys(_spellings(text), (text, False))
        for word in self.words:
            known |= dict.fromkeys(_spellings(word), (word, True))
        self._patterns = list(known)
        self._meaning = list(known.values())
        self._search = BytesAhoCorasick(self._patterns) if known else None

    def within(self, data: bytes, *, least: int = 1) -> set[str]:
        """Those that are found and have at least so many characters."""
        found = set()
        for number, start, end in self._search.find_matches_as_indexes(data, overlapping=True) if self._search else ():
            text, is_word = self._meaning[number]
            if len(text) >= least and (not is_word or _stands_alone(data, start, end)):
                found.add(text)
        return found


def holds(path: Path, needles: Needles) -> bool:
    """Whether the file's bytes, or what they decode to, have one of the needles.

    Raises:
        Undecodable: nobody can tell.
    """
    least = _LEAST if path.suffix in _BINARY else 1
    return any(needles.within(piece, least=least) for piece in raw(path)) or any(map(needles.within, decoded(path)))


def scan(files: Iterable[Path], needles: Needles) -> Seen:
    """Every file that holds one of the needles; all are read."""
    count = size = 0
    holding, undecodable = [], []
    for path in files:
        count, size = count + 1, size + path.stat().st_size
        try:
            if holds(path, needles):
                holding.append(path)
        except Undecodable:
            undecodable.append(path)
    return Seen(count, size, holding, undecodable)


def files_below(root: Path, without: AbstractSet[Path] = frozenset()) -> Iterator[Path]:
    """Every file below the root but not below one of some folders, sorted."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(folder) for folder in without):
            yield path


def _spellings(text: str) -> Sequence[bytes]:
    plain = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text)}
    wide = [text.encode(code) for code in ("utf-16-le", "utf-32-le")]  # as numpy and others store strings
    return [*(one.encode() for one in sorted(plain)), *wide]


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    """Whether the word is no part of a longer one: by what stands beside it, or by its length before it."""
    prefixes = (_varint(end - start), _varint(2 * (end - start)))  # as Thrift and Avro write a string's length
    if data[max(0, start - 4) : start].endswith(prefixes):
        return True
    return not (_is_part(data[max(0, start - 1) : start]) or _is_part(data[end : end + 1]))


def _is_part(beside: bytes) -> bool:
    return beside.isalnum() or beside in (b"_", b"-")


def _varint(value: int) -> bytes:
    r"""Seven bits a byte, the last byte below 128.

    >>> _varint(36), _varint(128)
    (b'$', b'\x80\x01')
    """
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
