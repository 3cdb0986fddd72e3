"""Columns: what is said of a posting that lies beyond a wish of the member, because too few lie within."""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas.rules import Relaxation

_CLAUSES: Final[dict[Relaxation, str]] = {
    "next_region": "outside your places: nearest we found",
    "remote_elsewhere": "outside your places, but remote: nearest we found",
}


def relaxation_clause(relaxation: Column) -> Column:
    """`outside your places: nearest we found`; null where nothing was relaxed for the row."""
    clause = F.lit(None).cast("string")
    for step, words in _CLAUSES.items():
        clause = F.when(relaxation == step, F.lit(words)).otherwise(clause)
    return clause
