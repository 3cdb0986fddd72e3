"""A night is published in all tables or in none, and by the run that holds its date."""

import datetime
import json

import pytest

from jobs.publish_night import publish
from jobs.start import Context, held
from pipelines.config import load_config
from pipelines.night import Night
from pipelines.publishing.contents import OF_A_NIGHT
from pipelines.publishing.progress import Counts
from pipelines.publishing.publications import publications
from pipelines.publishing.tables import Tables
from schemas import columns as c
from schemas.errors import RunConflictError
from schemas.matches import POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.recommendations import RECOMMENDATIONS
from tests.published import publish_night, published, stage, stage_night, world

MONDAY, TUESDAY = (datetime.date(2026, 11, day) for day in (2, 3))
__all__ = ["world"]


@pytest.fixture
def run(world):
    """Monday is published; Tuesday's second run, after one that a reader sees, has staged all."""
    publish_night(world, MONDAY, "first", ["m1", "m2"])
    publish_night(world, TUESDAY, "second", ["m1"])
    tables = stage_night(world, TUESDAY, "third", ["m1", "m3"])
    conf = world.project / "conf"
    run = Context("small", Night(TUESDAY, "third"), load_config(conf, "small", {}), conf, world.store, tables)
    run.progress.once("rank", lambda: Counts(rows_out=2))
    return run


def seen(world):
    return {table.name: published(world, table) for table in OF_A_NIGHT}


@pytest.mark.parametrize("commits", [5, 8, 11])
def test_a_publishing_that_dies_between_two_tables_leaves_readers_one_whole_night(world, run, monkeypatch, commits):
    before, made, commit = seen(world), [], Tables._commit

    def dying(*arguments):
        if len(made) == commits:
            raise KeyboardInterrupt
        made.append(commit(*arguments))
        return made[-1]

    monkeypatch.setattr(Tables, "_commit", dying)
    with pytest.raises(KeyboardInterrupt), held(run):
        publish(run)
    assert len(made) == commits
    assert seen(world) == before
    monkeypatch.undo()
    with held(run):
        assert publish(run).rows_out == 2
    night = [(TUESDAY, "third", "m1"), (TUESDAY, "third", "m3")]
    assert published(world, MEMBERS)[2:] == published(world, RECOMMENDATIONS)[2:] == night
    assert publications(world.store)[-1].run_id == "third"


def test_what_another_run_of_the_date_has_of_tables_that_this_one_has_not_is_gone(world, run):
    row = {c.RUN_DATE: TUESDAY, c.RUN_ID: "second", c.POSTING_ID: "p1", c.MEMBER_ID: "m1"}
    stage(world, POSTING_MATCHES, "second", [row])
    Tables(None, run.tables.catalog, world.store, "second").replace(POSTING_MATCHES, **{c.RUN_DATE: TUESDAY})
    assert published(world, POSTING_MATCHES)
    with held(run):
        publish(run)
    assert published(world, POSTING_MATCHES) == []


def test_a_run_whose_date_another_has_taken_over_publishes_nothing(world, run):
    before, path = seen(world), world.store.lease(TUESDAY)
    claim = {"run_id": "other", "host": "elsewhere", "pid": 1, "until": "2999-01-01T00:00:00+00:00"}
    with pytest.raises(RunConflictError, match="has taken it over"), held(run):
        path.write_text(json.dumps(claim))
        publish(run)
    assert seen(world) == before
    assert json.loads(path.read_text()) == claim  # the other's
