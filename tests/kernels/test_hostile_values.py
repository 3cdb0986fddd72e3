"""Single values that are made to break their reader."""

import datetime
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.embedding.config import EmbeddingConfig
from pipelines.embedding.student import load_student
from pipelines.ingest.cleaning import clean, folded, has_words
from pipelines.ingest.members import read_embedded_member
from pipelines.ingest.reading import Unreadable, date_of, id_of, number_of
from schemas import columns as c
from tests.conftest import PROJECT
from tests.hostile import DATES, IDS, NUMBERS, SURROGATES, TEXTS
from tests.kernels.test_ingest_reading import CONFIG, DAY, posting

EMBEDDING = EmbeddingConfig(batch_texts=8, recent_experiences=4, experience_chars=200, max_text_chars=4_000)
SHIPPED = PROJECT / "pipelines" / "embedding" / "default_student"
VALUES = st.sampled_from([*TEXTS, *SURROGATES, *IDS, *NUMBERS, *DATES]) | st.text() | st.floats() | st.integers()


def read_or_none(reader, value):
    try:
        return reader(value)
    except Unreadable:
        return None


@pytest.mark.parametrize("value", ["\x00", "\x01 \x01", " \x1f\x1e ", "\ud800", "\x00NA", "\n\r\t"])
def test_an_id_of_what_no_table_can_hold_is_none(value):
    assert id_of(value) is None
    assert posting(posting_id=value)[c.POSTING_ID] is None


@given(VALUES)
def test_an_id_is_as_it_is_or_unreadable(value):
    found = read_or_none(id_of, value)
    if found is not None:
        assert found.strip() == found != "" and len(found) <= 500
        assert min(map(ord, found)) >= 0x20
        found.encode()


@pytest.mark.parametrize("title", ["\u0301", "\u200d\u200c", "\ue000", "★ ★", "----", "\u0301\u20dd"])
def test_a_title_without_a_letter_or_digit_is_missing(title):
    assert not has_words(title)
    assert (posting(title=title)[c.TITLE], posting(title=f"{title} C")[c.TITLE] is None) == (None, False)


def test_a_letter_or_digit_is_enough_for_a_vector():
    """Else a text of one would have a vector of zeros, and the gate on unit length would stop the night."""
    characters = [character for character in map(chr, range(0x30000)) if has_words(character)]
    lengths = np.linalg.norm(load_student(SHIPPED, 1_024).encode(characters[::9]), axis=1)
    assert len(characters) > 100_000
    assert [found for found, length in zip(characters[::9], lengths, strict=True) if abs(length - 1) > 1e-3] == []
    assert np.linalg.norm(load_student(SHIPPED, 1_024).encode(["\u0301", "\ue000"])) == 0


def test_a_profile_without_a_letter_or_digit_is_empty():
    row = '{"member_id": "m", "headline": "\\u0301", "about": "***", "skills": ["\\ue000"]}'
    assert read_embedded_member(row, DAY, CONFIG, EMBEDDING)[c.TEXT] is None
    assert read_embedded_member(row.replace("***", "a"), DAY, CONFIG, EMBEDDING)[c.TEXT] is not None


@given(VALUES)
def test_a_number_is_finite_and_at_least_zero_or_unreadable(value):
    found = read_or_none(number_of, value)
    assert found is None or (math.isfinite(found) and found >= 0)


@given(VALUES)
def test_a_date_is_of_1900_or_later_or_unreadable(value):
    found = read_or_none(date_of, value)
    assert found is None or found >= datetime.date(1900, 1, 1)


def test_the_date_is_that_of_greenwich():
    assert date_of("2026-11-02T23:59:59-12:00") == datetime.date(2026, 11, 3)
    assert read_or_none(date_of, "9999-12-31T23:59:59-23:59") is None


def seconds_of(work) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@pytest.mark.parametrize(
    "unit",
    [
        "\u0301\u0316",
        "\u0316" * 50 + "\u0301" * 50 + "\u200b",
        "<script>",
        "<!--",
        "&amp;lt;",
        "<p ",
        "Ã©",
        "\u200b",
        "[",
        "<a " + "x" * 50,
    ],
    ids=repr,
)
def test_the_time_that_a_text_takes_grows_with_its_length(unit):
    text = "a" + unit * (200_000 // len(unit))
    cleaned = clean(text, 20_000, lines=True) or ""
    assert seconds_of(lambda: clean(text, 20_000, lines=True)) < 1
    assert seconds_of(lambda: folded(cleaned)) < 1
