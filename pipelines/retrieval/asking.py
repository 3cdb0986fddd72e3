"""Columns: what the search asks of postings, members and saved searches; equal words on both sides are one number."""

from functools import reduce
from operator import add

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.retrieval.words import ACCENTED, PLURAL
from schemas import columns as c
from schemas.values import SENIORITIES


def region_of(place: Column) -> Column:
    """Country and region of a place."""
    return F.struct(place[c.COUNTRY], place[c.REGION])


def cohort(*more: Column) -> Column:
    """The wishes of a member that partition the search, as JSON; equal for members of one cohort.

    Args:
        more: what saved searches ask besides, each with its name.
    """
    sets = {c.PLACES: F.transform(c.PLACES, region_of)}
    sets |= {name: F.col(name) for name in (c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES)}
    return F.to_json(F.struct(*(distinct(one).alias(name) for name, one in sets.items()), *more))


def member_terms() -> list[Column]:
    """What a member asks of single postings."""
    return [
        F.col(c.YEARS_OF_EXPERIENCE),
        F.col(c.MIN_SALARY),
        F.col(c.SALARY_CURRENCY),
        hashes(F.col(c.EXCLUDED_COMPANY_KEYS)).alias("companies"),
        hashes(F.col(c.EXCLUDED_POSTING_IDS)).alias("excluded_postings"),
    ]


def search_cohort() -> Column:
    """As `cohort`, of a saved search: the places that it excludes, and those that it names without a city."""
    asked, has_no_city = F.col(c.CRITERIA), lambda place: place[c.CITY].isNull()
    of_profile = F.coalesce(F.size(asked[c.PLACES]), F.lit(0)) == 0  # a city in a profile never excludes
    whole = F.when(of_profile, F.col(c.PLACES)).otherwise(F.filter(asked[c.PLACES], has_no_city))
    excluded = F.filter(asked[c.EXCLUDED_PLACES], has_no_city)
    return cohort(
        distinct(F.transform(whole, region_of)).alias("whole_places"),
        distinct(F.transform(excluded, region_of)).alias(c.EXCLUDED_PLACES),
        F.lit(True).alias("is_search"),
    )


def search_terms(run_date: Column) -> list[Column]:
    """What a saved search asks of single postings, besides its member's terms."""
    asked = F.col(c.CRITERIA)
    return [
        F.unix_date(F.date_sub(run_date, asked[c.POSTED_WITHIN_DAYS])).alias("earliest"),
        seniority_bits(asked[c.SENIORITIES]).alias("seniority_bits"),
        city_hashes(asked[c.PLACES]).alias("cities"),
        city_hashes(asked[c.EXCLUDED_PLACES]).alias("excluded_cities"),
        hashes(asked[c.COMPANY_KEYS]).alias("wanted_companies"),
        phrases(asked[c.TITLES]).alias("title_phrases"),
        phrases(asked[c.EXCLUDED_TITLES]).alias("excluded_title_phrases"),
    ]


def posting_facts() -> list[Column]:
    """What saved searches ask of a posting, null where it is unknown."""
    return [
        F.unix_date(c.POSTED_ON).alias("posted"),
        seniority_bits(F.array(c.SENIORITY)).alias("seniority_bits"),
        city_hash(F.col(c.COUNTRY), F.col(c.CITY)).alias("city_hash"),
        title_words(F.col(c.TITLE)).alias("title_words"),
    ]


def title_words(title: Column) -> Column:
    """Hashes of a title's words, sorted."""
    return hashes(words_of(title))


def words_of(title: Column) -> Column:
    """The words of a title in small letters, without accents and without a plural s; none of no title.

    `"Night Nurses, Köln"` gives `["night", "nurse", "koln"]`.
    """
    words = F.split(folded(F.coalesce(title, F.lit(""))), r"[^\p{L}\p{N}]+")
    return F.transform(F.filter(words, lambda word: word != ""), _singular)


def folded(text: Column) -> Column:
    """Small letters without accents, as far as a Latin letter and its accent are one character."""
    plain = F.translate(F.lower(text), "".join(ACCENTED), "".join(ACCENTED.values()))
    return F.replace(plain, F.lit("ß"), F.lit("ss"))


def phrases(titles: Column) -> Column:
    """The hashed words of each title that has any."""
    return F.filter(F.transform(titles, title_words), lambda words: F.size(words) > 0)


def seniority_bits(names: Column) -> Column:
    """A bit for each level among the names; 0: there is none."""
    bits = (F.when(F.array_contains(names, name), F.lit(1 << bit)).otherwise(0) for bit, name in enumerate(SENIORITIES))
    return reduce(add, bits)


def city_hashes(places: Column) -> Column:
    """Sorted hashes of the cities that places name."""
    cities = F.filter(places, lambda place: place[c.CITY].isNotNull())
    return distinct(F.transform(cities, lambda place: city_hash(place[c.COUNTRY], place[c.CITY])))


def city_hash(country: Column, city: Column) -> Column:
    """Null where either is unknown."""
    return F.when(country.isNotNull() & city.isNotNull(), F.xxhash64(country, folded(city)))


def hashes(texts: Column) -> Column:
    """Sorted hashes, each once."""
    return distinct(F.transform(texts, lambda text: F.xxhash64(text)))


def distinct(values: Column) -> Column:
    """Each value once, sorted."""
    return F.array_sort(F.array_distinct(values))


def _singular(word: Column) -> Column:
    return F.regexp_replace(word, PLURAL, "")
