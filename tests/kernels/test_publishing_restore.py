"""An earlier night is put back in all tables or in none."""

import datetime
import json
import subprocess
import sys
import time

import pytest
from pyiceberg.expressions import EqualTo

from jobs import restore_night
from pipelines.publishing import publications
from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.contents import OF_A_NIGHT, SEARCHED
from pipelines.publishing.lease import lease
from pipelines.publishing.publications import keep_publication, restore
from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.recommendations import RECOMMENDATIONS
from tests.published import night, opened, publish_night, published, shelf_arguments, world

MONDAY, TUESDAY, WEDNESDAY = (datetime.date(2026, 11, day) for day in (2, 3, 4))
__all__ = ["world"]


@pytest.fixture
def three(world):
    """Monday was published twice, then Tuesday."""
    publish_night(world, MONDAY, "first", ["m1", "m2"])
    publish_night(world, MONDAY, "second", ["m1"])
    publish_night(world, TUESDAY, "third", ["m1", "m3"])
    return world


def seen(world):
    """(date, run, member) of every row that a reader of each table sees."""
    return {table.name: published(world, table) for table in OF_A_NIGHT}


def test_the_night_before_is_the_last_one_in_every_table(three):
    assert set(restore(*opened(three), run_date=MONDAY)) >= {"members", "matches", "recommendations"}
    assert published(three, RECOMMENDATIONS) == published(three, MEMBERS) == [(MONDAY, "second", "m1")]
    assert restore(*opened(three), run_date=MONDAY) == []


def test_a_withdrawn_night_comes_back_as_it_was(three):
    before = seen(three)
    restore(*opened(three), run_date=MONDAY)
    restore(*opened(three), run_date=TUESDAY)
    assert seen(three) == before


def test_an_earlier_run_of_the_same_date_comes_back(three):
    restore(*opened(three), run_date=MONDAY, run_id="first")
    assert published(three, MATCHES) == [(MONDAY, "first", "m1"), (MONDAY, "first", "m2")]


def test_a_table_that_a_run_left_empty_is_empty_again(world):
    publish_night(world, MONDAY, "nobody", [])
    publish_night(world, MONDAY, "somebody", ["m1"])
    restore(*opened(world), run_date=MONDAY, run_id="nobody")
    assert seen(world) == {table.name: [] for table in OF_A_NIGHT}


def test_a_night_of_before_a_table_was_there_comes_back_and_leaves_it_empty(three):
    note = three.store.publication("first")
    told = json.loads(note.read_text())
    for table in SEARCHED:
        del told["snapshots"][table.name]
    note.write_text(json.dumps(told))
    restore(*opened(three), run_date=MONDAY, run_id="first")
    assert published(three, MATCHES) == [(MONDAY, "first", "m1"), (MONDAY, "first", "m2")]
    assert [published(three, table) for table in SEARCHED] == [[]] * len(SEARCHED)


def test_a_night_that_was_never_published_is_refused_with_those_that_can_be_put_back(three):
    with pytest.raises(ArtifactError) as failure:
        restore(*opened(three), run_date=WEDNESDAY)
    assert "was never published" in str(failure.value) and "2026-11-03: third" in str(failure.value)
    with pytest.raises(ArtifactError, match="run nobody of 2026-11-02 cannot be put back"):
        restore(*opened(three), run_date=MONDAY, run_id="nobody")


@pytest.mark.parametrize("commits", [0, 1, 2])
def test_a_crash_between_two_tables_leaves_readers_with_one_whole_night(three, monkeypatch, commits):
    before, made = seen(three), []
    exchange = publications._exchange

    def dying(*arguments):
        if len(made) == commits:
            raise KeyboardInterrupt
        made.append(exchange(*arguments))

    monkeypatch.setattr(publications, "_exchange", dying)
    with pytest.raises(KeyboardInterrupt):
        restore(*opened(three), run_date=MONDAY)
    assert len(made) == commits and seen(three) == before
    monkeypatch.undo()
    restore(*opened(three), run_date=MONDAY)
    assert published(three, MEMBERS) == published(three, RECOMMENDATIONS)


KILLED = """
import datetime, os, sys
from pipelines.publishing import publications
from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.store import Store
from pathlib import Path

config = StorageConfig(root="var", namespace="recs", lease_minutes=1)
store = Store.at(config, Path(sys.argv[1]))
exchange, made = publications._exchange, []

def dying(*arguments):
    if len(made) == 2:
        os.kill(os.getpid(), 9)
    made.append(exchange(*arguments))

publications._exchange = dying
publications.restore(open_catalog(config, store), store, run_date=datetime.date(2026, 11, 2))
"""


def test_a_process_that_is_killed_midway_leaves_one_whole_night(three):
    before = seen(three)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(three.project)], check=False)
    assert killed.returncode == -9
    assert seen(three) == before
    restore(*opened(three), run_date=MONDAY)
    assert published(three, MEMBERS) == published(three, RECOMMENDATIONS) == [(MONDAY, "second", "m1")]


def test_readers_who_opened_a_table_before_go_on_reading_what_they_had(three):
    table = open_catalog(three.config, three.store).load_table("recs.recommendations")
    restore(*opened(three), run_date=MONDAY)
    assert len(table.scan(row_filter=EqualTo(c.RUN_DATE, TUESDAY.isoformat())).to_arrow()) == 2


def test_the_job_takes_seconds_and_says_what_it_did(three, caplog):
    started = time.monotonic()
    assert restore_night.main([*shelf_arguments(three), "--run-date", "2026-11-02"]) == 0
    assert time.monotonic() - started < 10
    assert "2026-11-02 is the last night" in caplog.text
    assert restore_night.main([*shelf_arguments(three), "--run-date", "2026-11-02"]) == 0
    assert "nothing changed" in caplog.text
    assert restore_night.main([*shelf_arguments(three), "--run-date", "2026-11-09"]) == 5


def test_no_night_is_put_back_while_a_run_holds_its_date(three, caplog):
    before = seen(three)
    with lease(three.store.lease(TUESDAY), run_id="third", minutes=5):
        assert restore_night.main([*shelf_arguments(three), "--run-date", "2026-11-02"]) == 6
    assert "run third" in caplog.text and seen(three) == before


def test_the_next_night_is_published_upon_the_one_put_back(three):
    restore(*opened(three), run_date=MONDAY)
    publish_night(three, TUESDAY, "fourth", ["m4"])
    assert published(three, MEMBERS) == [(MONDAY, "second", "m1"), (TUESDAY, "fourth", "m4")]
    catalog, store = opened(three)
    keep_publication(catalog, store, run_id="fourth", run_date=TUESDAY)
    assert [one.run_id for one in publications.publications(store)] == ["first", "second", "third", "fourth"]
    assert night(three, "x").catalog is not catalog
