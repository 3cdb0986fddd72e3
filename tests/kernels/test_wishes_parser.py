"""Saved searches in plain words, read without a model."""

import time

import pytest

from pipelines.ingest.places import Place
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish
from pipelines.wishes.understood import understood_as
from pipelines.wishes.wish import Salary, Span
from tests.wish_texts import hostile_wishes, template_wishes

CONFIG = WishesConfig()


def read(text, **settings):
    return parse_wish(text, WishesConfig(**settings))


def said(text):
    return [(one.kind, one.value, one.excluded) for one in read(text).criteria]


def assert_tiled(wish):
    """Spans of criteria, of what remains and of what is not understood cover each character once."""
    spans = sorted({one.span for one in wish.criteria} | set(wish.remaining) | set(wish.not_understood))
    assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])][: len(spans)]
    assert (spans[-1].end if spans else 0) == len(wish.text)
    assert all(span.start < span.end for span in spans)
    assert len(spans) == len({one.span for one in wish.criteria}) + len(wish.remaining) + len(wish.not_understood)


def test_ten_thousand_wishes_from_templates_are_read_as_they_were_made_and_tiled():
    for text, strict in template_wishes(10_000, seed=3):
        wish = parse_wish(text, CONFIG)
        assert_tiled(wish)
        where = strict.pop("place", None)
        found = {one.kind: one.value for one in wish.criteria if one.kind != "place"}
        assert (found, [one for one in wish.criteria if one.excluded]) == (strict, []), text
        assert {wish.words(span) for span in wish.not_understood} <= {where}, text


def test_a_thousand_hostile_wishes_break_nothing_and_lose_no_character():
    for text in hostile_wishes(1_000, seed=5):
        wish = parse_wish(text, CONFIG)
        assert_tiled(wish)
        assert wish.text == text[: CONFIG.max_chars]
        assert wish.cut == (len(text) > CONFIG.max_chars)
        understood_as(wish)


