"""A store in which one member is everywhere, forgetting them, and what still names them."""

import datetime
import hashlib
import json

import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import ManifestFile

from jobs import forget_member
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.ledger import Ledger
from schemas import columns as c
from schemas.rejected import MEMBERS_REJECTED, REPEAT
from schemas.searches import SAVED_SEARCHES_REJECTED
from schemas.teacher_scores import TEACHER_SCORES
from tests.published import (
    embed,
    hash_of,
    night,
    opened,
    publish_night,
    shelf_arguments,
    stage,
    stage_night,
    text_of,
    wish_hash_of,
    wish_of,
    world,
)

MONDAY, TUESDAY = datetime.date(2026, 11, 2), datetime.date(2026, 11, 3)
GONE = "M-0042"
REFUSED_WISH = "a wish that was refused, of nobody else"
__all__ = ["world"]


def pair(left, right="a posting"):
    hashes = [hash_of(text) for text in (left, right)]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def scores(*members):
    return [
        {
            c.TEACHER_ID: "t",
            c.POLICY_VERSION: "",
            c.PAIR_HASH: pair(text_of(member)),
            c.LEFT_HASH: hash_of(text_of(member)),
            c.RIGHT_HASH: hash_of("a posting"),
            c.LEFT_TEXT: text_of(member),
            c.RIGHT_TEXT: "a posting",
            c.SCORE: 0.5,
            c.RUN_DATE: MONDAY,
            c.RUN_ID: "scored",
        }
        for member in members
    ]


def publish_rows(world, table, run_id, rows, append=False, date=MONDAY):
    stage(world, table, run_id, rows)
    tables = night(world, run_id)
    _ = tables.append(table) if append else tables.replace(table, **{c.RUN_DATE: date})


@pytest.fixture
def full(world):
    """A member in every place where one can be."""
    publish_night(world, MONDAY, "first", [GONE, "M-1"])
    publish_night(world, MONDAY, "second", ["M-1", GONE, "M-2"])
    publish_night(world, TUESDAY, "third", ["M-1", GONE, "M-00421"])
    embed(world, MONDAY, "embedded", [GONE, "M-1", "M-2", "M-00421"])
    publish_rows(world, TEACHER_SCORES, "scored", scores(GONE, "M-1"), append=True)
    refused = {c.RUN_DATE: TUESDAY, c.RUN_ID: "third"}
    refusals = [
        refused
        | {
            c.SOURCE_ROW: f"{GONE}{REPEAT}2",
            c.REASONS: ["duplicate_id"],
            c.ROW: json.dumps({"about": "z" * 20 + GONE}),
        },
        refused | {c.SOURCE_ROW: f"{GONE}1", c.REASONS: ["unreadable"], c.ROW: json.dumps({"about": "somebody else"})},
    ]
    publish_rows(world, MEMBERS_REJECTED, "refused", refusals, date=TUESDAY)
    stage_night(world, TUESDAY, "unfinished", [GONE, "M-3"])
    saved = {c.RUN_DATE: TUESDAY, c.RUN_ID: "third", c.SOURCE_ROW: "s9", c.MEMBER_ID: GONE, c.REASONS: ["unseen"]}
    publish_rows(
        world, SAVED_SEARCHES_REJECTED, "saved", [saved | {c.ROW: json.dumps({"text": REFUSED_WISH})}], date=TUESDAY
    )
    embed(world, MONDAY, "wished", [GONE, "M-1"], hash_of_one=wish_hash_of)
    with Ledger(world.store.teaching / "t" / "no-policy") as ledger:
        paid = {"grade": None, "run_id": "scored", "requests": 1, "input_tokens": 7, "output_tokens": 1}
        ledger.append([{"pair_hash": pair(text_of(one)), "score": 0.5, **paid} for one in (GONE, "M-1")])
    for path, text in {
        world.store.report("promotion-a-b") / "report.html": f"<td>{GONE}</td>",
        world.store.report("other") / "report.html": "<td>M-1</td>",
        world.store.benchmarks / "views" / "queries.jsonl": json.dumps({"_id": "q", "text": text_of(GONE)}),
        world.store.member_indexes / "killed.x" / "ids.bin": "anything",
    }.items():
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return world


def forget(world, *members):
    return forget_member.main([*shelf_arguments(world), *(members or [GONE])])


def read_naively(world):
    """What every file holds, by means of its own: bytes, and every value of every Parquet file and manifest."""
    io = opened(world)[0].load_table("recs.members").io
    for path in world.store.root.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            yield path, repr(pq.read_table(path).to_pylist())
        if path.suffix == ".avro" and not path.name.startswith("snap-"):
            manifest = ManifestFile.from_args(
                manifest_path=str(path), partition_spec_id=0, sequence_number=0, min_sequence_number=0
            )
            for entry in manifest.fetch_manifest_entry(io, discard_deleted=False):
                yield path, repr([entry.data_file.lower_bounds, entry.data_file.upper_bounds])


def holding(world, *texts):
    return {
        str(path.relative_to(world.store.root)) for path, told in read_naively(world) if any(t in told for t in texts)
    }


def own_texts():
    return (
        text_of(GONE)[:16] + GONE,
        text_of(GONE),
        hash_of(text_of(GONE)),
        wish_of(GONE),
        wish_hash_of(GONE),
        REFUSED_WISH,
        pair(text_of(GONE)),
        f"'{GONE}'",
        f"{GONE}#",
        f'{GONE}"',
    )


def others(world):
    catalog, _ = opened(world)
    kept = {}
    for table in PUBLISHED:
        if catalog.table_exists(f"recs.{table.name}"):
            rows = catalog.load_table(f"recs.{table.name}").scan().to_arrow().to_pylist()
            about = {GONE, f"{GONE}{REPEAT}2", hash_of(text_of(GONE)), wish_hash_of(GONE)}
            named = (c.MEMBER_ID, c.SOURCE_ROW, c.CONTENT_HASH, c.LEFT_HASH)
            kept[table.name] = sorted(repr(row) for row in rows if not {row.get(name) for name in named} & about)
    return kept
