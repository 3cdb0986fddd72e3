"""A member is gone from every file, others stay as they were, and what breaks in between is done by the next try."""

import json
import shutil

import pytest

from jobs import forget_member, restore_night
from pipelines.publishing.contents import OF_A_NIGHT
from pipelines.publishing.lease import lease
from pipelines.publishing.ledger import Ledger
from pipelines.publishing.publications import publications
from pipelines.upkeep import forgetting
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.teacher_scores import TEACHER_SCORES
from tests.forgotten import (
    GONE,
    MONDAY,
    TUESDAY,
    forget,
    full,
    holding,
    others,
    own_texts,
    pair,
    publish_rows,
    scores,
)
from tests.published import (
    embed,
    hash_of,
    night,
    opened,
    publish_night,
    published,
    rows_of,
    shelf_arguments,
    text_of,
    world,
)

__all__ = ["full", "world"]


def test_no_file_holds_the_member_and_everybody_else_is_as_before(full):
    assert len(holding(full, *own_texts())) > 20
    before = others(full)
    assert forget(full) == 0
    assert holding(full, *own_texts()) == set()
    assert others(full) == before
    assert [row[2] for row in published(full, RECOMMENDATIONS)] == ["M-1", "M-2", "M-00421", "M-1"]
    assert (full.store.report("other") / "report.html").exists()
    assert not (full.store.benchmarks / "views").exists() and not list(full.store.member_indexes.iterdir())


def test_manifests_keep_no_smallest_or_largest_value_of_a_removed_row(world):
    publish_night(world, MONDAY, "only", ["M-5", "AAAA-0001"])
    assert holding(world, "AAAA-0001")
    assert forget(world, "AAAA-0001") == 0
    assert holding(world, "AAAA-0001") == set()


def test_a_text_that_others_have_too_keeps_its_vector_and_its_scores(world):
    shared = [
        row | {c.TEXT: text_of("both"), c.CONTENT_HASH: hash_of(text_of("both"))}
        for row in rows_of(MEMBERS, MONDAY, "a", [GONE, "M-1"])
    ]
    publish_rows(world, MEMBERS, "a", shared)
    embed(world, MONDAY, "embedded", ["both"])
    publish_rows(world, TEACHER_SCORES, "scored", scores("both"), append=True)
    assert forget(world) == 0
    catalog, _ = opened(world)
    assert [
        len(catalog.load_table(f"recs.{table.name}").scan().to_arrow())
        for table in (MEMBERS, MEMBER_EMBEDDINGS, TEACHER_SCORES)
    ] == [1, 1, 1]
    assert forget(world, "M-1") == 0
    assert holding(world, text_of("both"), hash_of(text_of("both"))) == set()


def test_a_staged_night_can_be_published_without_the_member(full):
    assert forget(full) == 0
    tables = night(full, "unfinished")
    for table in OF_A_NIGHT:
        tables.replace(table, **{c.RUN_DATE: TUESDAY})
    assert [row for row in published(full, MEMBERS) if row[0] == TUESDAY] == [(TUESDAY, "unfinished", "M-3")]


def test_what_a_teacher_has_cost_is_still_counted(full):
    assert forget(full) == 0
    lines = list(Ledger(full.store.teaching / "t" / "no-policy").lines())
    assert sum(line["input_tokens"] for line in lines) == 14
    assert [line["pair_hash"] for line in lines] == ["", pair(text_of("M-1"))]


def test_the_last_nights_can_be_put_back_and_replaced_ones_cannot(full):
    assert forget(full) == 0
    assert {one.run_id for one in publications(full.store)} <= {"second", "third"}
    back = [*shelf_arguments(full), "--run-date", "2026-11-02"]
    assert restore_night.main([*back, "--run-id", "first"]) == 5
    assert restore_night.main(back) == 0
    assert published(full, MEMBERS) == [(MONDAY, "second", "M-1"), (MONDAY, "second", "M-2")]


BREAKS = [("end_history", calls) for calls in (0, 1, 4)]
BREAKS += [("_forget_in", calls) for calls in (0, 1, 20, 60)] + [("forget_files", 0), ("forget_publications", 0)]


