"""Rows of strangers, whatever they hold, end as accepted or refused with a reason, and in nothing else."""

import io
import json
import logging
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import ingest_members, ingest_postings, show_run
from jobs.start import log
from pipelines.characters import INVISIBLE
from pipelines.embedding.student import load_student
from pipelines.logs import log_handler
from schemas import columns as c
from tests.conftest import PROJECT
from tests.hostile import CANARY, hostile_rows, write
from tests.jobs.conftest import Town
from tests.kernels.test_logs import Terminal as Screen

LEAKS = (CANARY, "evil", "passwd", "alert(1)", "DROP TABLE")
POWERFUL = re.compile(f"[{INVISIBLE}\r\x0b\x0c\u2028\u2029]")
FORMATS = {
    "json": 'format = "json"',
    "parquet": 'format = "parquet"',
    "csv": 'format = "csv"\noptions = { header = "true", multiLine = "true", escape = "\\"" }',
}
RELAXED = "[quality]\nmax_share_postings_rejected = 1.0\nmax_share_members_rejected = 1.0\n"
SHIPPED = PROJECT / "pipelines" / "embedding" / "default_student"
full = pytest.mark.skipif("NIGHTMATCH_FUZZ" not in os.environ, reason="100,000 rows take minutes: make fuzz")


@dataclass(frozen=True)
class Feed:
    """How many rows of each kind there are, in which formats, and how long the longest text is."""

    formats: tuple[str, str, str]  # of postings, members, interactions
    rows: tuple[int, int, int]
    seed: int
    longest: int = 2_000_000


FEEDS = [
    Feed(("json", "parquet", "csv"), (800, 700, 500), 1),
    *(
        pytest.param(Feed(formats, (12_000, 12_000, 9_334), seed, 50_000_000), marks=full)
        for seed, formats in enumerate(
            [("csv", "json", "parquet"), ("parquet", "csv", "json"), ("json", "parquet", "csv")]
        )
    ),
]


@dataclass(frozen=True)
class Ingested:
    town: Town
    feed: Feed
    told: str  # log lines for a machine, and for a person
    shown: str

    def table(self, name: str) -> pa.Table:
        [folder] = (self.town.project / "var" / "warehouse" / "recs" / name).glob("run=*/*/")
        return pq.read_table(folder)

    def counts(self, stage: str) -> dict[str, int]:
        [note] = self.town.project.glob(f"var/runs/*/stages/{stage}.json")
        return json.loads(note.read_text())["counts"]


def columns_of(rows: list[dict[str, object]]) -> str:
    return "\n".join(f'{name} = "{name}"' for name in rows[0])


