"""Nights of hand-made postings, from their vectors to the matches in a renewed index."""

import datetime
import hashlib

import numpy as np
from pyspark.sql import types as T

from jobs.build_index import build
from jobs.start import Context
from pipelines.config import load_config
from pipelines.night import Night
from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.progress import Counts
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from pipelines.retrieval.stage import by_cohort, find_matches, searching
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.conftest import PROJECT
from tests.rows import frame
from tests.stages.test_retrieval_stage import STATES, brute_force, unit

SMALL = {
    "matches_per_member": 5, "shard_postings": 120, "cluster_postings": 20, "fast_min_postings": 100,
    "max_stale_share": 0.3,
}  # fmt: skip
FIRST, SECOND, THIRD = (datetime.date(2026, 11, day) for day in (2, 3, 4))


def vector(text):
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return unit(np.random.default_rng(seed), 1)[0].tolist()


def posting(number, **other):
    given = {
        "posting_id": f"p{number:03d}", "country": "US", "region": STATES[number % 3], "text": f"text {number}",
        "min_years": [None, 2.0, 9.0][number % 7 % 3], "company_key": f"company {number % 11}",
    } | other  # fmt: skip
    return given | {"content_hash": given["text"]}


def changed(postings):
    """Of each four of the first 40, one has another text, region or company, or is gone; five are new."""
    now = {one["posting_id"]: one for one in postings}
    for number in range(0, 40, 4):
        now[f"p{number:03d}"] |= {"text": f"new text {number}", "content_hash": f"new text {number}"}
        now[f"p{number + 1:03d}"] |= {"region": STATES[number % 3]}
        now[f"p{number + 2:03d}"] |= {"company_key": f"company {number}"}
        del now[f"p{number + 3:03d}"]
    return [*now.values(), *(posting(number) for number in range(300, 305))]


def first_night():
    return [posting(number) for number in range(300)]


class House:
    """A store, and nights in it."""

    def __init__(self, spark, folder):
        self.spark, self.folder = spark, folder
        rng = np.random.default_rng(5)
        self.members = [
            {
                "member_id": f"m{row:03d}", "places": [{"country": "US", "region": STATES[row % 2]}],
                "years_of_experience": [None, 4.0][row % 2], "excluded_company_keys": [f"company {row % 13}"],
                "excluded_posting_ids": [f"p{row:03d}"], "vector": query.tolist(),
            }
            for row, query in enumerate(unit(rng, 40))
        ]  # fmt: skip

    def night(self, date, postings, student_id="s", encoded=None, **retrieval):
        """The index of one night: its folder and the stage's counts."""
        config = load_config(PROJECT / "conf", "sample", {})
        config = config.model_copy(update={"retrieval": config.retrieval.model_copy(update=SMALL | retrieval)})
        store = Store.at(config.storage, self.folder)
        tables = Tables(self.spark, open_catalog(config.storage, store), store, f"{date}-{student_id}-1")
        run = Context("town", Night(date, tables.run_id), config, PROJECT / "conf", store, tables)
        tables.check_contracts(PUBLISHED)
        read = tables.stage(POSTINGS, frame(self.spark, POSTINGS.schema, *(without(one) for one in postings)))
        known = {row[c.CONTENT_HASH] for row in tables.read(POSTING_EMBEDDINGS, student_id=student_id).collect()}
        vectors = [
            {"student_id": student_id, "content_hash": text, "vector": vector(text), "run_date": date}
            for text in sorted({one["text"] for one in [*postings, *(encoded or [])]} - known)
        ]
        tables.stage(POSTING_EMBEDDINGS, frame(self.spark, POSTING_EMBEDDINGS.schema, *vectors))
        tables.append(POSTING_EMBEDDINGS)
        run.progress.once("ingest_postings", lambda: Counts(rows_out=read))
        run.progress.once("embed", lambda: Counts(notes={"student_id": student_id}))
        counts = build(run)
        return store.indexes / counts.notes["folder"], counts

    def matches(self, index, fast=False):
        """Rows as of `brute_force`, searched exactly or fast with an effort that leaves nothing out."""
        config = load_config(PROJECT / "conf", "sample", {}).retrieval.model_copy(update=SMALL)
        schema = T.StructType([*MEMBERS.schema.fields, T.StructField(c.VECTOR, T.ArrayType(T.FloatType()))])
        members = frame(self.spark, schema, *self.members)
        cohorts = by_cohort(members, expected=40, config=config).select("cohort").distinct().collect() if fast else []
        search = searching(
            index=index, index_id="i", student_id="s", night=Night(FIRST, "run"), config=config,
            efforts={row["cohort"]: 1e6 for row in cohorts},
        )  # fmt: skip
        rows = find_matches(members, expected=40, search_batches=search, config=config).collect()
        found = [(row[c.MEMBER_ID], row[c.POSTING_ID], row[c.SIMILARITY]) for row in rows]
        return sorted(found, key=lambda row: (row[0], -row[2], row[1]))

    def expected(self, postings):
        """What brute force finds."""
        given = [one | {"vector": vector(one["text"])} for one in postings]
        return [row for member in self.members for row in brute_force(given, member, 5)]


def without(one):
    return {name: value for name, value in one.items() if name != "vector"}


def shards(index):
    return {path.name for path in index.iterdir() if path.is_dir()}
