import datetime

from pipelines.ingest.careers import Experience, experiences_of, years_of_experience

NOW = datetime.date(2026, 1, 1)


def held(*positions: dict[str, str | None]) -> list[Experience]:
    return experiences_of([{"title": "t", **position} for position in positions], NOW, 50, 200)


def years(*spans: tuple[str | None, str | None]) -> float | None:
    found = held(*({"title": str(n), "started_on": s, "ended_on": e} for n, (s, e) in enumerate(spans)))
    return years_of_experience(found, NOW)


def test_years_that_overlap_count_once_and_gaps_do_not_count():
    assert years(("2010-01-01", "2014-01-01"), ("2011-01-01", "2012-01-01"), ("2020-01-01", "2021-01-01")) == 5.0


def test_a_current_position_counts_up_to_the_night():
    assert years(("2024-01-01", None)) == 2.0
    assert years(("2024-01-01", "Present")) == 2.0
    assert years(("2024-01-01", "2030-01-01")) == 2.0


def test_years_are_not_known_when_any_position_lacks_a_date():
    assert years(("2010-01-01", "2014-01-01"), (None, None)) is None
    assert years(("2010-01-01", "2014-01-01"), (None, "2016-01-01")) is None
    assert years() is None


def test_dates_that_contradict_or_cannot_be_read_are_not_known():
    assert [(p.started_on, p.ended_on) for p in held({"started_on": "2014-01-01", "ended_on": "2010-01-01"})] == [
        (None, None)
    ]
    assert not held({"started_on": "2014-01-01", "ended_on": "unclear"})[0].is_current


def test_positions_that_begin_after_the_night_or_say_nothing_are_left_out():
    assert held({"started_on": "2026-01-02"}, {"title": None, "started_on": "2020-01-01"}) == []
    assert experiences_of('{"title": "Cook"}', NOW, 50, 200)[0].title == "Cook"


def test_positions_are_sorted_current_first_then_by_end_and_start_and_undated_last():
    rows = [
        {"title": "undated"},
        {"title": "old", "started_on": "2001-01-01", "ended_on": "2002-01-01"},
        {"title": "ended later", "started_on": "2003-01-01", "ended_on": "2009-01-01"},
        {"title": "started later", "started_on": "2004-01-01", "ended_on": "2009-01-01"},
        {"title": "current", "started_on": "2000-01-01"},
        {"title": "newer current", "started_on": "2005-01-01"},
        {"title": "ends today", "started_on": "2025-01-01", "ended_on": "2026-01-01"},
    ]
    order = ["newer current", "current", "ends today", "started later", "ended later", "old", "undated"]
    assert [position.title for position in held(*rows)] == order
