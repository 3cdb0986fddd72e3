"""Columns: which of a member's wishes and positions a posting's title is like.

Titles are compared by their words, of which rank and form of employment count little: a Store Manager is not like a
Project Manager. Words are made once per posting and per member; a pair costs two intersections per title.
"""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from schemas.recommendations import SIMILAR_KINDS

WORDS: Final = "words"
SIMILAR_TITLE: Final = 0.55  # overlap from which a title is called like another
_WISHES, _POSITIONS = 5, 6  # titles of a member that are compared, the first ones
_COMMON = 0.4  # weight of a word of rank, beside 1 of any other
_RANKS = (
    "assistant associate manager specialist coordinator representative rep supervisor director technician worker clerk "
    "operator officer agent staff administrator consultant analyst executive leader lead head senior junior trainee "
    "intern apprentice chief deputy principal general member team professional expert engineer "
    "service customer"
).split()
_SILENT = (
    "the and for with our you part time full fulltime parttime temporary temp seasonal permanent remote hybrid onsite "
    "urgent immediate hiring now needed wanted job position opening shift night day weekend iii "
    "level entry new"
).split()


def title_words(title: Column) -> Column:
    """Struct of a title's words in small letters without a plural s: those of rank, `common`, and others, `own`."""
    plain = F.regexp_replace(F.lower(title), r"[^\p{L}\p{N}+#]+", " ")
    singular = F.transform(F.split(F.trim(plain), " "), lambda word: F.regexp_replace(word, "(?<=[a-z]{3}[^s])s$", ""))
    silent, ranks = (F.array(*map(F.lit, words)) for words in (_SILENT, _RANKS))
    said = F.filter(F.array_distinct(singular), lambda word: (F.length(word) > 1) & ~F.array_contains(silent, word))
    return F.struct(
        F.filter(said, lambda word: ~F.array_contains(ranks, word)).alias("own"),
        F.filter(said, lambda word: F.array_contains(ranks, word)).alias("common"),
    )


def compared_titles(wanted_titles: Column, experiences: Column) -> Column:
    """Array of struct (kind, title, words): the member's first wishes, then the latest positions."""
    none = F.array().cast("array<string>")
    wishes = F.slice(F.coalesce(wanted_titles, none), 1, _WISHES)
    held = F.transform(experiences, lambda position: position["title"])
    positions = F.slice(F.array_compact(F.coalesce(held, none)), 1, _POSITIONS)

    def of_kind(titles: Column, kind: str) -> Column:
        return F.transform(
            titles,
            lambda title: F.struct(F.lit(kind).alias("kind"), title.alias("title"), title_words(title).alias(WORDS)),
        )

    return F.concat(*[of_kind(titles, kind) for kind, titles in zip(SIMILAR_KINDS, (wishes, positions), strict=True)])


def similar_to(words: Column, titles: Column) -> Column:
    """The title most like the posting's and the words they share; of equal ones the first; null where none is like it.

    Args:
        words: `title_words` of the posting.
        titles: `compared_titles` of the member.
    """
    overlaps = F.transform(
        titles,
        lambda title, place: F.struct(title_overlap(words, title[WORDS]).alias("overlap"), (-place).alias("place")),
    )
    best = F.array_max(overlaps)
    like = F.get(titles, -best["place"])
    shared = F.concat(*[F.array_intersect(words[part], like[WORDS][part]) for part in ("own", "common")])
    told = F.struct(
        like["kind"].alias("kind"), like["title"].alias("title"), F.sort_array(shared).alias("shared_words")
    )
    return F.when(best["overlap"] >= SIMILAR_TITLE, told)


def title_overlap(left: Column, right: Column) -> Column:
    """Twice the weight of the shared words over the weight of all (Dice's coefficient), in [0, 1].

    Nurse and Staff Nurse: 2 x 1 / (1 + 1.4) = 0.83; Store Manager and Project Manager: 2 x 0.4 / (1.4 + 1.4) = 0.29.
    """
    shared = F.size(F.array_intersect(left["own"], right["own"])) + _COMMON * F.size(
        F.array_intersect(left["common"], right["common"])
    )
    total = _weight(left) + _weight(right)
    return F.when(total > 0, 2 * shared / total).otherwise(F.lit(0.0))


def _weight(words: Column) -> Column:
    return F.size(words["own"]) + _COMMON * F.size(words["common"])
