"""Build this night's index: the open postings' vectors in shards, neighbouring cells together."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.embedding.stage import with_vectors
from pipelines.publishing.artifacts import Manifest
from pipelines.publishing.progress import Counts
from pipelines.retrieval.index import keep_quantiser, new_index, seal_index
from pipelines.retrieval.indexing import searchable, train_quantiser, with_places, write_shards
from pipelines.retrieval.quantiser import from_bytes
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.postings import POSTINGS


def build(run: Context) -> Counts:
    """The index of this run is finished under the storage root."""
    student_id = run.progress.need("embed").counts.notes["student_id"]
    read = run.progress.need("ingest_postings").counts.rows_out or 0
    folder, manifest, indexed = index_postings(run, run.tables.staged(POSTINGS), student_id, expected=read)
    return Counts(rows_in=read, rows_out=indexed, notes={"index_id": manifest.artifact_id, "folder": folder.name})


def index_postings(run: Context, postings: DataFrame, student_id: str, *, expected: int) -> tuple[Path, Manifest, int]:
    """A finished index of the student's published vectors of these postings: folder, manifest, how many it holds."""
    vectors = run.tables.read(POSTING_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    rows = searchable(with_vectors(postings, vectors))
    folder, config = new_index(run.store.indexes, run.night.run_id), run.config.retrieval
    clusters = config.clusters_for(expected)
    trained = train_quantiser(rows, expected=expected, clusters=clusters).collect() if clusters else []
    quantiser = from_bytes(trained[0]["quantiser"]) if trained else None
    if quantiser:
        keep_quantiser(folder, quantiser)
    placed = with_places(rows, quantiser)
    written = write_shards(placed, folder=folder, shards=config.shards_for(expected)).collect()
    manifest = seal_index(folder, {row["shard"] for row in written}, student_id=student_id, run_id=run.night.run_id)
    return folder, manifest, sum(row["postings"] for row in written)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "index", build, argv)


if __name__ == "__main__":
    sys.exit(main())
