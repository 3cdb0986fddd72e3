"""Stage: members with vectors → their matches in a finished index."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.night import Night
from pipelines.retrieval.asking import cohort, member_terms, search_cohort, search_terms
from pipelines.retrieval.blending import Wishes, similarities
from pipelines.retrieval.blocks import cohort_of, found_batch, members_of
from pipelines.retrieval.cache import on_this_host
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.popular import also_popular, rows_of
from pipelines.retrieval.precision import chosen, prepare_worker
from pipelines.retrieval.relaxation import search_by_steps
from pipelines.retrieval.search import Found
from pipelines.retrieval.shards import Index, open_index
from pipelines.retrieval.vectors import Rows
from schemas import columns as c
from schemas.matches import MATCHES
from schemas.searches import SEARCH_MATCHES

Search = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

NOBODYS: Final = np.empty(0, dtype=np.int64)


def find_matches(members: DataFrame, *, expected: int, search_batches: Search, config: RetrievalConfig) -> DataFrame:
    """Each member's nearest eligible postings as rows of the matches table; arguments as of the two functions below."""
    return by_cohort(members, expected=expected, config=config).mapInArrow(search_batches, schema=MATCHES.schema)


def by_cohort(
    members: DataFrame, *, expected: int, config: RetrievalConfig, searches: DataFrame | None = None
) -> DataFrame:
    """What the search asks of members, neighbouring cohorts in one task: a large one is cut, small ones share.

    Args:
        members: MEMBERS columns and `vector`.
        expected: about how many rows there are; it decides the number of tasks.
        config: how many a task takes.
        searches: see `asking_for`; saved searches, searched for in the same pass.
    """
    rows = asking(members)
    if searches is not None:
        rows = rows.unionByName(searches, allowMissingColumns=True)
    tasks = rows.repartitionByRange(config.tasks_for(expected), "cohort", c.MEMBER_ID)
    return tasks.sortWithinPartitions("cohort", c.MEMBER_ID)


def asking(members: DataFrame) -> DataFrame:
    """What the search asks of members: their cohort, their terms, their vector; MEMBERS columns and `vector`."""
    return members.select(*asked(), c.VECTOR)


def asked() -> list[Column]:
    """The cohort and the terms of a member."""
    return [F.col(c.MEMBER_ID), cohort().alias("cohort"), *member_terms()]


def asking_for(searches: DataFrame, *, night: Night) -> DataFrame:
    """What the search asks of saved searches.

    Args:
        searches: MEMBERS columns, `search_id`, `criteria`, `vector` (the profile's), `wish_vector`, `profile_weight`.
        night: from whose date the age of a posting counts.
    """
    whose = [F.col(name) for name in (c.SEARCH_ID, c.VECTOR, c.WISH_VECTOR, c.PROFILE_WEIGHT)]
    terms = [search_cohort().alias("cohort"), *member_terms(), *search_terms(F.lit(night.run_date))]
    return searches.select(F.col(c.MEMBER_ID), *terms, *whose)


def most_popular(popularity: DataFrame, count: int) -> DataFrame:
    """Hashes of the ids of the `count` most popular postings, the most popular first; POSTING_POPULARITY columns."""
    best = popularity.orderBy(F.col(c.POPULARITY).desc(), c.POSTING_ID).limit(count)
    return best.select(F.xxhash64(c.POSTING_ID).alias("posting"))


def searching(
    *,
    index: Path,
    index_id: str,
    student_id: str,
    night: Night,
    config: RetrievalConfig,
    efforts: Mapping[str, float] = MappingProxyType({}),
    popular: Rows = NOBODYS,
) -> Search:
    """A function for `mapInArrow`: rows of `by_cohort` to rows of the matches table, best first for each member.

    What lies beyond a wish comes after all that was asked for, and says so. What saved searches have found comes in
    batches of its own, rows of the table of their matches.

    Args:
        index: folder of the index.
        index_id: its id, for the rows.
        student_id: whose vectors the members have.
        night: for the rows.
        config: how to search.
        efforts: of the cohorts that are searched fast; all others are searched exactly.
        popular: hashes of the ids of postings, the most popular first, see `popular`.
    """
    schema, searched = to_arrow_schema(MATCHES.schema), to_arrow_schema(SEARCH_MATCHES.schema)
    given = dict(efforts)  # what can be sent to workers
    stamp = {
        c.RUN_DATE: night.run_date,
        c.RUN_ID: night.run_id,
        c.STUDENT_ID: student_id,
        c.INDEX_ID: index_id,
    }

    def search_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        prepare_worker()
        precision = chosen(config.first_pass)
        fast = {cohort_of(text): effort for text, effort in given.items()}
        for batch in batches:
            if batch.num_rows:
                shards = open_index(on_this_host(index, config.cache_folder), student_id)
                members = members_of(batch)
                queries = postings_for(members, shards, config.unknown_excludes, fast)
                parts = list(
                    search_by_steps(
                        queries,
                        members.cohorts,
                        shards,
                        shards.cells,
                        steps=config.relaxation.steps,
                        enough=config.relaxation.min_postings,
                        k=config.matches_per_member,
                        precision=precision,
                        unknown_excludes=config.unknown_excludes,
                    )
                )
                if config.popular_per_member:
                    rows, before = rows_of(shards, popular), [found for _, found in parts]
                    parts.append((None, also_popular(queries, shards, before, rows, config.popular_per_member)))
                for step, found in parts:
                    if members.wishes is not None:
                        yield found_for_searches(found, members.wishes, batch, shards, stamp, searched)
                        found = found.where(~members.wishes.is_search[found.query])
                    ids, marked = {c.MEMBER_ID: batch.column(c.MEMBER_ID)}, stamp | {c.RELAXATION: step}
                    yield found_batch(found, ids, shards, c.POSTING_ID, marked, schema)

    return search_batches


def found_for_searches(
    found: Found, wishes: Wishes, batch: pa.RecordBatch, shards: Index, stamp: Mapping[str, object], schema: pa.Schema
) -> pa.RecordBatch:
    """What saved searches have found, with its similarity to the wish and to the profile."""
    mine = found.where(wishes.is_search[found.query])
    weight = wishes.profile_weight[mine.query]
    beside = {
        c.WISH_SIMILARITY: pa.array(similarities(mine, wishes.wish, shards), mask=weight == 1),
        c.PROFILE_SIMILARITY: pa.array(similarities(mine, wishes.profile, shards), mask=weight == 0),
    }
    ids = {name: batch.column(name) for name in (c.SEARCH_ID, c.MEMBER_ID)}
    return found_batch(mine, ids, shards, c.POSTING_ID, stamp, schema, beside)
