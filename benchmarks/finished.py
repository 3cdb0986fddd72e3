"""What finished nights tell the planner: counts, bytes and memory beside the seconds."""

import argparse
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.costs import known_costs
from benchmarks.multiplied import multiplied_pairs
from benchmarks.nights import ENV, FIRST, Shape, Took
from jobs.start import Context, context
from pipelines.planning.constants import Memory, RowBytes
from pipelines.planning.counts import BFLOAT16_BYTES, FLOAT32_BYTES, Counts
from pipelines.planning.fit import MeasuredNight, relative_nnls
from pipelines.publishing import artifacts
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.searches import SEARCH_MATCHES
from schemas.table import Table

MIB = 2**20
_OF_CELLS = ("cells.json", "cluster_*.npy", "manifest.json")  # a sample has nearly as many cells as postings


@dataclass(frozen=True)
class Ran:
    """A night that was run."""

    folder: Path
    run_date: str
    shape: Shape
    took: Took

    @property
    def name(self) -> str:
        """The shape, and how many texts were new when not all."""
        new, texts = self.rows("embed"), self.read("embed")
        return self.shape.name + ("" if new > texts / 2 else f", {new / texts:.0%} changed")

    def rows(self, stage: str) -> int:
        """What came out of a stage."""
        return next(one.counts.rows_out or 0 for one in self.took.stages if one.stage == stage)

    def read(self, stage: str) -> int:
        """What went into a stage."""
        return next(one.counts.rows_in or 0 for one in self.took.stages if one.stage == stage)

    def opened(self) -> Context:
        """Configuration, session and tables of the run."""
        date = datetime.date.fromisoformat(self.run_date)
        return context(argparse.Namespace(env=ENV, run_date=date, attempt=1, conf_dir=self.folder / "conf"))


def measured_night(ran: Ran) -> MeasuredNight:
    """The night's counts beside its seconds."""
    given = ran.opened()
    index = given.store.indexes / given.progress.need("index").counts.notes["folder"]
    dimension, (multiplied, _) = artifacts.read_manifest(index).dimension, multiplied_pairs(given)
    retrieval, postings, members = given.config.retrieval, ran.rows("ingest_postings"), ran.rows("ingest_members")
    searches, found = ran.rows("ingest_searches"), given.tables.staged(SEARCH_MATCHES).count()
    fresh = int(given.progress.need("index").counts.notes["fresh"])
    counts = Counts(
        postings=postings,
        members=members,
        searches=searches,
        askers=members + searches,
        texts=ran.read("embed"),
        changed_texts=ran.rows("embed"),
        changed_searches=searches if ran.run_date == FIRST else 0,
        fresh_postings=fresh,
        pairs=multiplied,
        multiply_adds=multiplied * dimension,
        matches=ran.rows("match"),
        search_matches=found,
        posting_matches=ran.rows("match_postings"),
        recommendations=sum(ran.rows(stage) for stage in ("rank", "rank_searches", "rank_members")),
        index_bytes=bytes_of(index),
        member_index_bytes=members / postings * bytes_of(index),
        files=len(list(given.store.warehouse.rglob(f"run={given.night.run_id}/*/*.parquet"))),
        shards=retrieval.shards_for(fresh),
        search_tasks=retrieval.tasks_for(members + searches),
        posting_tasks=retrieval.tasks_for(postings),
    )
    sizes = (ran.shape.members, ran.shape.postings)
    return MeasuredNight(ran.name, sizes, ran.shape.cores, dimension, counts, ran.took.seconds, ran.took.shuffle_bytes)


def row_bytes(ran: Ran, night: MeasuredNight) -> RowBytes:
    """Bytes of a row of each kind, of a first night."""
    given, counts = ran.opened(), night.counts
    index = given.store.indexes / given.progress.need("index").counts.notes["folder"]
    of_cells = sum(file.stat().st_size for name in _OF_CELLS for file in index.rglob(name))

    def table(*tables: Table) -> int:
        return sum(bytes_of(given.store.staged(one.name, given.night.run_id)) for one in tables)

    sample = given.project / "var" / "sample"
    vectors = night.dimension * (FLOAT32_BYTES + BFLOAT16_BYTES)
    return RowBytes(
        source_posting=bytes_of(sample / "postings") / counts.postings,
        source_member=bytes_of(sample / "members") / counts.members,
        posting=table(POSTINGS, POSTINGS_REJECTED) / counts.postings,
        member=table(MEMBERS, MEMBERS_REJECTED) / counts.members,
        shard=(counts.index_bytes - of_cells) / counts.postings - vectors,
        match=table(MATCHES) / counts.matches,
        recommendation=table(RECOMMENDATIONS) / ran.rows("rank"),
    )


def memory(rans: Sequence[Ran], nights: Sequence[MeasuredNight]) -> Memory:
    """What tasks needed: of Java the most, of a Python worker as the shards grow."""
    columns = np.array([[1.0, night.counts.fresh_postings / night.counts.shards * night.dimension] for night in nights])
    workers = np.array([ran.took.worker_mib for ran in rans])
    (base_mib, mib_per_component), _ = relative_nnls(columns, workers, workers)
    return Memory(max(ran.took.java_mib / ran.shape.cores for ran in rans), base_mib, mib_per_component * MIB)


def costs(ran: Ran, vectors: Path, scratch: Path) -> Mapping[str, Mapping[str, float]]:
    """What is measured apart from nights, with one night's matches and these vectors."""
    given = ran.opened()
    (matches, *_) = sorted(given.store.staged(MATCHES.name, given.night.run_id).rglob("*.parquet"))
    return known_costs(vectors, matches, scratch)


def bytes_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
