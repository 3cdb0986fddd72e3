"""Columns: the text that a posting is embedded as, and the hash of a text."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.embedding.identity import occupations_for_all
from schemas import columns as c


def posting_text() -> Column:
    """Title, skills and description, each on a line, with gender-free titles; null when all are absent.

    Company, place and salary are left out: they are rules and score parts of their own.
    """
    return gender_free(_lines(F.col(c.TITLE), F.concat_ws(", ", c.SKILLS), F.col(c.DESCRIPTION)))


def gender_free(text: Column) -> Column:
    """What `identity.gender_free_title` makes of it."""
    forms = [
        (rf"\b{form(word)}\b", form(neutral))
        for word, neutral in sorted(occupations_for_all().items())
        for form in (str.lower, str.capitalize, str.upper)
    ]
    pairs = F.array(*[F.struct(F.lit(word).alias("word"), F.lit(neutral).alias("neutral")) for word, neutral in forms])
    replaced = F.aggregate(pairs, text, lambda so_far, pair: F.regexp_replace(so_far, pair["word"], pair["neutral"]))
    any_of_them = rf"(?i)\b(?:{'|'.join(sorted(occupations_for_all()))})\b"
    return F.when(text.rlike(any_of_them), replaced).otherwise(text)  # few postings have one, and the pairs are many


def content_hash() -> Column:
    """sha256 of the text, hex; null where there is no text."""
    return F.sha2(c.TEXT, 256)


def _lines(*parts: Column) -> Column:
    present = F.filter(F.array(*parts), lambda part: part != "")  # a null part is not kept either
    return F.when(F.size(present) > 0, F.concat_ws("\n", present))
