"""Kernel: one raw saved search, read and understood."""

import json
from collections.abc import Mapping

from pipelines.embedding.identity import identity_free
from pipelines.ingest import vocabulary
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.reading import UNREADABLE, clean_of, date_of, flag_of, id_of, read, text_of
from pipelines.searches.criteria import criteria_of, held
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish
from pipelines.wishes.understood import understood_as
from pipelines.wishes.wish import Wish
from schemas import columns as c


def read_search(row: str, ingest: IngestConfig, wishes: WishesConfig) -> dict[str, object]:
    """A saved search's columns, what was understood of its text, and under `unreadable` what cannot be read.

    Args:
        row: one source row as a JSON object. Fields may hold any type; nothing in it raises.
        ingest: limits of lengths.
        wishes: how the text is understood.
    """
    raw: Mapping[str, object] = json.loads(row)
    wrong: list[str] = []
    text = read(raw, c.TEXT, lambda value: clean_of(value, ingest.max_description_chars), wrong)
    named = read(raw, c.LANGUAGE, text_of, [])
    language = vocabulary.language(named) if named else None
    return {
        **{name: read(raw, name, id_of, wrong) for name in (c.SEARCH_ID, c.MEMBER_ID)},
        c.TEXT: text,
        c.LANGUAGE: language,
        **{name: read(raw, name, date_of, []) for name in (c.CREATED_ON, c.UNSEEN_SINCE)},
        c.ACTIVE: read(raw, c.ACTIVE, flag_of, wrong),
        **(understood(text, language, wishes) if text else {}),
        UNREADABLE: wrong,
    }


def understood(text: str, language: str | None, config: WishesConfig) -> dict[str, object]:
    """Criteria, what they are in words, what remains to be embedded, and what was not understood.

    Args:
        text: of the wish.
        language: that it is written in; None: found out.
        config: how it is read.
    """
    return told(parse_wish(text, config, language))


def told(read: Wish) -> dict[str, object]:
    """The same of a wish that was read, whoever has read it."""
    wish = held(read)
    remaining = wish.remaining_text()
    return {
        c.CRITERIA: criteria_of(wish),
        c.UNDERSTOOD_AS: understood_as(wish),
        c.NOT_UNDERSTOOD: [wish.words(span) for span in wish.not_understood],
        c.LANGUAGE_KNOWN: wish.language_known,
        c.WISH: (identity_free(remaining) or None) if remaining else None,
    }