@pytest.mark.parametrize(("step", "calls"), BREAKS)
def test_whatever_breaks_the_same_command_does_what_is_left(full, monkeypatch, step, calls):
    where = forget_member if step in vars(forget_member) else forgetting
    work, made = getattr(where, step), []

    def breaking(*arguments, **named):
        if len(made) == calls:
            raise KeyboardInterrupt
        made.append(work(*arguments, **named))
        return made[-1]

    before = others(full)
    monkeypatch.setattr(where, step, breaking)
    with pytest.raises(KeyboardInterrupt):
        forget(full)
    assert others(full) == before
    monkeypatch.undo()
    assert forget(full) == 0
    assert holding(full, *own_texts()) == set() and others(full) == before


def test_what_a_killed_run_has_not_finished_staging_is_gone_torn_or_not(full):
    for name, run_id in (("members", "killed"), ("recommendations", "unfinished")):
        draft = full.store.staged(name, run_id) / "draft" / "_temporary" / "0"
        draft.mkdir(parents=True)
        (draft / "part-0.parquet").write_bytes(b"PAR1 torn " + text_of(GONE).encode())
    assert forget(full) == 0
    assert not list(full.store.root.rglob("draft")) and holding(full, *own_texts()) == set()
    assert night(full, "unfinished").staged_files(MEMBERS)


def test_a_file_that_remains_is_named_and_the_job_fails(full, caplog):
    stray = full.store.root / "export.csv"
    stray.write_text(f"member\n{GONE}\n")
    assert forget(full) == 5
    assert f"{stray}: names a member who is to be forgotten" in caplog.text and GONE not in caplog.text
    stray.unlink()
    assert forget(full) == 0


def test_sources_below_the_root_are_named_and_not_read(full, caplog):
    source = full.store.root / "feed"
    source.mkdir()
    (source / "members.csv").write_text(f"id\n{GONE}\n")
    conf = full.project / "conf" / "small.toml"
    conf.write_text(conf.read_text().replace("location = 'members'", "location = 'var/feed'"))
    assert forget(full) == 0
    assert "feed is a source and was not read: take them out of it" in caplog.text
    assert (source / "members.csv").exists()


def test_a_member_of_whom_nothing_is_stored_changes_nothing(full):
    before = {path: path.stat().st_mtime_ns for path in full.store.warehouse.rglob("*")}
    shutil.rmtree(full.store.member_indexes)
    assert forget(full, "M-777") == 0
    assert {path: path.stat().st_mtime_ns for path in full.store.warehouse.rglob("*")} == before


def test_nobody_is_forgotten_while_a_run_holds_its_date(full):
    before = holding(full, *own_texts())
    with lease(full.store.lease(TUESDAY), run_id="unfinished", minutes=5):
        assert forget(full) == 6
    assert holding(full, *own_texts()) == before


def test_tables_that_lie_elsewhere_are_refused_before_anything_changes(full, tmp_path, caplog):
    conf = full.project / "conf" / "small.toml"
    properties = {
        "type": "sql",
        "uri": f"sqlite:///{tmp_path}/elsewhere.db",
        "warehouse": f"file://{tmp_path}/elsewhere",
    }
    catalog = "".join(f"{key} = '{value}'\n" for key, value in properties.items())
    conf.write_text(f"{conf.read_text()}\n[storage.catalog]\n{catalog}")
    before = holding(full, *own_texts())
    assert forget(full) == 2
    assert "members: file://" in caplog.text and "where nothing can be proved" in caplog.text
    assert holding(full, *own_texts()) == before


def test_a_member_whose_id_is_a_small_number_is_forgotten_and_no_count_is_taken_for_them(world):
    publish_night(world, MONDAY, "night", ["7", "77", "8"])
    posting = {c.RUN_DATE: MONDAY, c.RUN_ID: "night", c.POSTING_ID: "7", c.TITLE: "Cook"}
    publish_rows(world, POSTINGS, "posted", [posting])
    note = world.store.stages("night") / "rank.json"
    note.parent.mkdir()
    note.write_text(json.dumps({"rows_in": 7, "notes": {"fresh": "7"}}))
    assert forget(world, "7") == 0
    assert [row[2] for row in published(world, MEMBERS)] == ["77", "8"]
    assert json.loads(note.read_text())["rows_in"] == 7
    assert holding(world, text_of("7"), hash_of(text_of("7"))) == set()
