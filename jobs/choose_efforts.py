"""Which cohorts are searched fast, with which effort, and how much of the exact result that finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.start import Context, log
from pipelines.retrieval.auditing import COMPARED, cohort_sizes, comparing, recall_of, sample_members
from pipelines.retrieval.blocks import cohort_of
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.recall import Recall, eligible_postings, enough, raised
from pipelines.retrieval.shards import open_index
from pipelines.retrieval.stage import Search, by_cohort
from schemas import columns as c
from schemas.matches import MATCH_RECALL, MATCHES

Efforts = dict[str, float | None]  # by cohort; None: exact after all

_WORTH = 10  # a cohort is searched fast when it has so many times the members who are sampled of it


@dataclass(frozen=True)
class Sampling:
    """What samples are drawn from, and what is asked of them."""

    members: DataFrame  # MEMBERS columns
    with_vectors: Callable[[DataFrame], DataFrame]  # members who have a vector, with it
    index: Path
    student_id: str
    config: RetrievalConfig
    min_recall: float

    def shares(self) -> dict[str, float]:
        """The large cohorts, and which share of each is a sample."""
        index, sampled = open_index(self.index, self.student_id), self.config.recall_members
        if int(index.stops[-1]) < self.config.fast_min_postings:
            return {}
        sizes = cohort_sizes(self.members).where(F.col("members") >= _WORTH * sampled).collect()
        return {
            row[c.COHORT]: sampled / row["members"]
            for row in sizes
            if eligible_postings(cohort_of(row[c.COHORT]), index, self.config.unknown_excludes)
            >= self.config.fast_min_postings
        }

    def sample(self, shares: Mapping[str, float], salt: str) -> DataFrame:
        """What the search asks of sampled members."""
        drawn = self.with_vectors(sample_members(self.members, shares, salt=salt))
        return by_cohort(drawn, expected=len(shares) * self.config.recall_members, config=self.config)

    def efforts(self, shares: Mapping[str, float]) -> Efforts:
        """The least effort that surely finds enough in each large cohort, measured on a sample."""
        if not shares:
            return {}
        compare = comparing(index=self.index, student_id=self.student_id, config=self.config)
        rows = self.sample(shares, "effort").mapInArrow(compare, schema=COMPARED).collect()
        chosen = enough([Recall(**row.asDict()) for row in rows], self.config.fast_efforts, self.min_recall)
        log.info("match: %d of %d large cohorts are searched fast", len(chosen), len(shares))
        return {cohort: chosen.get(cohort) for cohort in shares}


def audit(run: Context, sampling: Sampling, shares: Mapping[str, float], efforts: Efforts, exactly: Search) -> Efforts:
    """Stage the recall of the staged matches on another sample; the efforts that must be raised, and to what."""
    if not shares:
        run.tables.stage(MATCH_RECALL, run.spark.createDataFrame([], MATCH_RECALL.schema))
        return {}
    members = sample_members(sampling.members, shares, salt="audit").persist()
    exact = sampling.sample(shares, "audit").mapInArrow(exactly, schema=MATCHES.schema).persist()
    run.tables.stage(MATCH_RECALL, recall_of(run.tables.staged(MATCHES), exact, members, efforts, night=run.night))
    for frame in (exact, members):
        frame.unpersist()
    too_little = (F.col(c.RECALL) < sampling.min_recall) & F.col(c.EFFORT).isNotNull()
    low = run.tables.staged(MATCH_RECALL).where(too_little).collect()
    return {row[c.COHORT]: raised(row[c.EFFORT], sampling.config.fast_efforts) for row in low}
