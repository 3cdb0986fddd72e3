"""Tonight's index built upon the last one of the same student: what did not change stays where it lies."""

import datetime
from pathlib import Path
from typing import NamedTuple

from pyspark.sql import DataFrame

from jobs.start import Context, log
from pipelines.publishing.artifacts import Manifest
from pipelines.retrieval.changes import FRESH, ROWS, found_rows, fresh_postings, looked_up
from pipelines.retrieval.increment import Before, Tally, bury, take_over
from pipelines.retrieval.index import DELTA, Made, empty, seal_index
from pipelines.retrieval.indexing import with_places, write_shards
from pipelines.retrieval.quantiser import Quantiser
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.errors import ArtifactError


class Renewed(NamedTuple):
    """An index that took over another."""

    manifest: Manifest
    tally: Tally
    rows: int  # that may match somebody


def renew_index(
    run: Context, postings: DataFrame, student_id: str, *, folder: Path, before: Before | None, expected: int
) -> Renewed | str:
    """The finished index in `folder`, or why one has to be built afresh; then the folder is empty."""
    if before is None:
        return "there is no other index of this student"
    reason = before.against(run.config.retrieval.clusters_for(expected))
    if reason:
        return reason
    try:
        known = take_over(before, folder)
    except (ArtifactError, OSError) as error:
        log.warning("index: %s", error)
        empty(folder)
        return f"index {before.manifest.artifact_id} is damaged"
    shards = tuple(before.shards)
    looked = looked_up(postings, folder=folder, shards=shards).persist()
    try:
        found = found_rows(looked).collect()
        tally = bury(folder, shards, (row[ROWS] for row in found), fresh=sum(row[FRESH] for row in found))
        most = run.config.retrieval.max_stale_share
        if tally.stale_share > most:
            empty(folder)
            return f"a share of {tally.stale_share:.3f} of the rows is gone or new since all was built, above {most}"
        quantiser = Before(folder, before.manifest).quantiser()
        fresh, written = write_fresh(run, looked, student_id, folder=folder, quantiser=quantiser, fresh=tally.fresh)
    finally:
        looked.unpersist()
    made = Made(upon=before.manifest.artifact_id, quantiser="reused" if quantiser else "", known=known)
    manifest = seal_index(folder, {*shards, *fresh}, student_id=student_id, run_id=run.night.run_id, made=made)
    return Renewed(manifest, tally, tally.kept + written)


def write_fresh(
    run: Context, looked: DataFrame, student_id: str, *, folder: Path, quantiser: Quantiser | None, fresh: int
) -> tuple[set[str], int]:
    """Names of the shards that the fresh postings lie in now, and how many of them had a vector.

    Few texts are neither in the index before nor encoded tonight; only for them are all vectors of the student read.
    """
    of_student: dict[str, str | datetime.date] = {c.STUDENT_ID: student_id}
    names, postings, count = set[str](), 0, run.config.retrieval.shards_for(fresh)
    for encoded in (of_student | {c.RUN_DATE: run.night.run_date}, of_student):
        if postings < fresh:
            rows = fresh_postings(looked, run.tables.read(POSTING_EMBEDDINGS, **encoded))
            placed = with_places(rows, quantiser)
            written = write_shards(placed, folder=folder, shards=count, kind=DELTA).collect()
            names, postings = {row["shard"] for row in written}, sum(row["postings"] for row in written)
    return names, postings
