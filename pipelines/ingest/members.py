"""Kernel: one raw member, read; and one raw interaction."""

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.profile import member_text
from pipelines.ingest import vocabulary
from pipelines.ingest.careers import current_employer_keys, experiences_of, years_of_experience
from pipelines.ingest.cleaning import clean
from pipelines.ingest.companies import company_key
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.gazetteer import skills_named
from pipelines.ingest.places import Place, place_of
from pipelines.ingest.postings import MAX_SHORT_CHARS, read_currency, read_languages
from pipelines.ingest.reading import (
    UNREADABLE,
    Unreadable,
    clean_of,
    date_of,
    elements_of,
    flag_of,
    id_of,
    number_of,
    read,
    texts_of,
    years_of,
)
from pipelines.ingest.titles import seniority_of_title
from schemas import columns as c


def read_member(row: str, run_date: datetime.date, config: IngestConfig) -> dict[str, Any]:
    """A member's canonical columns, the companies to keep away, and under `unreadable` an id that is none.

    Any other value that cannot be read is not known: nobody is refused for a field that they may leave empty.

    Args:
        row: one source row as a JSON object. Fields may hold any type; nothing in it raises.
        run_date: later positions are yet to come.
        config: limits of lengths.
    """
    raw: Mapping[str, object] = json.loads(row)
    wrong: list[str] = []
    headline = read(raw, c.HEADLINE, lambda value: clean_of(value, config.max_title_chars), [])
    held = (
        read(
            raw,
            c.EXPERIENCES,
            lambda value: experiences_of(value, run_date, config.max_title_chars, config.max_description_chars),
            [],
        )
        or []
    )
    latest = next((position.title for position in held if position.title), None)
    blocked = {key for name in _texts(raw, c.BLOCKED_COMPANIES) if (key := company_key(name))}
    named_seniority = read(raw, c.SENIORITY, lambda value: clean_of(value, MAX_SHORT_CHARS), [])
    years = read(raw, c.YEARS_OF_EXPERIENCE, years_of, [])
    currency, unknown_currency = read_currency(raw, config.default_country)
    return {
        c.MEMBER_ID: read(raw, c.MEMBER_ID, id_of, wrong),
        c.HEADLINE: headline,
        c.ABOUT: read(raw, c.ABOUT, lambda value: clean_of(value, config.max_description_chars, lines=True), []),
        c.EXPERIENCES: [position._asdict() for position in held],
        c.WANTED_TITLES: _texts(raw, c.WANTED_TITLES),
        c.SKILLS: _texts(raw, c.SKILLS),
        c.YEARS_OF_EXPERIENCE: years_of_experience(held, run_date) if years is None else years,
        c.SENIORITY: vocabulary.seniority(named_seniority or "")
        or seniority_of_title(headline or "")
        or seniority_of_title(latest or ""),
        c.PLACES: _places(raw, config.default_country),
        c.WORK_MODES: _known(raw, c.WORK_MODES, vocabulary.work_mode),
        c.EMPLOYMENT_TYPES: _known(raw, c.EMPLOYMENT_TYPES, vocabulary.employment_type),
        c.LANGUAGES: read_languages(raw),
        c.MIN_SALARY: None if unknown_currency else read(raw, c.MIN_SALARY, number_of, []) or None,
        c.SALARY_CURRENCY: currency,
        c.BLOCKED_COMPANIES: _texts(raw, c.BLOCKED_COMPANIES),
        c.OPEN_TO_RECRUITERS: read(raw, c.OPEN_TO_RECRUITERS, flag_of, []) or False,
        c.OPTED_OUT: _has_opted_out(raw),
        c.EXCLUDED_COMPANY_KEYS: sorted(blocked | current_employer_keys(held)),
        UNREADABLE: wrong,
    }


def read_embedded_member(
    row: str, run_date: datetime.date, config: IngestConfig, embedding: EmbeddingConfig
) -> dict[str, object]:
    """What `read_member` gives, the text that is embedded, and the skills that fields and words name."""
    member = read_member(row, run_date, config)
    held = (text for position in member[c.EXPERIENCES] for text in (position["title"], position["description"]))
    told = [*member[c.WANTED_TITLES], member[c.HEADLINE], *held, member[c.ABOUT]]
    return {**member, c.TEXT: member_text(member, embedding), c.NAMED_SKILLS: skills_named(told, member[c.SKILLS])}


def read_wish(row: str) -> dict[str, object]:
    """A member's id, None where absent or unreadable, and whether the row asks to be left alone."""
    raw: Mapping[str, object] = json.loads(row)
    return {c.MEMBER_ID: read(raw, c.MEMBER_ID, id_of, []), c.OPTED_OUT: _has_opted_out(raw)}


def read_interaction(row: str) -> dict[str, object]:
    """Ids and date (UTC) of an interaction; None where absent or unreadable."""
    raw: Mapping[str, object] = json.loads(row)
    return {
        c.MEMBER_ID: read(raw, c.MEMBER_ID, id_of, []),
        c.POSTING_ID: read(raw, c.POSTING_ID, id_of, []),
        c.OCCURRED_AT: read(raw, c.OCCURRED_AT, date_of, []),
    }


def _texts(raw: Mapping[str, object], name: str) -> list[str]:
    return read(raw, name, lambda value: texts_of(value, MAX_SHORT_CHARS), []) or []


def _known(raw: Mapping[str, object], name: str, meaning: Callable[[str], str | None]) -> list[str]:
    return sorted({word for text in _texts(raw, name) if (word := meaning(text))})


def _has_opted_out(raw: Mapping[str, object]) -> bool:
    """Whether the row asks to be left alone; an answer that cannot be read counts as one."""
    try:
        return flag_of(raw.get(c.OPTED_OUT)) or False
    except Unreadable:
        return True


def _places(raw: Mapping[str, object], default_country: str | None) -> list[dict[str, str | None]]:
    """Places with a country, each once, in the order given."""
    found = (_place(element, default_country) for element in read(raw, c.PLACES, elements_of, []) or [])
    known = dict.fromkeys(place for place in found if place.country)
    return [place._asdict() for place in known]


def _place(element: object, default_country: str | None) -> Place:
    if isinstance(element, dict):
        fields = (element.get(name) for name in ("country", "region", "city"))
        texts = [clean(value, MAX_SHORT_CHARS) if isinstance(value, str) else None for value in fields]
    else:
        texts = [None, None, clean(element, MAX_SHORT_CHARS) if isinstance(element, str) else None]
    return place_of(texts[0], texts[1], texts[2], default_country) if any(texts) else Place()
