"""Columns: skills, equal when they are the same word apart from case and surrounding blanks."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def folded_skills(skills: Column) -> Column:
    """Each skill once, lower-case and trimmed, blanks dropped; null stays null.

    `[" SQL", "sql", "Spark", ""]` gives `["sql", "spark"]`.
    """
    return F.array_distinct(F.filter(F.transform(skills, _folded), lambda skill: skill != ""))


def distinct_skills(skills: Column) -> Column:
    """Each skill once, trimmed, in its first spelling, sorted; null stays null.

    `["SQL", "sql ", "Ada"]` gives `["Ada", "SQL"]`.
    """
    spelled = F.filter(F.transform(skills, lambda skill: F.trim(skill)), lambda skill: skill != "")
    folded = F.transform(spelled, _folded)
    first = F.filter(spelled, lambda skill, place: F.array_position(folded, _folded(skill)) == place + 1)
    return F.sort_array(first)


def skills_in(skills: Column, folded: Column) -> Column:
    """Those of `skills` that `folded` holds, as spelled in `skills`; no list on a side reads as an empty one."""
    known = F.coalesce(folded, F.array())
    return F.filter(_listed(skills), lambda skill: F.array_contains(known, _folded(skill)))


def skills_beyond(skills: Column, others: Column, most: int) -> Column:
    """The first `most` of `skills` that are not among `others`; none where `others` is empty: then nothing is known."""
    known = F.transform(_listed(others), _folded)
    beyond = F.filter(_listed(skills), lambda skill: ~F.array_contains(known, _folded(skill)))
    return F.when(F.size(known) > 0, F.slice(beyond, 1, most)).otherwise(F.array().cast("array<string>"))


def _folded(skill: Column) -> Column:
    return F.lower(F.trim(skill))


def _listed(skills: Column) -> Column:
    return F.coalesce(skills, F.array().cast("array<string>"))
