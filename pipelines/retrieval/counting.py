"""Stage: members → how many pairs each hard rule takes from them."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.retrieval.asking import cohort
from pipelines.retrieval.blocks import cohort_of, cohorts_of, terms_of
from pipelines.retrieval.cache import on_this_host
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.funnel import Counted, count_cell_rules, count_pair_rules
from pipelines.retrieval.shards import Index, open_index
from pipelines.retrieval.stage import asked
from schemas import columns as c

COUNTED = T.StructType(
    [
        T.StructField("sampled", T.BooleanType()),
        T.StructField("members", T.LongType()),
        T.StructField("rule", T.StringType()),
        *(T.StructField(name, T.LongType()) for name in ("before", "removed", "without")),
    ]
)
_PARTS = 1 << 20  # of the members, by hash


def count_rules(
    members: DataFrame, *, share: float, index: Path, student_id: str, config: RetrievalConfig
) -> DataFrame:
    """Sums of COUNTED: the partitioning rules over all members who are searched for, all rules over a sample of them.

    Args:
        members: MEMBERS columns.
        share: of the members who are in the sample, by hash of their id.
        index: folder of the index.
        student_id: who made it.
        config: how unknown values count.
    """

    def opened() -> Index:
        return open_index(on_this_host(index, config.cache_folder), student_id)

    def over_cohorts(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                cohorts = [cohort_of(text) for text in batch.column(c.COHORT).to_pylist()]
                sizes = batch.column("members").to_pylist()
                counted = count_cell_rules(cohorts, sizes, opened(), config.unknown_excludes)
                yield _rows(counted, members=sum(sizes), sampled=False)

    def over_sample(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                (cohorts, which), postings = cohorts_of(batch), opened()
                sizes = [int((which == place).sum()) for place in range(len(cohorts))]
                counted = count_cell_rules(cohorts, sizes, postings, config.unknown_excludes)
                counted += count_pair_rules(terms_of(batch), cohorts, which, postings, config.unknown_excludes)
                yield _rows(counted, members=batch.num_rows, sampled=True)

    searched = members.where(F.col(c.CONTENT_HASH).isNotNull())
    sizes = searched.groupBy(cohort().alias(c.COHORT)).agg(F.count(F.lit(1)).alias("members"))
    drawn = searched.where(F.pmod(F.xxhash64(c.MEMBER_ID, F.lit("funnel")), F.lit(_PARTS)) < int(share * _PARTS))
    counted = sizes.mapInArrow(over_cohorts, schema=COUNTED).unionByName(
        drawn.select(*asked()).mapInArrow(over_sample, schema=COUNTED)
    )
    sums = [F.sum(name).alias(name) for name in ("members", "before", "removed", "without")]
    return counted.groupBy("sampled", "rule").agg(*sums).select(*COUNTED.names)


def _rows(counted: Iterable[Counted], *, members: int, sampled: bool) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"sampled": sampled, "members": members, **asdict(one)} for one in counted])
