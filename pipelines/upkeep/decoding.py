"""Kernel: what files hold, whatever the format stores it in: their bytes, and what those decode to."""

import gzip
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

_RAW_BYTES = 64 * 2**20
_OVERLAP = 2**16  # longer than any text that is looked for
_BATCH_ROWS = 16_384
_BROKEN = (pa.ArrowException, sqlite3.DatabaseError, zipfile.BadZipFile, zlib.error, ValueError, OSError, IndexError)
_GAP = "\x00"  # between values, so that no two of them read as one


class Undecodable(Exception):
    """Raised when a file is not what its name says, so that nobody can tell what it holds."""


def raw(path: Path) -> Iterator[bytes]:
    """The file's bytes, in pieces that overlap."""
    with path.open("rb") as file:
        last = b""
        while piece := file.read(_RAW_BYTES):
            yield last + piece
            last = piece[-_OVERLAP:]


def decoded(path: Path) -> Iterator[bytes]:
    """What the file's bytes decode to; nothing where they are what they say.

    Raises:
        Undecodable: the file's name promises a format that its bytes break.
    """
    decode = _DECODERS.get(path.suffix.lower())
    if decode is None or not path.stat().st_size:
        return
    try:
        yield from decode(path)
    except _BROKEN:
        raise Undecodable(path) from None


def strings(column: pa.Array) -> Iterator[pa.Array]:
    """Every array of strings within an array, whatever it is nested in."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from strings(column.dictionary_decode())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield column.drop_null()
    elif pa.types.is_struct(kind):
        for part in column.flatten():
            yield from strings(part)
    elif pa.types.is_map(kind):
        yield from strings(column.keys)
        yield from strings(column.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from strings(column.flatten())


def joined(column: pa.Array) -> Iterator[bytes]:
    """Every string within an array, a gap before and after each."""
    for values in strings(column):
        if len(values):
            whole = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values.cast(pa.string()))
            yield f"{_GAP}{pc.binary_join(whole, _GAP)[0].as_py()}{_GAP}".encode()


def _parquet(path: Path) -> Iterator[bytes]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            for column in batch.columns:
                yield from joined(column)


def _arrow(path: Path) -> Iterator[bytes]:
    with pa.OSFile(str(path)) as source:
        file = pa.ipc.open_file(source)
        for number in range(file.num_record_batches):
            for column in file.get_batch(number).columns:
                yield from joined(column)


def _avro(path: Path) -> Iterator[bytes]:
    """The blocks of an Avro container, each without its compression."""
    data = path.read_bytes()
    if data[:4] != b"Obj\x01":
        raise ValueError
    header, at = {}, 4
    while True:
        count, at = _long(data, at)
        if not count:
            break
        if count < 0:  # then the block's size is told
            count, (_, at) = -count, _long(data, at)
        for _ in range(count):
            key, at = _bytes(data, at)
            header[key], at = _bytes(data, at)
    codec, at = header.get(b"avro.codec", b"null"), at + 16  # a sync marker follows
    while at < len(data):
        _, at = _long(data, at)
        block, at = _bytes(data, at)
        if codec == b"deflate":
            block = zlib.decompress(block, -15)
        elif codec == b"zstandard":
            block = zstandard.ZstdDecompressor().decompressobj().decompress(block)
        elif codec != b"null":
            raise ValueError
        yield block
        at += 16


def _long(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return (value >> 1) ^ -(value & 1), at


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _long(data, at)
    return data[at : at + size], at + size


def _sqlite(path: Path) -> Iterator[bytes]:
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield _GAP.join(["", *(str(value) for value in row), ""]).encode()


def _gzip(path: Path) -> Iterator[bytes]:
    yield gzip.decompress(path.read_bytes())


def _zip(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield archive.read(name)


_DECODERS = {
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".avro": _avro,
    ".db": _sqlite,
    ".sqlite": _sqlite,
    ".gz": _gzip,
    ".npz": _zip,
    ".zip": _zip,
}
