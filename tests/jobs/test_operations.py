"""Two real nights of a small town: run by backfill, an opt-out in between, forgotten from, cleaned and put back."""

import datetime
import logging
from dataclasses import dataclass

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from jobs import backfill_nights, clean_store, forget_member, make_sample, restore_night, run_nightly, show_night
from pipelines.config import load_config
from pipelines.publishing.artifacts import pointed
from schemas.errors import ArtifactError
from tests.jobs.conftest import QUICK, found_town
from tests.jobs.test_run_nightly import catalog, stages, table

pytestmark = pytest.mark.timeout(2400)  # the first test pays for two nights
FIRST, SECOND = "2026-10-31", "2026-11-01"
SEARCHED = ("saved_searches", "search_matches", "search_shortfalls", "search_recommendations")
ABOUT_MEMBERS = ("members", "matches", "recommendations", "shortfalls", *SEARCHED)
REFUSED = ("members_rejected", "postings_rejected", "saved_searches_rejected")


@dataclass(frozen=True)
class Story:
    """What was seen on the way; later tests change the town."""

    town: object
    codes: list[int]
    told: list[str]
    out: str  # who opted out when the first night had been ranked and not yet published
    first: dict[str, pd.DataFrame]  # its tables
    notes: list[dict]  # of its stages, before and after the second night


def arguments(town):
    return ["--env", "town", "--conf-dir", str(town.conf)]


def backfill(town, *more, since=FIRST, to=SECOND):
    return backfill_nights.main([*arguments(town), "--from", since, "--to", to, *more])


def change_feed(town, spark, change):
    feed = town.project / "var" / "sample" / "members"
    change(spark.read.parquet(str(feed))).write.parquet(f"{feed}-next")
    feed.rename(feed.with_name("members-before"))
    feed.with_name("members-next").rename(feed)


def broken(run):
    raise ArtifactError("the catalog is away")


def rows_of(town, name, date):
    columns = ["member_id", "run_id", "posting_id", "score", "source_row"]
    rows = table(town, name, date)
    return sorted(map(repr, rows[[one for one in columns if one in rows]].values.tolist()))


@pytest.fixture(scope="module")
def empty_town(spark, tmp_path_factory):
    """Sources and no night; its student is the one that ships."""
    town = found_town(tmp_path_factory.mktemp("operated"))
    conf = town.conf / "town.toml"
    conf.write_text(conf.read_text().replace(QUICK, ""))
    assert town.run(make_sample.main) == 0
    return town


@pytest.fixture(scope="module")
def story(empty_town, spark):
    town, codes, told = empty_town, [], []

    class Kept(logging.Handler):
        def emit(self, record):
            told.append(record.getMessage())

    log, kept = logging.getLogger("nightmatch"), Kept()
    log.addHandler(kept)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(run_nightly.STAGES, "publish", broken)
            codes.append(backfill(town))
        [staged] = (town.project / "var" / "warehouse" / "recs" / "search_recommendations").glob("run=*/*")
        out = min(pq.read_table(staged)["member_id"].to_pylist())
        change_feed(town, spark, lambda rows: rows.withColumn("unsubscribed", opted_out(rows, out)))
        codes.append(backfill(town, to=FIRST))
        first = {name: table(town, name, FIRST) for name in (*ABOUT_MEMBERS, *REFUSED)}
        notes = [stages(town, FIRST)]
        source = town.project / "var" / "sample" / "postings"
        source.rename(source.with_name("away"))
        codes.append(backfill(town))
        source.with_name("away").rename(source)
        codes.append(backfill(town))
        notes.append(stages(town, FIRST))
    finally:
        log.removeHandler(kept)
    return Story(town, codes, told, out, first, notes)


def opted_out(rows, member):
    kind = rows.schema["unsubscribed"].dataType
    return F.when(F.col("profileId") == member, F.lit("true").cast(kind)).otherwise(F.col("unsubscribed"))


def test_past_nights_stop_at_a_failure_and_the_same_command_goes_on_from_it(story):
    assert story.codes == [5, 0, 2, 0]
    told = "\n".join(story.told)
    assert f"stopped at {FIRST}, which ended with 5; 0 of 2 nights are finished" in told
    assert f"stopped at {SECOND}, which ended with 2; 1 of 2 nights are finished" in told
    assert f"{FIRST} is finished" in told and f"{FIRST} to {SECOND} are published" in told
    assert story.notes[0] == story.notes[1]


def test_past_nights_are_run_as_of_their_dates_with_the_student_of_the_time(story):
    later = [
        rows["reasons"].map(lambda why: "not_yet_posted" in why).sum()
        for rows in (story.first["postings_rejected"], table(story.town, "postings_rejected", SECOND))
    ]
    assert later[0] > later[1] > 0
    posted = table(story.town, "postings", FIRST)["posted_on"].dropna()
    assert len(posted) > 100 and posted.max() <= datetime.date.fromisoformat(FIRST)
    student = pointed(story.town.project / "var" / "models" / "current")
    assert set(table(story.town, "recommendations", SECOND)["student_id"]) == {student}


