"""Kernel: one raw posting, read."""

import json
from collections.abc import Mapping

from pipelines.ingest import vocabulary
from pipelines.ingest.cleaning import has_words
from pipelines.ingest.companies import company_key
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.gazetteer import skills_named
from pipelines.ingest.places import place_key, place_of, work_mode_of_place
from pipelines.ingest.reading import UNREADABLE, clean_of, date_of, id_of, number_of, read, texts_of, years_of
from pipelines.ingest.titles import employment_type_of_title, seniority_of_title, work_mode_of_title
from schemas import columns as c

PLACE_KEY = "place_key"
MAX_SHORT_CHARS = 200  # names, places, single skills


def read_posting(row: str, config: IngestConfig) -> dict[str, object]:
    """A posting's canonical columns, keys of company and place, and in `unreadable` the columns that are.

    Args:
        row: one source row as a JSON object. Fields may hold any type; nothing in it raises.
        config: limits of lengths.
    """
    raw: Mapping[str, object] = json.loads(row)
    wrong: list[str] = []
    title = read(raw, c.TITLE, lambda value: clean_of(value, config.max_title_chars), wrong) or ""
    title = title if has_words(title) else ""
    short = {
        name: read(raw, name, lambda value: clean_of(value, MAX_SHORT_CHARS), [])
        for name in (c.COMPANY, c.COUNTRY, c.REGION, c.CITY, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.SENIORITY, c.STATUS)
    }
    place_text = f"{short[c.REGION] or ''};{short[c.CITY] or ''}"
    place = place_of(short[c.COUNTRY], short[c.REGION], short[c.CITY], config.default_country)
    skills = read(raw, c.SKILLS, lambda value: texts_of(value, MAX_SHORT_CHARS), []) or []
    description = read(raw, c.DESCRIPTION, lambda v: clean_of(v, config.max_description_chars, lines=True), [])
    return {
        c.POSTING_ID: read(raw, c.POSTING_ID, id_of, wrong),
        c.TITLE: title or None,
        c.COMPANY: short[c.COMPANY],
        c.COMPANY_KEY: company_key(short[c.COMPANY]),
        c.DESCRIPTION: description,
        c.NAMED_SKILLS: skills_named([title, description], skills),
        c.SKILLS: skills,
        c.COUNTRY: place.country,
        c.REGION: place.region,
        c.CITY: place.city,
        PLACE_KEY: place_key(place, short[c.REGION], short[c.CITY]),
        c.WORK_MODE: vocabulary.work_mode(short[c.WORK_MODE] or "")
        or work_mode_of_place(place_text)
        or work_mode_of_title(title),
        c.EMPLOYMENT_TYPE: vocabulary.employment_type(short[c.EMPLOYMENT_TYPE] or "")
        or employment_type_of_title(title),
        c.SENIORITY: vocabulary.seniority(short[c.SENIORITY] or "") or seniority_of_title(title),
        c.MIN_YEARS: read(raw, c.MIN_YEARS, years_of, wrong),
        c.LANGUAGES: read_languages(raw),
        **_salary(raw, place.country, wrong),
        c.POSTED_ON: read(raw, c.POSTED_ON, date_of, wrong),
        c.EXPIRES_ON: read(raw, c.EXPIRES_ON, date_of, wrong),
        c.STATUS: vocabulary.status(short[c.STATUS] or "open") or "open",
        UNREADABLE: wrong,
    }


def read_languages(raw: Mapping[str, object]) -> list[str]:
    """Codes of the languages that can be told, each once, sorted."""
    named = read(raw, c.LANGUAGES, lambda value: texts_of(value, MAX_SHORT_CHARS), []) or []
    return sorted({code for text in named if (code := vocabulary.language(text))})


def read_currency(raw: Mapping[str, object], country: str | None) -> tuple[str | None, bool]:
    """The currency's code, and whether one is named that nobody knows."""
    named = read(raw, c.SALARY_CURRENCY, lambda value: clean_of(value, MAX_SHORT_CHARS), [])
    code = vocabulary.currency(named, country) if named else None
    return code, named is not None and code is None


def _salary(raw: Mapping[str, object], country: str | None, wrong: list[str]) -> dict[str, object]:
    """Salary columns; of an amount in an unknown currency nothing is known, and zero is no amount."""
    code, unknown = read_currency(raw, country)
    low, high = (read(raw, name, number_of, wrong) or None for name in (c.SALARY_MIN, c.SALARY_MAX))
    return (
        {c.SALARY_MIN: None, c.SALARY_MAX: None, c.SALARY_CURRENCY: None}
        if unknown
        else {c.SALARY_MIN: low, c.SALARY_MAX: high, c.SALARY_CURRENCY: code}
    )
