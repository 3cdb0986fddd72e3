"""Stage: how many pairs of who asks and a posting the exact search of a finished night multiplies."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.match_members import saved_searches
from jobs.start import Context
from pipelines.embedding.stage import with_vectors
from pipelines.retrieval.blocks import members_of
from pipelines.retrieval.eligibility import eligible_cells
from pipelines.retrieval.groups import plan_groups
from pipelines.retrieval.shards import open_index
from pipelines.retrieval.stage import Search, by_cohort
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS
from schemas.members import MEMBERS

PAIRS = T.StructType().add("multiplied", T.LongType()).add("eligible", T.LongType())


def multiplied_pairs(given: Context) -> tuple[int, int]:
    """Pairs that are multiplied, and those among them whose asker may take the posting, as far as cells say."""
    student_id = given.progress.need("embed").counts.notes["student_id"]
    index = given.store.indexes / given.progress.need("index").counts.notes["folder"]
    config, expected = given.config.retrieval, given.progress.need("ingest_members").counts.rows_out or 0
    vectors = given.tables.read(MEMBER_EMBEDDINGS, **{c.STUDENT_ID: student_id})
    members = given.tables.staged(MEMBERS)
    searches, saved = saved_searches(given, members, vectors)
    queries = by_cohort(with_vectors(members, vectors), expected=expected + saved, config=config, searches=searches)
    given.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", config.block_members)
    counted = queries.mapInArrow(_counting(index, student_id, config.unknown_excludes), PAIRS)
    (total,) = counted.agg(*(F.sum(name).alias(name) for name in PAIRS.names)).collect()
    return int(total["multiplied"]), int(total["eligible"])


def _counting(index: Path, student_id: str, unknown_excludes: Collection[str]) -> Search:
    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        cells = open_index(index, student_id).cells
        sizes = np.diff(cells.stop, prepend=0)
        for batch in batches:
            members = members_of(batch)
            eligible = np.array([eligible_cells(one, cells, unknown_excludes) for one in members.cohorts])
            apart = np.zeros(len(eligible), dtype=np.bool_)
            groups = plan_groups(members.cohort, eligible, cells.stop, apart)
            multiplied = sum(len(one.queries) * sum(after - start for start, after in one.runs) for one in groups)
            may = (eligible @ sizes)[members.cohort].sum()
            yield pa.RecordBatch.from_pylist([{"multiplied": int(multiplied), "eligible": int(may)}])

    return count
