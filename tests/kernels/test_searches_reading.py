"""What is understood of a wish becomes criteria that the night holds, or is said not to be."""

import json
from itertools import pairwise

import pytest

from pipelines.ingest.config import IngestConfig
from pipelines.ingest.places import Place
from pipelines.searches.criteria import criteria_of, held
from pipelines.searches.reading import read_search, understood
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.wish import Criterion, Salary, Span, tiled
from schemas.searches import CRITERIA

INGEST = IngestConfig(
    max_title_chars=300,
    max_description_chars=2_000,
    max_age_days=180,
    interest_days=180,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=128,
)
TEXT = "word " * 20


def wish_of(*criteria):
    """Each (kind, value, excluded) came from the next word."""
    made = [
        Criterion(kind, value, excluded, Span(5 * n, 5 * n + 4)) for n, (kind, value, excluded) in enumerate(criteria)
    ]
    return tiled(TEXT, made, [], language="en", known=True, cut=False)


@pytest.mark.parametrize(
    ("said", "criteria"),
    [
        ([], {}),
        ([("work_mode", "remote", False), ("work_mode", "hybrid", False)], {"work_modes": ["hybrid", "remote"]}),
        ([("work_mode", "remote", True)], {"work_modes": ["onsite", "hybrid"]}),
        ([("seniority", "entry", True)], {"seniorities": ["mid", "senior", "lead", "executive"]}),
        ([("salary", Salary(20.0, "GBP", "hour"), False)], {"min_salary": 41_600.0, "salary_currency": "GBP"}),
        ([("salary", Salary(3_000.0, None, "month"), False)], {"min_salary": 36_000.0}),
        (
            [("salary", Salary(50_000.0, "EUR", "year"), False), ("salary", Salary(40_000.0, "EUR", "year"), False)],
            {"min_salary": 40_000.0, "salary_currency": "EUR"},
        ),
        ([("posted", 14, False), ("posted", 7, False)], {"posted_within_days": 7}),
        (
            [("company", "bakery", True), ("company", "clinic", False)],
            {"excluded_company_keys": ["bakery"], "company_keys": ["clinic"]},
        ),
        ([("title", "night nurse", True)], {"excluded_titles": ["night nurse"]}),
        ([("language", "fr", False)], {"languages": ["fr"]}),
        (
            [("place", Place("DE", "Bayern"), True), ("place", Place("DE"), False)],
            {
                "excluded_places": [
                    {"country": "DE", "region": name, "city": None}
                    for name in ("Bayern", "Bavaria", "Bavière", "Baviera")
                ],
                "places": [{"country": "DE", "region": None, "city": None}],
            },
        ),
    ],
)
def test_each_kind_has_its_column(said, criteria):
    columns = criteria_of(held(wish_of(*said)))
    assert set(columns) == set(CRITERIA.names)
    assert {name: value for name, value in columns.items() if value not in (None, [])} == criteria


def test_a_place_is_asked_for_by_all_its_names_whichever_the_postings_have():
    said = wish_of(("place", Place("AT", "Wien", "Vienna"), False), ("place", Place("PT", None, "Lisbon"), True))
    columns = criteria_of(held(said))
    assert {one["city"] for one in columns["places"]} == {"Vienna", "Wien", "Vienne", "Viena"}
    assert {one["city"] for one in columns["excluded_places"]} == {"Lisbon", "Lisboa", "Lissabon", "Lisbonne"}


@pytest.mark.parametrize(
    "lost",
    [
        [("language", "de", True)],
        [("salary", Salary(9.0, "EUR", "year"), True)],
        [("posted", 3, True)],
        [("place", Place(None, None, "Springfield"), False)],
        [("work_mode", mode, True) for mode in ("remote", "hybrid", "onsite")],
    ],
)
def test_what_the_night_cannot_hold_is_not_understood_and_says_so(lost):
    wish = held(wish_of(("seniority", "mid", False), *lost))
    assert [one.kind for one in wish.criteria] == ["seniority"]
    assert [wish.words(span) for span in wish.not_understood] == ["word"] * len(lost)
    spans = sorted([*(one.span for one in wish.criteria), *wish.not_understood, *wish.remaining])
    assert spans[0].start == 0 and spans[-1].end == len(TEXT)
    assert all(one.end == other.start for one, other in pairwise(spans))


def read(**fields):
    return read_search(json.dumps(fields), INGEST, WishesConfig())


def test_a_row_is_read_and_understood():
    row = read(search_id=" S-1 ", member_id=7, text="baking bread, part time", active="yes", created_on="2026-10-01")
    assert (row["search_id"], row["member_id"], row["active"], str(row["created_on"])) == (
        "S-1",
        "7",
        True,
        "2026-10-01",
    )
    assert row["criteria"]["employment_types"] == ["part_time"]
    assert row["wish"] == "baking bread"
    assert "part time" in row["understood_as"] and row["unreadable"] == []


def test_a_wish_does_not_say_who_somebody_is():
    assert "mother" not in read(search_id="s", member_id="m", text="I am a mother of two, bookkeeping")["wish"]


def test_the_language_that_the_source_names_goes_before_what_the_text_looks_like():
    assert understood("Bäcker", "de", WishesConfig())["language_known"] is False
    assert understood("baker", "en", WishesConfig())["language_known"] is True


def test_what_cannot_be_read_is_named_and_a_text_that_is_none_is_not_understood():
    row = read(search_id={"a": 1}, member_id="m", text=["x"], active="perhaps", created_on="31/12/2026")
    assert sorted(row["unreadable"]) == ["active", "search_id", "text"]
    assert row["created_on"] is None and "criteria" not in row


def test_a_text_without_end_is_read_up_to_a_length_and_that_is_said():
    row = read(search_id="s", member_id="m", text="remote \x00\u202e work " * 100_000)
    assert len(row["text"]) <= 2_000 and row["criteria"]["work_modes"] == ["remote"]
