"""Kernel: which files hold one of some texts; the proof that a member is forgotten."""

import html
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from pipelines.upkeep.decoding import Undecodable, decoded, raw

_LEAST = 6  # characters of a word that cannot stand in the bytes of numbers by chance
_TOLD = 4  # of one that cannot, if its length stands before it
_MORE_DIGITS = 9  # than counts have
_OPENING = (b"", b"\x00", b'"', b"'", b">", b"\n", b"\t", b";")
_CLOSING = (b"", b"\x00", b'"', b"'", b"<", b"\n", b"\r", b"\t", b";", b"\\")
_BINARY = {".parquet", ".avro", ".npy", ".npz", ".zip", ".gz", ".safetensors", ".png", ".db", ".arrow", ".crc"}

Alone = Callable[[bytes, int, int], bool]  # bytes, start and end of a match


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
        words: ids and hashes: found where no letter, digit, _ or - stands beside them; those that a count may read
            like, of fewer than six characters or nine digits, only where they are a whole value, cell or line.
        texts: found anywhere.
    """

    def __init__(self, words: Iterable[str], texts: Iterable[str]) -> None:
        self.words, self.texts = sorted(set(words)), sorted(set(texts))
        known: dict[bytes, tuple[str, Alone]] = {}
        for text in self.texts:
            known |= dict.fromkeys(_spellings(text), (text, _anywhere))
        for word in self.words:
            known |= dict.fromkeys(_spellings(word), (word, _is_value if _is_like_a_count(word) else _is_word))
        self._patterns = list(known)
        self._meaning = list(known.values())
        self._search = BytesAhoCorasick(self._patterns) if known else None

    @cached_property
    def unlike_counts(self) -> "Needles":
        """Those that are not taken for a count where counts are written as texts."""
        return Needles((word for word in self.words if not _is_like_a_count(word)), self.texts)

    def within(self, data: bytes, *, least: int = 1) -> set[str]:
        """Those that are found and have at least so many characters."""
        found = set()
        for number, start, end in self._search.find_matches_as_indexes(data, overlapping=True) if self._search else ():
            text, stands_alone = self._meaning[number]
            if len(text) >= least and stands_alone(data, start, end):
                found.add(text)
        return found


def holds(path: Path, needles: Needles) -> bool:
    """Whether the file's bytes, or what they decode to, have one of the needles.

    Raises:
        Undecodable: nobody can tell.
    """
    least = _LEAST if path.suffix in _BINARY else 1
    return any(needles.within(piece, least=least) for piece in raw(path)) or any(map(needles.within, decoded(path)))


def scan(files: Iterable[Path], needles: Needles, counting: AbstractSet[Path] = frozenset()) -> Seen:
    """Every file that holds one of the needles; all are read.

    Args:
        counting: folders whose files, as the metadata of tables, write numbers as texts and know nobody's id.
    """
    count = size = 0
    holding, undecodable = [], []
    for path in files:
        count, size = count + 1, size + path.stat().st_size
        try:
            counts = path.name.endswith(".metadata.json") or any(path.is_relative_to(one) for one in counting)
            if holds(path, needles.unlike_counts if counts else needles):
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


def _is_like_a_count(word: str) -> bool:
    return len(word) < _LEAST or (word.isdigit() and len(word) < _MORE_DIGITS)


def _anywhere(data: bytes, start: int, end: int) -> bool:
    return True


def _is_word(data: bytes, start: int, end: int) -> bool:
    if _is_told(data, start, end):
        return True
    before, after = data[max(0, start - 1) : start], data[end : end + 1]
    return not any(one.isalnum() or one in (b"_", b"-") for one in (before, after))


def _is_value(data: bytes, start: int, end: int) -> bool:
    if end - start >= _TOLD and _is_told(data, start, end):
        return True
    before, after = data[max(0, start - 1) : start], data[end : end + 1]
    return before in _OPENING and after in _CLOSING


def _is_told(data: bytes, start: int, end: int) -> bool:
    """Whether the length stands before it, as Thrift and Avro write a string."""
    prefixes = (_varint(end - start), _varint(2 * (end - start)))
    return data[max(0, start - 4) : start].endswith(prefixes)


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
