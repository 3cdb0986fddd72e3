"""Columns: the text that an entity is embedded as, and its hash."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas import columns as c


def posting_text() -> Column:
    """Title, skills and description, each on a line; null when all are absent.

    Company, place and salary are left out: they are rules and score parts of their own.
    """
    return _lines(F.col(c.TITLE), _listed(c.SKILLS), F.col(c.DESCRIPTION))


def member_text(recent_experiences: int, experience_chars: int, max_chars: int) -> Column:
    """What the member wants and does, then has done, knows and says; null when nothing is known.

    Args:
        recent_experiences: how many positions count, of `experiences`, which are sorted latest first.
        experience_chars: how much of a position's description counts.
        max_chars: the text is cut here, so what comes first weighs most.
    """
    positions = F.transform(
        F.slice(c.EXPERIENCES, 1, recent_experiences),
        lambda position: F.concat_ws(
            ": ", position["title"], F.substring(position["description"], 1, experience_chars)
        ),
    )
    text = _lines(
        _listed(c.WANTED_TITLES),
        F.col(c.HEADLINE),
        F.concat_ws("\n", F.filter(positions, lambda text: text != "")),
        _listed(c.SKILLS),
        F.col(c.ABOUT),
    )
    return F.rtrim(F.substring(text, 1, max_chars))


def content_hash() -> Column:
    """sha256 of the text, hex; null where there is no text."""
    return F.sha2(c.TEXT, 256)


def _listed(name: str) -> Column:
    return F.concat_ws(", ", name)


def _lines(*parts: Column) -> Column:
    present = F.filter(F.array(*parts), lambda part: part != "")  # a null part is not kept either
    return F.when(F.size(present) > 0, F.concat_ws("\n", present))
