import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.config import IngestConfig
from pipelines.ingest.members import read_interaction, read_member
from pipelines.ingest.postings import read_posting
from pipelines.ingest.reading import Unreadable, date_of, elements_of, id_of, month_of, number_of, texts_of, years_of
from schemas import columns as c
from schemas import interactions, members, postings

CONFIG = IngestConfig(
    max_title_chars=50,
    max_description_chars=200,
    max_age_days=30,
    interest_days=180,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=64,
)
DAY = datetime.date(2026, 3, 1)


def posting(**fields: object) -> dict[str, object]:
    return read_posting(json.dumps({"posting_id": "p", "title": "Cook", **fields}), CONFIG)


def member(**fields: object) -> dict[str, object]:
    return read_member(json.dumps({"member_id": "m", **fields}), DAY, CONFIG)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01",
        "20260301",
        "2026-03-01T23:30:00Z",
        "2026-03-02T00:30:00+02:00",
        "2026-03-01 02:13:55 UTC",
        "1 March 2026",
        "Mar 1, 2026",
        "Sunday, March 1, 2026",
        "01-Mar-2026",
        "2026/03/01",
        1772323200,
        "1772323200000",
    ],
)
def test_a_date_is_read_however_it_is_written(written):
    assert date_of(written) == DAY


@pytest.mark.parametrize("written", ["03/01/2026", "soon", "2026-02-30", "0001-01-01", {"day": 1}, "9" * 500])
def test_a_date_that_is_ambiguous_or_none_is_unreadable(written):
    with pytest.raises(Unreadable):
        date_of(written)


def test_a_month_counts_as_its_first_day_for_positions_held_only():
    assert month_of("2026-03") == DAY
    with pytest.raises(Unreadable):
        date_of("2026-03")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (55000, 55000),
        ("55,000.50", 55000.5),
        ("55.000,50", 55000.5),
        ("€ 55 000", 55000),
        ("USD 55k", 55000),
        ("1.25E5", 125000),
        ("12,5", 12.5),
    ],
)
def test_a_number_is_read_however_it_is_grouped(written, number):
    assert number_of(written) == number


@pytest.mark.parametrize(
    "written", ["-5", "50-60k", "Infinity", "12 monkeys", [5], True, "1_000", "1" + " " * 9000 + "x"]
)
def test_a_number_that_is_negative_a_range_or_none_is_unreadable(written):
    with pytest.raises(Unreadable):
        number_of(written)


def test_years_are_at_most_80():
    assert [years_of(value) for value in (3, "3.5", "5+ years", "2 yrs")] == [3, 3.5, 5, 2]
    for value in (81, "-1", "many"):
        with pytest.raises(Unreadable):
            years_of(value)


def test_an_id_is_the_same_from_text_and_from_numbers():
    assert [id_of(value) for value in (" 12 ", 12, 12.0, "NA", "", None)] == ["12", "12", "12", None, None, None]


def test_a_list_is_read_from_json_or_from_the_strongest_separator_in_it():
    assert elements_of('["a, b", "c"]') == ["a, b", "c"]
    assert texts_of("a, b; c", 9) == ["a, b", "c"]
    assert texts_of("a; b|c", 9) == ["a; b", "c"]
    assert texts_of(["a", None, "NA", "A", {"x": 1}], 9) == ["a"]


def test_a_posting_names_every_column_that_cannot_be_read():
    read = posting(posted_on="soon", expires_on="2026-13-01", salary_min="a lot", min_years="some", description="ok")
    assert read["unreadable"] == [c.MIN_YEARS, c.SALARY_MIN, c.POSTED_ON, c.EXPIRES_ON]
    assert read[c.DESCRIPTION] == "ok"


def test_an_unknown_word_for_a_known_idea_is_not_known_and_refuses_nothing():
    read = posting(work_mode="astral", employment_type="?", seniority="level 9", status="hm", languages="Klingon,en")
    assert [read[name] for name in (c.WORK_MODE, c.EMPLOYMENT_TYPE, c.SENIORITY, c.STATUS)] == [
        None,
        None,
        None,
        "open",
    ]
    assert (read[c.LANGUAGES], read["unreadable"]) == (["en"], [])


def test_a_salary_in_an_unknown_currency_is_not_known():
    assert posting(salary_min=5, salary_currency="doubloons")[c.SALARY_MIN] is None
    assert posting(salary_min=5, salary_currency="gbp")[c.SALARY_CURRENCY] == "GBP"


def test_a_place_text_or_title_says_remote_where_the_work_mode_does_not():
    assert posting(city="Remote - US")[c.WORK_MODE] == "remote"
    assert posting(title="Nurse (Remote)")[c.WORK_MODE] == "remote"
    assert posting(title="Nurse (Remote)", work_mode="on-site")[c.WORK_MODE] == "onsite"


def test_a_members_fields_that_cannot_be_read_are_not_known_and_refuse_nobody():
    read = member(years_of_experience=-3, min_salary="lots", places="{broken", experiences='["x"', seniority=[1])
    assert [read[n] for n in (c.YEARS_OF_EXPERIENCE, c.MIN_SALARY, c.SENIORITY)] == [None] * 3
    assert (read[c.PLACES], read[c.EXPERIENCES], read["unreadable"]) == ([], [], [])


def test_an_answer_about_opting_out_that_cannot_be_read_counts_as_yes():
    answers = [True, "Yes", "1", "please do", ["?"], False, "no", "NA", None]
    assert [member(opted_out=answer)[c.OPTED_OUT] for answer in answers] == [True] * 5 + [False] * 4


def test_places_come_from_structs_or_texts_each_once_and_with_a_country():
    structs = [{"country": "USA", "region": "texas"}, {"country": "US", "region": "TX"}, {"region": "Bavaria"}, {}]
    assert member(places=structs)[c.PLACES] == [{"country": "US", "region": "TX", "city": None}]
    assert member(places="Germany|Austin, TX")[c.PLACES] == [
        {"country": "DE", "region": None, "city": None},
        {"country": "US", "region": "TX", "city": "Austin"},
    ]


def test_blocked_companies_and_current_employers_are_kept_away():
    held = [
        {"title": "Cook", "company": "Diner Inc.", "started_on": "2020-01-01"},
        {"title": "Waiter", "company": "Café", "started_on": "2018-01-01", "ended_on": "2019-01-01"},
        {"title": "Host", "company": "Undated"},
    ]
    assert member(experiences=held, blocked_companies="ACME, Ltd; The Bad Co")[c.EXCLUDED_COMPANY_KEYS] == [
        "acme",
        "bad",
        "diner",
    ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["NA", "[", "{", '[{"a":1}]']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(members.EXPERIENCE.names), inner),
    max_leaves=6,
)


def row_of(columns: list[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(st.sampled_from(columns), JSON).map(json.dumps)


def texts_in(value: object) -> list[str]:
    if isinstance(value, dict | list):
        return [text for inner in (value.values() if isinstance(value, dict) else value) for text in texts_in(inner)]
    return [value] if isinstance(value, str) else []


@given(row_of(postings.SOURCE.names))
def test_any_posting_is_read_into_text_that_a_table_can_hold(row):
    for text in texts_in(read_posting(row, CONFIG)):
        text.encode()


@given(row_of(members.SOURCE.names), row_of(interactions.SOURCE.names))
def test_any_member_and_interaction_is_read_into_text_that_a_table_can_hold(member_row, interaction_row):
    for text in texts_in(read_member(member_row, DAY, CONFIG)) + texts_in(read_interaction(interaction_row)):
        text.encode()
