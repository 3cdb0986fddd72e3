"""Kernel: the hand-written catalogue of occupations, read once per process.

It is read as a package resource, so that it is found inside a zip on a cluster too.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LEVELS = ("entry", "mid", "senior", "lead")
_REQUIRED = frozenset(
    ("id", "name", "titles", "duties", "skills", "about", "employers", "related", "salary", "remote", "night")
)
_OPTIONAL = frozenset(("licence",))


@dataclass(frozen=True, eq=False, slots=True)
class Occupation:
    """One line of work, in the words of those who do it and of those who hire for it."""

    id: str
    sector: str
    name: str
    titles: Mapping[str, tuple[str, ...]]  # by level
    duties: tuple[str, ...]
    skills: tuple[str, ...]
    about: tuple[str, ...]
    employers: tuple[str, ...]
    related: tuple[str, ...]  # ids
    salary: tuple[int, int]  # per year, mid level, US dollars
    remote: float  # share of postings that can be done remotely or hybrid
    night: float  # share of postings with shift work
    licence: str | None


def parse_sector(text: str, source: str) -> list[Occupation]:
    """The occupations of one sector's file.

    Args:
        text: TOML with a `sector` and `[[occupation]]` blocks.
        source: the file's name, for messages.

    Raises:
        ValueError: the text is no TOML, or a key is missing or unknown, or a level has no title.
    """
    try:
        sheet = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{source} is not TOML: {error}") from None
    if "sector" not in sheet or not sheet.get("occupation"):
        raise ValueError(f"{source}: needs a `sector` and at least one [[occupation]]")
    return [_occupation(block, str(sheet["sector"]), source) for block in sheet["occupation"]]


def _occupation(block: Mapping[str, Any], sector: str, source: str) -> Occupation:
    where = f"{source}: occupation {block.get('id', '(no id)')}"
    missing, unknown = sorted(_REQUIRED - block.keys()), sorted(block.keys() - _REQUIRED - _OPTIONAL)
    if missing or unknown:
        raise ValueError(f"{where}: missing keys {missing}, unknown keys {unknown}")
    untitled = [level for level in LEVELS if not block["titles"].get(level)]
    if untitled:
        raise ValueError(f"{where}: no titles for {untitled}")
    low, high = block["salary"]
    return Occupation(
        id=block["id"],
        sector=sector,
        name=block["name"],
        titles={level: tuple(block["titles"][level]) for level in LEVELS},
        duties=tuple(block["duties"]),
        skills=tuple(block["skills"]),
        about=tuple(block["about"]),
        employers=tuple(block["employers"]),
        related=tuple(block["related"]),
        salary=(int(low), int(high)),
        remote=float(block["remote"]),
        night=float(block["night"]),
        licence=block.get("licence"),
    )


def by_id(occupations: Iterable[Occupation]) -> dict[str, Occupation]:
    """The occupations under their ids, in the order given.

    Raises:
        ValueError: an id occurs twice, or a related id does not occur; all are listed.
    """
    found: dict[str, Occupation] = {}
    wrong: list[str] = []
    for occupation in occupations:
        if occupation.id in found:
            wrong.append(f"{occupation.id}: occurs twice")
        found[occupation.id] = occupation
    for occupation in found.values():
        strangers = [other for other in occupation.related if other not in found or other == occupation.id]
        if strangers:
            wrong.append(f"{occupation.id}: related to unknown ids {strangers}")
    if wrong:
        raise ValueError("catalogue: " + "; ".join(wrong))
    return found


@cache
def catalogue() -> dict[str, Occupation]:
    """Every occupation under its id, in the order of the files' names.

    Raises:
        ValueError: a file or a reference in it is wrong.
    """
    folder = files("pipelines.sample").joinpath("catalogue")
    sheets = sorted((sheet for sheet in folder.iterdir() if sheet.name.endswith(".toml")), key=lambda at: at.name)
    return by_id(
        occupation for sheet in sheets for occupation in parse_sector(sheet.read_text(encoding="utf-8"), sheet.name)
    )
