"""Find each posting's nearest eligible members, for recruiters; `retrieval.members_per_posting` says how many."""

import sys
from collections.abc import Sequence
from pathlib import Path

from jobs.check_quality import check
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.embedding.stage import with_vectors
from pipelines.publishing.progress import Counts
from pipelines.retrieval.index import passing_index, seal_index
from pipelines.retrieval.recruiting import by_cell, open_to_recruiters, searching_members, write_member_shards
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.errors import ConfigError
from schemas.matches import POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS


def match_postings(run: Context) -> Counts:
    """The postings' matches of this run are staged and have passed their gate."""
    config = run.config.retrieval
    if not config.members_per_posting:
        raise ConfigError("retrieval.members_per_posting is 0: no posting searches for members")
    if c.OPEN_TO_RECRUITERS not in run.config.sources.members.columns:
        raise ConfigError(
            "retrieval.members_per_posting asks postings to search for members, but nothing says which of them agree: "
            "give sources.members.columns.open_to_recruiters"
        )
    student_id = run.progress.need("embed").counts.notes["student_id"]
    postings = run.progress.need("ingest_postings").counts.rows_out or 0
    vectors = run.tables.read(POSTING_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    queries = by_cell(with_vectors(run.tables.staged(POSTINGS), vectors), expected=postings, config=config)
    run.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", config.block_members)
    with passing_index(run.store.member_indexes, run.night.run_id) as index:  # nothing else reads it: it holds people
        index_id = index_members(run, index, student_id)
        search = searching_members(
            index=index, index_id=index_id, student_id=student_id, night=run.night, config=config
        )
        [staged] = run.tables.stage_written([POSTING_MATCHES], queries, search)
    check(run, "posting_matches")
    return Counts(rows_in=postings, rows_out=staged, notes={"index_id": index_id})


def index_members(run: Context, folder: Path, student_id: str) -> str:
    """`folder` is a finished index of those of this run's members who may be found; its id."""
    members = run.progress.need("ingest_members").counts.rows_out or 0
    vectors = run.tables.read(MEMBER_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    given = with_vectors(open_to_recruiters(run.tables.staged(MEMBERS)), vectors)
    written = write_member_shards(given, folder=folder, shards=run.config.retrieval.shards_for(members)).collect()
    shards, run_id = {row["shard"] for row in written}, run.night.run_id
    return seal_index(folder, shards, student_id=student_id, run_id=run_id, kind="member_index").artifact_id


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "match_postings", match_postings, argv)


if __name__ == "__main__":
    sys.exit(main())