def test_who_opts_out_after_ingest_is_in_no_published_table(story):
    for name in ABOUT_MEMBERS:
        assert len(story.first[name]) > 0 and story.out not in set(story.first[name]["member_id"])
    refused = story.first["members_rejected"].set_index("source_row")
    assert list(refused.loc[story.out, "reasons"]) == ["opted_out"] and refused.loc[story.out, "row"] is None
    assert len(story.first["members"]) + len(refused) == 300
    served = set(story.first["recommendations"]["member_id"]) | set(story.first["shortfalls"]["member_id"])
    assert served == set(story.first["members"]["member_id"])
    searches = story.first["saved_searches_rejected"]
    theirs = searches[searches["member_id"] == story.out]
    assert len(theirs) > 0 and theirs["row"].isna().all()
    assert all(list(reasons) == ["opted_out"] for reasons in theirs["reasons"])
    assert len(story.first["saved_searches"]) + len(searches) == 90


def test_a_posting_is_new_to_a_search_on_the_first_night_that_lists_it(story):
    first, second = (table(story.town, "search_recommendations", date) for date in (FIRST, SECOND))
    assert first["is_new"].all()
    shown = set(zip(first["search_id"], first["posting_id"], strict=True))
    known = [pair in shown for pair in zip(second["search_id"], second["posting_id"], strict=True)]
    assert second["is_new"].tolist() == [not one for one in known]
    assert sum(known) > 100 and any(second["is_new"])


def test_a_named_student_that_is_not_there_or_not_the_one_begun_with_is_refused(story, caplog):
    assert backfill(story.town, "--student", "0123456789ab") == 5
    config = load_config(story.town.conf, "town", {})
    run_id = backfill_nights.run_id_of(datetime.date(2026, 10, 1), config, 1)
    pin = story.town.project / "var" / "runs" / run_id / "student"
    pin.parent.mkdir()
    pin.write_text("another\n")
    student = str(pointed(story.town.project / "var" / "models" / "current"))
    assert backfill(story.town, "--student", student, since="2026-10-01", to="2026-10-01") == 2
    assert "has begun with student another; name that one, or give a new --attempt" in caplog.text
    pin.unlink()
    pin.parent.rmdir()


def test_dates_in_the_wrong_order_are_refused(empty_town, caplog):
    assert backfill(empty_town, since=SECOND, to=FIRST) == 2
    assert f"--to {FIRST} is before --from {SECOND}" in caplog.text


def test_a_member_is_forgotten_from_real_nights_and_the_rest_is_read_as_before(story, capsys):
    town = story.town
    gone = max(table(town, "search_recommendations", SECOND)["member_id"])
    text = repr(table(town, "members", SECOND).set_index("member_id").loc[gone, "text"])[1:-1]
    dates = (FIRST, SECOND)
    before = {(name, date): rows_of(town, name, date) for name in ABOUT_MEMBERS for date in dates}
    assert forget_member.main([*arguments(town), gone]) == 0
    for (name, date), rows in before.items():
        assert rows_of(town, name, date) == [row for row in rows if f"'{gone}'" not in row]
    for path in (town.project / "var").rglob("*"):
        if path.is_file() and "sample" not in path.relative_to(town.project / "var").parts:
            is_table = path.suffix == ".parquet"
            held = repr(pq.read_table(path).to_pylist()) if is_table else path.read_bytes().decode("latin-1")
            assert f"'{gone}'" not in held and f'"{gone}"' not in held and text not in held, path
    assert town.run(show_night.main, run_date=SECOND) == 0
    assert "got a full list" in capsys.readouterr().out


def test_real_nights_are_cleaned_and_the_first_is_put_back(story, spark):
    town = story.town
    before = {(name, date): rows_of(town, name, date) for name in ABOUT_MEMBERS for date in (FIRST, SECOND)}
    (town.conf / "town.toml").open("a").write("\n[retention]\nsnapshot_days = 0\nmin_small_files = 2\n")
    assert clean_store.main([*arguments(town), "--remove"]) == 0
    assert {(name, date): rows_of(town, name, date) for name, date in before} == before
    assert restore_night.main([*arguments(town), "--run-date", FIRST]) == 0
    assert {len(table(town, name, SECOND)) for name in (*ABOUT_MEMBERS, "postings")} == {0}
    assert rows_of(town, "recommendations", FIRST) == before["recommendations", FIRST]
    assert catalog(town).load_table("recs.run_log").scan(row_filter=f"run_date = '{SECOND}'").count() > 0
    assert restore_night.main([*arguments(town), "--run-date", SECOND]) == 0
    assert rows_of(town, "matches", SECOND) == before["matches", SECOND]