@pytest.mark.parametrize(
    "token",
    [
        "no ",
        "1.000",
        "at least ",
        "in Lyon or ",
        "$1 ",
        "remote or ",
        "last ",
        '"',
        "title: a ",
        "a",
        "French, ",
        "\x00",
        "40-",
    ],
)
def test_a_million_characters_take_no_longer_than_their_first(token):
    text = token * (1_000_000 // len(token))
    started = time.process_time()
    wish = parse_wish(text, CONFIG)
    assert time.process_time() - started < 2
    assert wish.cut and len(wish.text) == CONFIG.max_chars
    assert "only the first 2,000 characters were read" in understood_as(wish)


def test_ten_times_the_text_takes_at_most_thirty_times_as_long():
    def seconds(token, chars):
        started = time.process_time()
        parse_wish(token * (chars // len(token)), WishesConfig(max_chars=chars))
        return time.process_time() - started

    for token in ("no a ", "1.000 ", "$1 k ", "remote or ", '"b" ', "title: a ", "last 3 "):
        assert seconds(token, 20_000) < 30 * max(seconds(token, 2_000), 0.01), token


def test_alternatives_are_a_criterion_each_and_a_denial_covers_both():
    assert said("remote or hybrid") == [("work_mode", "remote", False), ("work_mode", "hybrid", False)]
    assert said("not at Amazon or Google") == [("company", "amazon", True), ("company", "google", True)]


def test_a_denial_that_joins_two_conditions_is_not_held_but_said():
    wish = read("Nursing, no remote contract jobs")
    assert wish.criteria == ()
    assert [wish.words(span) for span in wish.not_understood] == ["no remote contract jobs"]
    assert wish.remaining_text() == "Nursing"


@pytest.mark.parametrize("text", ["no night shifts", "without travel", "no weekends please", "no recruitment agencies"])
def test_a_denial_that_no_kind_fits_is_said_with_its_words(text):
    wish = read(f"baking, {text}")
    assert (wish.criteria, [wish.words(span) for span in wish.not_understood]) == ((), [text])


@pytest.mark.parametrize(
    "text", ["Nights are fine, hospital", "fixed-term is ok, birds", "contract or permanent, I don't mind, birds"]
)
def test_what_is_permitted_is_no_criterion_and_stays(text):
    wish = read(text)
    assert (wish.criteria, wish.not_understood) == ((), ())


@pytest.mark.parametrize(
    "text",
    "interested in Reading;nice people;Mobile mechanics;remote sensing;hybrid cars;contract law;senior citizens;"
    "junior high school;"
    "part of a team;full stack;temporary exhibitions;articles on freelance journalism;French teacher;china restoration;"
    "I was in Germany;I used to work at Nokia".split(";"),
)
def test_a_word_with_another_meaning_is_no_criterion(text):
    wish = read(text)
    assert (wish.criteria, wish.remaining_text()) == ((), text)


def test_of_towns_with_one_name_the_one_beside_its_country_or_by_far_the_largest_is_meant_else_none():
    assert said("Cambridge, MA") == [("place", Place("US", "MA", "Cambridge"), False)]
    assert said("Cambridge, UK") == [("place", Place("GB", None, "Cambridge"), False)]
    assert said("jobs in Birmingham")[0][1].country == "GB"
    unclear = read("Pubs in Cambridge")
    assert (unclear.criteria, [unclear.words(span) for span in unclear.not_understood]) == ((), ["in Cambridge"])


def test_a_dollar_is_that_of_the_only_country():
    assert said("$90k a year, Toronto")[0][1] == Salary(90_000, "CAD", "year")
    assert said("$90k a year")[0][1] == Salary(90_000, None, "year")
    assert said("$90k a year in Texas")[0][1] == Salary(90_000, "USD", "year")


def test_a_most_that_is_paid_is_no_least():
    wish = read("charity work, max 60k EUR")
    assert (wish.criteria, [wish.words(span) for span in wish.not_understood]) == ((), ["max 60k EUR"])


def test_permanent_is_neither_contract_nor_temporary_by_the_same_words():
    wish = read("permanent only, HR")
    assert {(one.value, one.excluded, wish.words(one.span)) for one in wish.criteria} == {
        ("contract", True, "permanent"), ("temporary", True, "permanent"),
    }  # fmt: skip


def test_the_language_of_a_text_is_told_when_sure_and_known_if_the_student_knows_it():
    german = read("ich möchte gerne mit alten Menschen arbeiten und ihnen im Alltag helfen")
    assert (german.language, german.language_known) == ("de", False)
    assert "written in a language (de)" in understood_as(german)
    assert read(
        "ich möchte gerne mit alten Menschen arbeiten und ihnen im Alltag helfen", languages=["de"]
    ).language_known
    assert read("i would like to work with old people and help them every day").language == "en"
    assert (read("Koch in Berlin").language, read("Koch in Berlin").language_known) == (None, True)
    stated = parse_wish("Koch in Berlin", CONFIG, language="German")
    assert (stated.language, stated.language_known) == ("de", False)


def test_a_search_is_read_back_with_the_words_that_it_came_from():
    told = understood_as(read("Gardening in Bavaria, part-time, from 15 € an hour, not at Amazon, no weekends"))
    assert told.splitlines() == [
        'place: Bayern, DE ("in Bavaria")',
        'employment: part time ("part-time")',
        'pay at least: 15 EUR an hour ("from 15 € an hour")',
        'not company: amazon ("not at Amazon")',
        'found by meaning: "Gardening"',
        'not understood, and not held: "no weekends"',
    ]


def test_nothing_said_is_nothing_asked():
    assert read("").remaining_text() is None
    assert read(" \x00 ").criteria == ()
    assert read("remote").remaining == ()
    assert read("remote").criteria[0].span == Span(0, 6)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("not in the south of France, wine", ["not in the south of France"]),  # to exclude all of it would be too much
        ("no Amazon warehouses, parcels", ["no Amazon warehouses"]),
        ("gardens, max 50 EUR an hour", ["max 50 EUR an hour"]),
    ],
)
def test_a_denial_or_a_limit_that_reaches_further_than_a_criterion_is_said_instead(text, lost):
    wish = read(text)
    assert (wish.criteria, [wish.words(span) for span in wish.not_understood]) == ((), lost)


@pytest.mark.parametrize("text", ["part-time or job share, books", "wfh 2 days a week, books", "hybrid ok, books"])
def test_what_would_do_beside_something_else_is_not_strict(text):
    wish = read(text)
    assert (wish.criteria, wish.remaining_text()) == ((), text)


def test_a_word_that_denies_in_the_middle_of_a_name_is_part_of_it():
    assert said("jobs with Médecins Sans Frontières") == [("company", "medecins sans frontieres", False)]


def test_a_language_that_is_not_required_is_one_that_may_not_be_asked_for():
    assert said("cooks, French not required") == [("language", "fr", True)]


def test_the_lower_end_of_a_range_is_the_least():
    assert [value.amount for _, value, _ in said("40-50k EUR")] == [40_000]
    assert [value.amount for _, value, _ in said("between 40k and 50k EUR")] == [40_000]
