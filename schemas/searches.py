"""Saved searches: wishes in plain words, what was understood of them, and what each night finds for them."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.members import PLACE
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.table import Table, columns_of

BROUGHT_BY = ("wish", "profile")
RULES = "rules"

_TEXTS = T.ArrayType(T.StringType())
_NIGHT = {c.RUN_DATE: T.DateType(), c.RUN_ID: T.StringType()}
_WHOSE = {c.SEARCH_ID: T.StringType(), c.MEMBER_ID: T.StringType()}
_SIMILARITIES = {
    c.WISH_SIMILARITY: T.DoubleType(),  # cosine, [-1, 1], with the wish alone; null: it names no work
    c.PROFILE_SIMILARITY: T.DoubleType(),  # with the profile alone; null: it is empty, or has no weight
}

SOURCE = columns_of(
    **{
        **_WHOSE,
        c.TEXT: T.StringType(),  # the wish, as it was typed
        c.LANGUAGE: T.StringType(),  # that it was typed in; null: found out
        c.CREATED_ON: T.DateType(),
        c.ACTIVE: T.BooleanType(),  # null: it is
        c.UNSEEN_SINCE: T.DateType(),  # since when nobody has looked at what it finds; null: lately
    }
)

CRITERIA = columns_of(  # what a posting must be; an empty list or null: the search does not say
    **{
        c.PLACES: T.ArrayType(PLACE),  # one of them; a city that is named counts
        c.EXCLUDED_PLACES: T.ArrayType(PLACE),
        c.WORK_MODES: _TEXTS,
        c.EMPLOYMENT_TYPES: _TEXTS,
        c.SENIORITIES: _TEXTS,
        c.LANGUAGES: _TEXTS,  # no other may be asked for
        c.MIN_SALARY: T.DoubleType(),  # per year
        c.SALARY_CURRENCY: T.StringType(),
        c.COMPANY_KEYS: _TEXTS,  # one of them
        c.EXCLUDED_COMPANY_KEYS: _TEXTS,
        c.TITLES: _TEXTS,  # all words of one of them are in the title
        c.EXCLUDED_TITLES: _TEXTS,
        c.POSTED_WITHIN_DAYS: T.IntegerType(),
    }
)

SAVED_SEARCHES = Table(
    name="saved_searches",
    key=(c.SEARCH_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **_NIGHT,
        **{field.name: field.dataType for field in SOURCE if field.name != c.ACTIVE},
        **{
            c.CRITERIA: CRITERIA,
            c.UNDERSTOOD_AS: T.StringType(),  # the criteria and the wish, to be read back
            c.NOT_UNDERSTOOD: _TEXTS,  # words that ask for something that nothing here can hold
            c.LANGUAGE_KNOWN: T.BooleanType(),  # to the student; false: the wish is searched by all the same
            c.WISH: T.StringType(),  # what remains to be embedded, without identity words; null: nothing
            c.CONTENT_HASH: T.StringType(),  # sha256 of `wish` and of who encodes it, hex
            c.READ_BY: T.StringType(),  # RULES, or the language model that understood the text
        },
    ),
)

SAVED_SEARCHES_REJECTED = Table(
    name="saved_searches_rejected",
    key=(c.SOURCE_ROW,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **_NIGHT,
        **{
            c.SOURCE_ROW: T.StringType(),  # the row's id where it has one, else the sha256 of the row
            c.MEMBER_ID: T.StringType(),
            c.REASONS: _TEXTS,  # every reason that applies, sorted
            c.ROW: T.StringType(),  # the row as read, JSON; null for a member who opted out
        },
    ),
)

SEARCH_MATCHES = Table(
    name="search_matches",
    key=(c.SEARCH_ID, c.POSTING_ID),
    partition=c.RUN_DATE,
    schema=columns_of(
        **_NIGHT,
        **_WHOSE,
        **{
            c.POSTING_ID: T.StringType(),
            c.SIMILARITY: T.DoubleType(),  # product with the blend of wish and profile, [-1, 1], 6 decimals
        },
        **_SIMILARITIES,
        **{c.STUDENT_ID: T.StringType(), c.INDEX_ID: T.StringType()},
    ),
)

SEARCH_SHORTFALLS = Table(
    name="search_shortfalls",
    key=(c.SEARCH_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **_NIGHT,
        **_WHOSE,
        **{field.name: field.dataType for field in SHORTFALLS.schema if field.name not in {*_NIGHT, *_WHOSE}},
    ),
)

_SEARCHED = {
    c.UNDERSTOOD_AS: T.StringType(),
    **_SIMILARITIES,
    c.BROUGHT_BY: T.StringType(),  # BROUGHT_BY: which of the two adds more to the similarity
    c.IS_NEW: T.BooleanType(),  # on no list of this search of an earlier date
}

SEARCH_RECOMMENDATIONS = Table(
    name="search_recommendations",
    key=(c.SEARCH_ID, c.RANK),
    partition=c.RUN_DATE,
    schema=columns_of(
        **_NIGHT,
        **_WHOSE,
        **{field.name: field.dataType for field in RECOMMENDATIONS.schema if field.name not in {*_NIGHT, *_WHOSE}},
        **_SEARCHED,
    ),
)