def found_hostile(project: Path, feed: Feed) -> Town:
    shutil.copytree(PROJECT / "conf", project / "conf")
    text = RELAXED
    for kind, format, count in zip(("postings", "members", "interactions"), feed.formats, feed.rows, strict=True):
        rows = hostile_rows(kind, count, feed.seed)
        for name in (c.DESCRIPTION, c.ABOUT):
            if name in rows[0]:
                rows[1] = {**rows[0], c.POSTING_ID: "long", c.MEMBER_ID: "long", name: "long " * (feed.longest // 5)}
                rows[1] = {known: value for known, value in rows[1].items() if known in rows[0]}
        write(rows, format, project / "var" / f"{kind}.{format}")
        text += f'[sources.{kind}.inputs.{kind}]\nlocation = "var/{kind}.{format}"\n{FORMATS[format]}\n'
        text += f"[sources.{kind}.columns]\n{columns_of(rows)}\n"
    (project / "conf" / "town.toml").write_text(text)
    return Town(project)


@pytest.fixture(scope="module", params=FEEDS, ids=lambda feed: "-".join(feed.formats) + f"-{sum(feed.rows)}")
def ingested(request, spark, tmp_path_factory) -> Ingested:
    town, streams = found_hostile(tmp_path_factory.mktemp("hostile"), request.param), (io.StringIO(), Screen())
    handlers = [log_handler(stream) for stream in streams]
    for handler in handlers:
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        assert town.run(ingest_postings.main) == 0
        assert town.run(ingest_members.main) == 0
    finally:
        for handler in handlers:
            log.removeHandler(handler)
    return Ingested(town, request.param, streams[0].getvalue(), streams[1].getvalue())


@pytest.mark.parametrize(("kind", "place"), [("postings", 0), ("members", 1)])
def test_accepted_and_refused_are_what_was_read_and_each_refused_row_has_reasons(ingested, kind, place):
    accepted, rejected = ingested.table(kind), ingested.table(f"{kind}_rejected")
    counts = ingested.counts(f"ingest_{kind}")
    assert counts["rows_in"] == accepted.num_rows + rejected.num_rows == ingested.feed.rows[place]
    assert accepted.num_rows > counts["rows_in"] * 0.3 and rejected.num_rows > counts["rows_in"] * 0.1
    reasons = rejected.column(c.REASONS).to_pylist()
    assert all(reasons) and {one for of_row in reasons for one in of_row} <= {
        *("missing_id", "missing_title", "duplicate", "duplicate_id", "expired", "not_yet_posted", "not_open"),
        *("dates_contradict", "salary_contradicts", "opted_out", "unreadable_posting_id", "unreadable_member_id"),
        *(f"unreadable_{name}" for name in (c.TITLE, c.MIN_YEARS, c.SALARY_MIN, c.SALARY_MAX, c.POSTED_ON)),
        f"unreadable_{c.EXPIRES_ON}",
    }
    assert all(json.loads(row) is not None for row in rejected.column(c.ROW).to_pylist() if row is not None)


@pytest.mark.parametrize(("kind", "key"), [("postings", c.POSTING_ID), ("members", c.MEMBER_ID)])
def test_keys_are_unique(ingested, kind, key):
    ids = ingested.table(kind).column(key).to_pylist()
    refused = ingested.table(f"{kind}_rejected").column(c.SOURCE_ROW).to_pylist()
    assert len(set(ids)) == len(ids) and all(one == one.strip() != "" for one in ids)
    assert len(set(refused)) == len(refused) and all(refused)
    assert not any(re.search("[\x00-\x1f]", one) for one in ids)


@pytest.mark.parametrize(
    ("kind", "lines"), [("postings", {c.DESCRIPTION}), ("members", {c.ABOUT, c.EXPERIENCES, c.TEXT})]
)
def test_accepted_text_has_no_power(ingested, kind, lines):
    unseen = re.compile(f"[{INVISIBLE}\t\r\x0b\x0c\u2028\u2029]")
    rows = ingested.table(kind).drop_columns([c.POSTING_ID if kind == "postings" else c.MEMBER_ID])
    for name in rows.column_names:
        if name in (c.CLUSTER_ID, c.EXCLUDED_POSTING_IDS, c.VIEWED_POSTING_IDS):
            continue
        for text in texts_in(rows.column(name).to_pylist()):
            assert not unseen.search(text), (name, text[:200])
            assert name in lines | {c.TEXT} or "\n" not in text


def texts_in(value):
    if isinstance(value, dict | list):
        return [text for inner in (value.values() if isinstance(value, dict) else value) for text in texts_in(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("kind", ["postings", "members"])
def test_every_text_that_is_embedded_has_a_vector_of_unit_length(ingested, kind):
    texts = sorted({text for text in ingested.table(kind).column(c.TEXT).to_pylist() if text is not None})
    lengths = np.linalg.norm(load_student(SHIPPED, 1_024).encode(texts), axis=1)
    assert len(texts) > 100
    assert np.abs(lengths - 1).max() < 1e-3, texts[int(np.abs(lengths - 1).argmax())]


def test_no_row_is_in_a_log_a_note_a_figure_or_a_file_name(ingested, capsys):
    project = ingested.town.project
    assert ingested.town.run(show_run.main) == 0
    screen = capsys.readouterr().out
    notes = {path: path.read_text() for path in (project / "var" / "runs").rglob("*") if path.is_file()}
    assert {path.name for path in notes} >= {"metrics.prom", "ingest_postings.json", "postings.json", "members.json"}
    for where, text in {**notes, "log": ingested.told, "screen": ingested.shown, "show_run": screen}.items():
        assert [leak for leak in LEAKS if leak in text] == [], where
        assert not POWERFUL.search(text), where
    assert [json.loads(line)["level"] for line in ingested.told.splitlines()]
    names = [str(path.relative_to(project / "var")) for path in (project / "var").rglob("*")]
    assert [name for name in names if not re.fullmatch(r"[\w./=-]+", name)] == []


def test_ids_of_interactions_reach_members_as_they_are(ingested):
    members = ingested.table("members")
    known = set(ingested.table("postings").column(c.POSTING_ID).to_pylist())
    seen = {one for ids in members.column(c.EXCLUDED_POSTING_IDS).to_pylist() for one in ids}
    assert seen & known
    assert not any(re.search("[\x00-\x1f]", one) for one in seen)


def test_one_seed_gives_the_same_rows():
    assert repr(hostile_rows("postings", 50, 3)) == repr(hostile_rows("postings", 50, 3))
    assert repr(hostile_rows("postings", 50, 3)) != repr(hostile_rows("postings", 50, 4))
