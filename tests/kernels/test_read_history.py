"""Which earlier nights a night is held against."""

import datetime
from types import SimpleNamespace

import pytest

from jobs.read_history import earlier_profiles, last_night
from schemas import columns as c
from schemas.operations import NIGHT_PROFILES, RUN_LOG
from schemas.recommendations import RECOMMENDATIONS
from tests.published import night, rows_of, stage, world
from tests.thresholds import HISTORY

__all__ = ["world"]
DAY = datetime.date(2026, 11, 2)


def ago(days):
    return DAY - datetime.timedelta(days=days)


def publish_night(world, date, run_id, members):
    stage(world, RECOMMENDATIONS, run_id, rows_of(RECOMMENDATIONS, date, run_id, members))
    night(world, run_id).replace(RECOMMENDATIONS, **{c.RUN_DATE: date})


def note(world, run_id, date, rows, *, published_at=1):
    """What a run has said of itself; one with `published_at` None never came to its end."""
    stamp = {c.RUN_DATE: date, c.RUN_ID: run_id}
    at = datetime.datetime(2026, 11, 2, published_at or 3, tzinfo=datetime.UTC)
    last = "rank" if published_at is None else "publish"
    profile = stamp | {c.NAME: "accepted_postings", c.ROWS: rows, c.PROFILE: [1.0], c.STUDENT_ID: "s"}
    for table, row in ((NIGHT_PROFILES, profile), (RUN_LOG, stamp | {c.STAGE: last, c.STARTED_AT: at})):
        stage(world, table, run_id, [row])
        night(world, run_id).replace(table, **{c.RUN_ID: run_id})


def seen(world, date=DAY, **history):
    config = SimpleNamespace(quality=SimpleNamespace(history=HISTORY.model_copy(update=history)))
    given = SimpleNamespace(tables=night(world, "now"), config=config, night=SimpleNamespace(run_date=date))
    return last_night(given), [one.rows for one in earlier_profiles(given).get("accepted_postings", [])]


@pytest.fixture
def nights(world):
    for days, rows in ((4, 40), (3, 30), (2, 20)):
        publish_night(world, ago(days), f"r{days}", ["m1"])
        note(world, f"r{days}", ago(days), rows)
    return world


def test_a_first_night_has_none_before_it(world):
    assert seen(world) == (None, [])


def test_earlier_nights_come_oldest_first_and_the_last_of_them_is_the_last_night(nights):
    assert seen(nights) == (ago(2), [40, 30, 20])


def test_only_so_many_nights_count_and_none_from_the_run_date_on(nights):
    assert seen(nights, nights=2) == (ago(2), [30, 20])
    assert seen(nights, date=ago(3)) == (ago(4), [40])


def test_a_run_that_never_published_counts_for_nothing(nights):
    note(nights, "broke", ago(2), 1, published_at=None)
    note(nights, "alone", ago(1), 1, published_at=None)
    assert seen(nights) == (ago(2), [40, 30, 20])


def test_of_two_runs_of_a_date_the_one_that_published_last_counts(nights):
    publish_night(nights, ago(3), "again", ["m1"])
    note(nights, "again", ago(3), 33, published_at=2)
    assert seen(nights) == (ago(2), [40, 33, 20])


def test_a_night_that_was_withdrawn_counts_for_nothing(nights):
    night(nights, "r2").clear(RECOMMENDATIONS, **{c.RUN_DATE: ago(2)})
    assert seen(nights) == (ago(3), [40, 30])
