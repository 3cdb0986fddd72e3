"""A store with published nights of a few hand-written members, without the jobs that find them matches."""

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.config import StorageConfig
from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED
from pipelines.publishing.presence import name_staged
from pipelines.publishing.publications import keep_publication
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.recommendations import RECOMMENDATIONS
from schemas.searches import SAVED_SEARCHES, SEARCH_MATCHES, SEARCH_RECOMMENDATIONS, SEARCH_SHORTFALLS
from tests.conftest import PROJECT

CONF = "[storage]\nroot = 'var'\n[sources.{0}.inputs.x]\nformat = 'csv'\nlocation = '{0}'\n[sources.{0}.columns]\n{1}\n"


@dataclass(frozen=True)
class World:
    """A project folder with a configuration and nothing in its store yet."""

    project: Path
    config: StorageConfig
    store: Store


@pytest.fixture
def world(tmp_path) -> World:
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "base.toml").write_text((PROJECT / "conf" / "base.toml").read_text())
    sources = CONF.format("postings", "posting_id = 'id'\ntitle = 'title'")
    (conf / "small.toml").write_text(sources + CONF.format("members", "member_id = 'id'").split("\n", 2)[2])
    config = StorageConfig(root="var", namespace="recs", lease_minutes=1)
    made = World(tmp_path, config, Store.at(config, tmp_path))
    night(made, "made").check_contracts(PUBLISHED)  # as every run does first
    return made


def shelf_arguments(world: World) -> list[str]:
    return ["--env", "small", "--conf-dir", str(world.project / "conf")]


def opened(world: World):
    """The catalog as another process would open it, and the store."""
    return open_catalog(world.config, world.store), world.store


def night(world: World, run_id: str, spark=None) -> Tables:
    """The run's tables; all but reading and staging frames needs no session."""
    return Tables(spark, open_catalog(world.config, world.store), world.store, run_id)


def text_of(member: str) -> str:
    return f"a text that {member} alone has written"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wish_of(member: str) -> str:
    return text_of(f"as a wish {member}")


def wish_hash_of(member: str) -> str:
    """Under which the wish's vector lies: not the hash of its text alone."""
    return hash_of(f"as the teacher reads it: {wish_of(member)}")


def rows_of(table, date, run_id, members):
    """A row per member of tables that name them; the other tables are empty."""
    stamp = {c.RUN_DATE: date, c.RUN_ID: run_id, c.POSTING_ID: "p1", c.RANK: 1, c.SCORE: 0.5, c.SIMILARITY: 0.5}
    if table is SAVED_SEARCHES:
        stamp |= {c.SEARCH_ID: "s1"}
        return [stamp | {c.MEMBER_ID: one, c.WISH: wish_of(one), c.CONTENT_HASH: wish_hash_of(one)} for one in members]
    if table not in (MEMBERS, MATCHES, RECOMMENDATIONS, SEARCH_MATCHES, SEARCH_SHORTFALLS, SEARCH_RECOMMENDATIONS):
        return []
    return [stamp | {c.MEMBER_ID: one, c.TEXT: text_of(one), c.CONTENT_HASH: hash_of(text_of(one))} for one in members]


def stage(world: World, table, run_id, rows) -> None:
    """Staged as Spark stages them, a file per row."""
    schema = to_arrow_schema(table.schema, timezone="UTC")
    folder = world.store.staged(table.name, run_id) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    for number, row in enumerate(rows):
        pq.write_table(pa.Table.from_pylist([row], schema=schema), folder / f"part-{number}.parquet")
    (folder / "_SUCCESS").touch()
    name_staged(
        world.store.staging(table.name, run_id), folder, (path.name for path in folder.iterdir() if path.suffix)
    )


def stage_night(world: World, date, run_id, members) -> Tables:
    for table in OF_A_NIGHT:
        stage(world, table, run_id, rows_of(table, date, run_id, members))
    return night(world, run_id)


def embed(world: World, date, run_id, members, student="s1", hash_of_one=lambda one: hash_of(text_of(one))) -> None:
    """A vector per member of `members`, appended."""
    row = {c.STUDENT_ID: student, c.VECTOR: [0.6, 0.8], c.RUN_DATE: date, c.RUN_ID: run_id}
    rows = [row | {c.CONTENT_HASH: hash_of_one(one)} for one in members]
    stage(world, MEMBER_EMBEDDINGS, run_id, rows)
    night(world, run_id).append(MEMBER_EMBEDDINGS)


def publish_night(world: World, date, run_id, members) -> None:
    """As jobs.publish_night does."""
    tables = stage_night(world, date, run_id, members)
    for table in OF_A_NIGHT:
        tables.replace(table, **{c.RUN_DATE: date})
    keep_publication(tables.catalog, tables.store, run_id=run_id, run_date=date)


def published(world: World, table):
    """(run_date, run_id, member_id or None) of every row that a reader sees, sorted."""
    rows = open_catalog(world.config, world.store).load_table(f"recs.{table.name}").scan().to_arrow().to_pylist()
    return sorted((row[c.RUN_DATE], row[c.RUN_ID], row.get(c.MEMBER_ID)) for row in rows)
