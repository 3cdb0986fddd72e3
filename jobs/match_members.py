"""Find the nearest eligible postings of each member, and of each saved search in the same pass."""

import sys
from collections.abc import Sequence
from functools import partial

import numpy as np
from pyspark.sql import DataFrame

from jobs.check_quality import check
from jobs.choose_efforts import Sampling, audit
from jobs.count_eligible import stage_funnel
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.embedding.stage import with_vectors
from pipelines.publishing import artifacts
from pipelines.publishing.progress import Counts
from pipelines.retrieval.shards import open_index
from pipelines.retrieval.stage import NOBODYS, asking_for, by_cohort, most_popular, searching
from pipelines.retrieval.vectors import Rows
from pipelines.searches.stage import as_members, with_wish_vectors
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.searches import SAVED_SEARCHES, SEARCH_MATCHES


def match(run: Context) -> Counts:
    """The matches of this run and their recall are staged and have passed their gate."""
    student_id = run.progress.need("embed").counts.notes["student_id"]
    index = run.store.indexes / run.progress.need("index").counts.notes["folder"]
    manifest = artifacts.verify(index, kind="index")
    open_index(index, student_id)  # fails here, not in the executors, when another student made it
    members, vectors = run.tables.staged(MEMBERS), run.tables.read(MEMBER_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    rows_in, config = run.progress.need("ingest_members").counts.rows_out or 0, run.config.retrieval
    run.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", config.block_members)
    searches, saved = saved_searches(run, members, vectors)
    queries = by_cohort(with_vectors(members, vectors), expected=rows_in + saved, config=config, searches=searches)
    found = [MATCHES] if searches is None else [MATCHES, SEARCH_MATCHES]
    search = partial(
        searching,
        index=index,
        index_id=manifest.artifact_id,
        student_id=student_id,
        night=run.night,
        config=config,
        popular=popular_postings(run),
    )
    floor, beside = run.config.quality.min_recall, partial(with_vectors, embeddings=vectors)
    sampling = Sampling(members, beside, index, student_id, config, floor)
    shares = sampling.shares()
    efforts = sampling.efforts(shares)
    while True:
        fast = {cohort: effort for cohort, effort in efforts.items() if effort is not None}
        staged, *_ = run.tables.stage_written(found, queries, search(efforts=fast))
        low = audit(run, sampling, shares, efforts, search())
        if not low:
            break
        log.warning("match: too little found in %d cohorts; searched again with more effort", len(low))
        efforts |= low
    stage_funnel(run, members, index, student_id)
    check(run, "matches")
    return Counts(rows_in=rows_in, rows_out=staged)


def saved_searches(run: Context, members: DataFrame, vectors: DataFrame) -> tuple[DataFrame | None, int]:
    """What the search asks of this run's saved searches, and about how many they are; None where it has no source."""
    if run.config.sources.saved_searches is None:
        return None, 0
    searchers = as_members(run.tables.staged(SAVED_SEARCHES), members)
    known = with_wish_vectors(searchers, vectors, profile_weight=run.config.searches.profile_weight)
    return asking_for(known, night=run.night), run.progress.need("ingest_searches").counts.rows_out or 0


def popular_postings(run: Context) -> Rows:
    """Hashes of the ids of those that most people are interested in, the most popular first."""
    if not run.config.retrieval.popular_per_member:
        return NOBODYS
    best = most_popular(run.tables.staged(POSTING_POPULARITY), run.config.retrieval.popular_postings)
    return np.array([row["posting"] for row in best.collect()], dtype=np.int64)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "match", match, argv)


if __name__ == "__main__":
    sys.exit(main())
