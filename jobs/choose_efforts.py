"""Which cohorts are searched fast, with which effort, and how much of the exact result that finds."""

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.start import Context, log
from pipelines.embedding.stage import with_vectors
from pipelines.retrieval.auditing import COMPARED, cohort_sizes, comparing, recall_of, sample_members
from pipelines.retrieval.blocks import cohort_of
from pipelines.retrieval.recall import Recall, eligible_postings, enough, raised
from pipelines.retrieval.shards import open_index
from pipelines.retrieval.stage import Search, by_cohort, find_matches
from schemas import columns as c
from schemas.matches import MATCH_RECALL, MATCHES

Efforts = dict[str, float | None]  # by cohort; None: exact after all

_WORTH = 10  # a cohort is searched fast when it has so many times the members who are sampled of it


@dataclass(frozen=True)
class Sampling:
    """What samples are drawn from."""

    run: Context
    members: DataFrame  # MEMBERS columns
    vectors: DataFrame  # of the members' texts
    index: Path
    student_id: str

    def shares(self) -> dict[str, float]:
        """The large cohorts, and which share of each is a sample."""
        config = self.run.config.retrieval
        index = open_index(self.index, self.student_id)
        if int(index.stops[-1]) < config.fast_min_postings:
            return {}
        sizes = cohort_sizes(self.members).where(f"members >= {_WORTH * config.recall_members}").collect()
        return {
            row[c.COHORT]: config.recall_members / row["members"]
            for row in sizes
            if eligible_postings(cohort_of(row[c.COHORT]), index, config.unknown_excludes) >= config.fast_min_postings
        }

    def first(self, shares: dict[str, float]) -> Efforts:
        """The least effort that surely finds enough in each large cohort, measured on a sample."""
        if not shares:
            return {}
        config, floor = self.run.config.retrieval, self.run.config.quality.min_recall
        sample = with_vectors(sample_members(self.members, shares, salt="effort"), self.vectors)
        queries = by_cohort(sample, expected=len(shares) * config.recall_members, config=config)
        compare = comparing(index=self.index, student_id=self.student_id, config=config)
        recalls = [Recall(**row.asDict()) for row in queries.mapInArrow(compare, schema=COMPARED).collect()]
        chosen = enough(recalls, config.fast_efforts, floor)
        log.info("match: %d of %d large cohorts are searched fast", len(chosen), len(shares))
        return {cohort: chosen.get(cohort) for cohort in shares}

    def audit(self, shares: dict[str, float], efforts: Efforts, exactly: Search) -> Efforts:
        """Stage the recall of the staged matches on another sample; the efforts that must be raised, and to what."""
        run = self.run
        if not shares:
            run.tables.stage(MATCH_RECALL, run.spark.createDataFrame([], MATCH_RECALL.schema))
            return {}
        sample = sample_members(self.members, shares, salt="audit").persist()
        expected = len(shares) * run.config.retrieval.recall_members
        exact = find_matches(
            with_vectors(sample, self.vectors),
            expected=expected,
            search_batches=exactly,
            config=run.config.retrieval,
        ).persist()
        run.tables.stage(MATCH_RECALL, recall_of(run.tables.staged(MATCHES), exact, sample, efforts, night=run.night))
        for frame in (exact, sample):
            frame.unpersist()
        low = run.tables.staged(MATCH_RECALL).where(f"recall < {run.config.quality.min_recall}").collect()
        return {
            row[c.COHORT]: raised(row[c.EFFORT], run.config.retrieval.fast_efforts)
            for row in low
            if row[c.EFFORT] is not None
        }
