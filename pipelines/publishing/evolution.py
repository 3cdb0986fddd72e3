"""Kernel: what a contract has that a catalog's table has not, and whether the table can be given it in place."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

_WIDER = {("int32", "int64"), ("float", "double")}


@dataclass(frozen=True)
class Differences:
    """How a table differs from its contract, in words.

    Args:
        added: what new nullable columns and wider numbers mend, while what was written stays readable.
        wrong: what they do not.
    """

    added: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Both."""
        return self.wrong + self.added


def differences(found: pa.Schema, wanted: pa.Schema) -> Differences:
    """How a table's schema differs from the wanted one; order does not count, nor how Arrow stores a string.

    >>> old = pa.schema({"a": pa.int32(), "b": pa.struct({"x": pa.string()}), "c": pa.string()})
    >>> new = pa.schema({"a": pa.int64(), "b": pa.struct({"x": pa.string(), "y": pa.bool_()}), "d": pa.date32()})
    >>> seen = differences(old, new)
    >>> seen.added
    ['a: expected int64, found int32', 'b.y: expected bool, found nothing', 'd: expected date32[day], found nothing']
    >>> seen.wrong
    ['c: unexpected string']
    """
    seen = Differences()
    for mendable, words in _fields("", list(found), list(wanted)):
        (seen.added if mendable else seen.wrong).append(words)
    return seen


def _fields(path: str, found: list[pa.Field], wanted: list[pa.Field]) -> Iterator[tuple[bool, str]]:
    there = {field.name: field for field in found}
    for one in wanted:
        if one.name in there:
            yield from _types(f"{path}{one.name}", there.pop(one.name).type, one.type)
        else:
            yield True, f"{path}{one.name}: expected {plain(one.type)}, found nothing"
    yield from ((False, f"{path}{name}: unexpected {plain(field.type)}") for name, field in there.items())


def _types(path: str, found: pa.DataType, wanted: pa.DataType) -> Iterator[tuple[bool, str]]:
    if plain(found) == plain(wanted):
        return
    if pa.types.is_struct(found) and pa.types.is_struct(wanted):
        yield from _fields(f"{path}.", list(found), list(wanted))
    elif _is_list(found) and _is_list(wanted):
        yield from _types(f"{path}.element", found.value_type, wanted.value_type)
    elif pa.types.is_map(found) and pa.types.is_map(wanted) and plain(found.key_type) == plain(wanted.key_type):
        yield from _types(f"{path}.value", found.item_type, wanted.item_type)
    else:
        mendable = (str(found), str(wanted)) in _WIDER
        yield mendable, f"{path}: expected {plain(wanted)}, found {plain(found)}"


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def plain(kind: pa.DataType) -> str:
    """The type's name without the differences that mean nothing to a reader.

    >>> plain(pa.large_list(pa.large_string()))
    'list<string>'
    """
    if _is_list(kind):
        return f"list<{plain(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{plain(kind.key_type)},{plain(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{field.name}:{plain(field.type)}" for field in kind) + ">"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "string" if pa.types.is_large_string(kind) else str(kind)
