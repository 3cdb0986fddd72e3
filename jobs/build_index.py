"""Build this night's index: the open postings' vectors in shards, neighbouring cells together.

What has not changed since the last index of the same student stays in the shards that it lies in.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.renew_index import renew_index
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.embedding.stage import with_vectors
from pipelines.publishing.artifacts import Manifest
from pipelines.publishing.progress import Counts
from pipelines.retrieval.increment import newest_index
from pipelines.retrieval.index import Made, keep_quantiser, new_index, seal_index
from pipelines.retrieval.indexing import searchable, train_quantiser, with_places, write_shards
from pipelines.retrieval.quantiser import Quantiser, from_bytes
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.postings import POSTINGS


def build(run: Context) -> Counts:
    """The index of this run is finished under the storage root."""
    student_id = run.progress.need("embed").counts.notes["student_id"]
    read = run.progress.need("ingest_postings").counts.rows_out or 0
    postings, folder = run.tables.staged(POSTINGS), new_index(run.store.indexes, run.night.run_id)
    before = newest_index(run.store.indexes, student_id=student_id, run_id=run.night.run_id)
    made = renew_index(run, postings, student_id, folder=folder, before=before, expected=read)
    if isinstance(made, str):
        log.info("index: built afresh because %s", made)
        quantiser = before.quantiser() if before else None
        manifest, rows = _build_afresh(run, postings, student_id, folder=folder, expected=read, before=quantiser)
        notes = {"afresh": made, "fresh": str(rows)}
    else:
        manifest, tally, rows = made
        log.info("index: %d rows kept, %d fresh, %d gone", tally.kept, tally.fresh, tally.gone)
        notes = {"kept": str(tally.kept), "fresh": str(tally.fresh), "gone": str(tally.gone)}
    return Counts(read, rows, notes={"index_id": manifest.artifact_id, "folder": folder.name, **notes})


def index_postings(run: Context, postings: DataFrame, student_id: str, *, expected: int) -> tuple[Path, Manifest, int]:
    """A finished index of the student's published vectors of these postings: folder, manifest, how many it holds."""
    folder = new_index(run.store.indexes, run.night.run_id)
    return folder, *_build_afresh(run, postings, student_id, folder=folder, expected=expected, before=None)


def _build_afresh(
    run: Context, postings: DataFrame, student_id: str, *, folder: Path, expected: int, before: Quantiser | None
) -> tuple[Manifest, int]:
    vectors = run.tables.read(POSTING_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    rows = searchable(with_vectors(postings, vectors))
    config = run.config.retrieval
    clusters = config.clusters_for(expected)
    trained = train_quantiser(rows, expected=expected, clusters=clusters, before=before).collect() if clusters else []
    quantiser = from_bytes(trained[0]["quantiser"]) if trained else None
    made = Made()
    if quantiser:
        keep_quantiser(folder, quantiser)
        made = Made(quantiser="reused" if trained[0]["reused"] else "trained")
    placed = with_places(rows, quantiser)
    written = write_shards(placed, folder=folder, shards=config.shards_for(expected)).collect()
    shards = {row["shard"] for row in written}
    manifest = seal_index(folder, shards, student_id=student_id, run_id=run.night.run_id, made=made)
    return manifest, sum(row["postings"] for row in written)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "index", build, argv)


if __name__ == "__main__":
    sys.exit(main())
