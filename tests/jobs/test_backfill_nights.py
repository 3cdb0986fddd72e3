"""Past nights are run in order, each as of its date, and none twice."""

import datetime

import pytest

from jobs import backfill_nights
from pipelines.publishing.artifacts import pointed
from tests.jobs.test_run_nightly import stages, table

FIRST, SECOND = ("2026-10-31", "2026-11-01")


def backfill(town, *more, since=FIRST, to=SECOND):
    return backfill_nights.main(["--env", "town", "--conf-dir", str(town.conf), "--from", since, "--to", to, *more])


@pytest.mark.timeout(1500)  # three nights
def test_nights_are_run_as_of_their_dates_stop_at_a_failure_and_go_on_from_it(own_town, caplog):
    source = own_town.project / "var" / "sample" / "postings"
    assert backfill(own_town, to=FIRST) == 0
    source.rename(source.with_name("away"))
    assert backfill(own_town) == 2
    assert f"stopped at {SECOND}, which ended with 2; 1 of 2 nights are finished" in caplog.text
    source.with_name("away").rename(source)
    first = stages(own_town, FIRST)
    caplog.clear()
    assert backfill(own_town) == 0
    assert f"{FIRST} is finished" in caplog.text and f"{FIRST} to {SECOND} are published" in caplog.text
    assert stages(own_town, FIRST) == first
    student = pointed(own_town.project / "var" / "models" / "current")
    for date in (FIRST, SECOND):
        assert set(table(own_town, "recommendations", date)["student_id"]) == {student}
        posted = table(own_town, "postings", date)["posted_on"].dropna()
        assert len(posted) > 100 and posted.max() <= datetime.date.fromisoformat(date)
    not_yet = [
        table(own_town, "postings_rejected", date)["reasons"].map(lambda why: "not_yet_posted" in why).sum()
        for date in (FIRST, SECOND)
    ]
    assert not_yet[0] > not_yet[1]


def test_a_named_student_serves_all_nights_and_one_that_is_not_there_none(own_town, caplog):
    assert backfill(own_town, "--student", "0123456789ab") == 5
    assert not list((own_town.project / "var").glob("runs/2026*"))
    [run_id] = [backfill_nights.run_id_of(datetime.date.fromisoformat(FIRST), town_config(own_town), 1)]
    student = str(pointed(own_town.project / "var" / "models" / "current"))
    pin = own_town.project / "var" / "runs" / run_id / "student"
    pin.parent.mkdir(parents=True)
    pin.write_text("another\n")
    assert backfill(own_town, "--student", student) == 2
    assert "has begun with student another; name that one, or give a new --attempt" in caplog.text


def town_config(town):
    return backfill_nights.load_config(town.conf, "town", {})


def test_dates_in_the_wrong_order_are_refused(own_town, caplog):
    assert backfill(own_town, since=SECOND, to=FIRST) == 2
    assert "--to 2026-10-31 is before --from 2026-11-01" in caplog.text


@pytest.mark.parametrize("argument", ["--from", "--to"])
def test_a_date_that_is_none_is_refused(argument, capsys):
    with pytest.raises(SystemExit) as stop:
        backfill_nights.main(["--env", "sample", "--from", FIRST, "--to", FIRST, argument, "yesterday"])
    assert stop.value.code == 2 and "is no date" in capsys.readouterr().err
