"""The gate of saved searches passes a good night; for each criterion there is a row that breaks exactly that one."""

import datetime

import pytest

from pipelines.quality.pairs import searched_rows
from pipelines.quality.stage import expecting, ingested_rows, measure, served_members
from pipelines.searches.stage import as_members, by_search
from schemas import search_suites
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.searches import (
    CRITERIA,
    SAVED_SEARCHES,
    SAVED_SEARCHES_REJECTED,
    SEARCH_RECOMMENDATIONS,
    SEARCH_SHORTFALLS,
)
from tests.rows import NIGHT, frame
from tests.stages.good_night import recommendation

ASKED = {
    "places": [("DE", None, "Köln"), ("DE", "Bayern", None)],
    "excluded_places": [("DE", "Bayern", "Hof"), ("AT", None, None)],
    "work_modes": ["onsite", "remote"],
    "seniorities": ["senior", "lead"],
    "company_keys": ["clinic", "practice"],
    "titles": ["night nurse", "midwife"],
    "excluded_titles": ["ward manager"],
    "posted_within_days": 3,
}
GOOD = {
    "posting_id": "p1",
    "title": "Nurse, nights",
    "company_key": "clinic",
    "country": "DE",
    "region": "Nordrhein-Westfalen",
    "city": "KOLN",
    "work_mode": "onsite",
    "seniority": "senior",
    "posted_on": datetime.date(2026, 10, 30),
    "status": "open",
}


def broken(spark, posting=None, row=None, asked=None):
    """Names of the rules that the night breaks."""
    criteria = tuple((dict.fromkeys(CRITERIA.names) | ASKED | (asked or {})).values())
    search = {"search_id": "s1", "member_id": "m1", "criteria": criteria}
    searches = frame(spark, SAVED_SEARCHES.schema, search)
    searchers = by_search(as_members(searches, frame(spark, MEMBERS.schema, {"member_id": "m1"})))
    told = {"search_id": "s1", "brought_by": "wish", "is_new": True}
    listed = frame(spark, SEARCH_RECOMMENDATIONS.schema, recommendation("m1", 1, "p1") | told | (row or {}))
    postings = frame(spark, POSTINGS.schema, GOOD | (posting or {}))
    rows = searched_rows(by_search(listed), searchers, postings, night=NIGHT, unknown_excludes=())
    found = []
    for suite, seen in (
        (search_suites.SEARCHED, expecting(by_search(listed), NIGHT)),
        (search_suites.SEARCHES_ELIGIBLE, rows),
    ):
        [measures] = measure(seen, suite).collect()
        found += [rule.name for rule in suite.rules if measures[rule.name] != 0]
    return found


@pytest.mark.parametrize(
    "posting",
    [
        {},
        {"city": None},
        {"country": None, "region": None},
        {"city": "Düren", "work_mode": "remote"},
        {"city": "Augsburg", "region": "Bayern"},
        {"title": "MIDWIVES: midwife (m/w/d)"},
        {"seniority": None},
        {"posted_on": None},
        {"company_key": "practice", "seniority": "lead"},
    ],
)
def test_a_good_row_breaks_nothing(spark, posting):
    assert broken(spark, posting) == []


@pytest.mark.parametrize(
    ("posting", "rules"),
    [
        ({"city": "Düren"}, ["city_criterion_kept"]),
        ({"city": "Hof", "region": "Bayern"}, ["excluded_place_criterion_kept"]),
        (
            {"country": "AT", "region": None},
            ["place_rule_kept", "city_criterion_kept", "excluded_place_criterion_kept"],
        ),
        ({"seniority": "entry"}, ["seniority_criterion_kept"]),
        ({"company_key": "bar"}, ["company_criterion_kept"]),
        ({"company_key": None}, ["company_criterion_kept"]),
        ({"title": "Nurse"}, ["title_criterion_kept"]),
        ({"title": "Midwife and Manager of a ward"}, ["title_criterion_kept"]),
        ({"posted_on": datetime.date(2026, 10, 29)}, ["posted_criterion_kept"]),
        ({"work_mode": "hybrid"}, ["work_mode_rule_kept"]),
    ],
)
def test_each_criterion_that_is_broken_is_named(spark, posting, rules):
    assert sorted(broken(spark, posting)) == sorted(rules)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"brought_by": None}, "told_what_brought_it"),
        ({"is_new": None}, "told_what_brought_it"),
        ({"relaxation": "remote_elsewhere"}, "nothing_beyond_what_was_asked_for"),
        ({"search_id": "s2"}, "members_are_known"),
    ],
)
def test_what_a_list_must_say_is_looked_for(spark, row, rule):
    assert rule in broken(spark, row=row)


def test_a_search_whose_list_is_short_without_a_reason_is_found(spark):
    searchers = frame(spark, MEMBERS.schema, {"member_id": "s1"}, {"member_id": "s2"})
    listed = by_search(frame(spark, SEARCH_RECOMMENDATIONS.schema, recommendation("m1", 1, "p1") | {"search_id": "s1"}))
    told = {"search_id": "s2", "recommendations": 0, "reason": "no_eligible_posting"}

    def seen(*short, asked=1):
        shortfalls = by_search(frame(spark, SEARCH_SHORTFALLS.schema, *short))
        suite = search_suites.SEARCHES_SERVED
        lists = served_members(searchers, listed, shortfalls, recommendations_per_member=asked)
        [measures] = measure(lists, suite).collect()
        return [rule.name for rule in suite.rules if measures[rule.name] != 0]

    assert seen(told) == []
    assert seen() == seen(told | {"reason": None}) == ["short_members_have_a_reason"]
    assert seen(told | {"recommendations": 1}) == ["shortfalls_count_right"]
    assert seen(told, asked=0) == ["not_more_than_asked_for", "shortfalls_count_right"]


def test_a_search_of_nobody_known_or_without_words_for_it_is_found(spark):
    good = {"search_id": "s1", "member_id": "m1", "understood_as": "told"}
    refused = {"source_row": "s2", "reasons": ["opted_out"]}

    def seen(accepted, rejected):
        frames = frame(spark, SAVED_SEARCHES.schema, *accepted), frame(spark, SAVED_SEARCHES_REJECTED.schema, *rejected)
        suite = search_suites.INGESTED_SEARCHES
        [measures] = measure(ingested_rows(*frames, night=NIGHT), suite).collect()
        return [rule.name for rule in suite.rules if measures[rule.name] != 0]

    assert seen([good], [refused]) == []
    assert seen([good, good], [refused]) == ["ids_unique"]
    assert seen([good | {"understood_as": " "}], [refused]) == ["understanding_can_be_read"]
    assert seen([good], [refused | {"row": "{}"}]) == ["nothing_kept_of_who_opted_out"]
    assert seen([good], [refused | {"reasons": []}]) == ["rejected_rows_have_reasons"]
