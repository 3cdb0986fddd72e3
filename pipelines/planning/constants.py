"""Kernel: what one row of each kind costs, as measured on one machine and shipped with the code."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Stage:
    """One stage of the night; keys are names of `Counts`."""

    fixed_s: float  # however small the night
    efficiency: float  # of two cores: time on one core / (2 x time on two)
    core_s: Mapping[str, float]  # seconds of one core per one of each
    shuffle_bytes: Mapping[str, float]  # written for other tasks per one of each, vectors apart


@dataclass(frozen=True)
class RowBytes:
    """Bytes on disk of one row; vectors apart, as their size is known."""

    source_posting: float  # with its part of the rows that are refused
    source_member: float
    posting: float  # with its part of the rejected rows
    member: float
    shard: float
    match: float
    recommendation: float


@dataclass(frozen=True)
class Memory:
    """What a task needs beside the page cache."""

    java_mib_per_core: float  # of Spark, most of any measured night
    worker_mib: float  # of a Python worker
    shard_bytes_per_component: float  # of a Python worker that builds a shard, for each component of its vectors


@dataclass(frozen=True)
class Constants:
    """Everything that is measured."""

    machine: str
    measured_on: datetime.date
    nights: tuple[str, ...]  # that the constants were fitted to, members x postings
    copied_per_product: float  # rows of a group are copied: as dear as so many products of 256 dimensions
    fast_share: float  # of the eligible postings: what the fast search multiplies
    stages: Mapping[str, Stage]
    row_bytes: RowBytes
    memory: Memory


@cache
def measured() -> Constants:
    """The constants that ship."""
    return parsed(files(__package__).joinpath("constants.toml").read_text(encoding="utf-8"))


def parsed(text: str) -> Constants:
    """The constants of a file's text.

    Raises:
        ValueError: the text is no TOML, or a key is missing or of a wrong type.
    """
    return TypeAdapter(Constants).validate_python(tomllib.loads(text))


def as_toml(constants: Constants) -> str:
    """What `parsed` reads."""
    comments = (
        "# Written by `make bench-capacity PUBLISH=1`; the names are those of pipelines/planning/stages.py.",
        "# fast_share is provisional until it is measured on a night of millions of postings.",
    )
    head = {
        name: getattr(constants, name)
        for name in ("machine", "measured_on", "nights", "copied_per_product", "fast_share")
    }
    lines = [*comments, "", *(f"{name} = {_value(value)}" for name, value in head.items())]
    for name, stage in constants.stages.items():
        lines += _section(f"stages.{name}", {"fixed_s": stage.fixed_s, "efficiency": stage.efficiency})
        lines += _section(f"stages.{name}.core_s", stage.core_s)
        lines += _section(f"stages.{name}.shuffle_bytes", stage.shuffle_bytes)
    for name in ("row_bytes", "memory"):
        lines += _section(name, vars(getattr(constants, name)))
    return "\n".join(lines) + "\n"


def _section(name: str, values: Mapping[str, float]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items())]


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if "." in f"{value:.4g}" or "e" in f"{value:.4g}" else f"{value:.4g}.0"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
