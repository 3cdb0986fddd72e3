"""Kernel: a stage's work as OpenLineage events: which tables it read and wrote, and how it ended."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, output_statistics_output_dataset, schema_dataset
from openlineage.client.generated.base import RunFacet

from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.operations import NIGHT_PROFILES, QUALITY_RESULTS, RUN_LOG
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.searches import (
    SAVED_SEARCHES,
    SAVED_SEARCHES_REJECTED,
    SEARCH_MATCHES,
    SEARCH_RECOMMENDATIONS,
    SEARCH_SHORTFALLS,
)
from schemas.table import Table
from schemas.teacher_scores import TEACHER_SCORES

PRODUCER = "https://nightmatch.invalid/jobs"  # who says so; a URI that names and leads nowhere
RECORDED = (QUALITY_RESULTS, NIGHT_PROFILES, RUN_LOG)  # of every stage


@dataclass(frozen=True)
class Flow:
    """What a stage reads and writes."""

    inputs: Sequence[Table]
    outputs: Sequence[Table]
    sources: Sequence[str] = ()  # sections of the configuration


_PRODUCT = (POSTINGS, POSTINGS_REJECTED, MEMBERS, MEMBERS_REJECTED, POSTING_POPULARITY)
_FOUND = (MATCHES, MATCH_RECALL, ELIGIBILITY_FUNNEL, SHORTFALLS, RECOMMENDATIONS)
_RECRUITED = (POSTING_MATCHES, POSTING_LISTS, POSTING_RECOMMENDATIONS)
_SEARCHED = (SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SEARCH_MATCHES, SEARCH_SHORTFALLS, SEARCH_RECOMMENDATIONS)
_PUBLISHED = (*_PRODUCT, *_FOUND, *_RECRUITED, *_SEARCHED)
FLOWS: Mapping[str, Flow] = {
    "ingest_postings": Flow((), (POSTINGS, POSTINGS_REJECTED), ("sources.postings",)),
    "ingest_members": Flow(
        (POSTINGS_REJECTED,),
        (MEMBERS, MEMBERS_REJECTED, POSTING_POPULARITY),
        ("sources.members", "sources.interactions"),
    ),
    "ingest_searches": Flow(
        (MEMBERS, MEMBERS_REJECTED), (SAVED_SEARCHES, SAVED_SEARCHES_REJECTED), ("sources.saved_searches",)
    ),
    "distill": Flow((POSTINGS, MEMBERS, TEACHER_SCORES), ()),
    "embed": Flow((POSTINGS, MEMBERS, SAVED_SEARCHES), (POSTING_EMBEDDINGS, MEMBER_EMBEDDINGS)),
    "index": Flow((POSTINGS, POSTING_EMBEDDINGS), ()),
    "match": Flow(
        (MEMBERS, MEMBER_EMBEDDINGS, POSTING_POPULARITY, SAVED_SEARCHES),
        (MATCHES, MATCH_RECALL, ELIGIBILITY_FUNNEL, SEARCH_MATCHES),
    ),
    "rank": Flow((MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY), (RECOMMENDATIONS, SHORTFALLS)),
    "rank_searches": Flow(
        (SEARCH_MATCHES, SAVED_SEARCHES, MEMBERS, POSTINGS, POSTING_POPULARITY),
        (SEARCH_RECOMMENDATIONS, SEARCH_SHORTFALLS),
    ),
    "match_postings": Flow((POSTINGS, POSTING_EMBEDDINGS, MEMBERS, MEMBER_EMBEDDINGS), (POSTING_MATCHES,)),
    "reorder_members": Flow((POSTING_MATCHES,), (POSTING_LISTS,)),
    "rank_members": Flow(
        (POSTING_MATCHES, POSTING_LISTS, MEMBERS, POSTINGS, POSTING_POPULARITY), (POSTING_RECOMMENDATIONS,)
    ),
    "audit": Flow(
        (POSTINGS, MEMBERS, MATCHES, RECOMMENDATIONS, POSTING_MATCHES, POSTING_RECOMMENDATIONS), (FAIRNESS_AUDIT,)
    ),
    "publish": Flow(_PUBLISHED, _PUBLISHED),
}
"""By stage; sources of groups are not named. A stage works on what its run has staged, and `publish` shows it."""


@dataclass(frozen=True)
class Execution:
    """One try of a stage.

    Args:
        uuid: names it in all of its events.
        env: the environment; jobs are named within it.
        stage: a name of `FLOWS`.
        warehouse: URI of the folder of all tables.
        namespace: the tables' in the catalog.
    """

    uuid: str
    env: str
    stage: str
    warehouse: str
    namespace: str


@dataclass(frozen=True)
class Ending:
    """How it ended."""

    rows_out: int | None = None
    error: str | None = None  # its class; its message may be long, and stands in the run's own report


def event(of: Execution, state: RunState, at: datetime.datetime, ending: Ending = Ending()) -> RunEvent:
    """What is told of the stage: START, then COMPLETE or FAIL."""
    flow = FLOWS[of.stage]
    facets: dict[str, RunFacet] = {}
    if ending.error:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(ending.error, "python")
    return RunEvent(
        eventType=state,
        eventTime=at.isoformat(),
        run=Run(runId=of.uuid, facets=facets),
        job=Job(namespace=f"nightmatch.{of.env}", name=of.stage),
        inputs=[
            *(InputDataset(namespace=f"nightmatch.{of.env}", name=one) for one in flow.sources),
            *(InputDataset(namespace=of.warehouse, name=f"{of.namespace}.{one.name}") for one in flow.inputs),
        ],
        outputs=[
            _written(of, table, ending, first=place == 0) for place, table in enumerate((*flow.outputs, *RECORDED))
        ],
        producer=PRODUCER,
    )


def _written(of: Execution, table: Table, ending: Ending, *, first: bool) -> OutputDataset:
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name=one.name, type=one.dataType.simpleString()) for one in table.schema
    ]
    counted = ending.rows_out is not None and first and table not in RECORDED
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=ending.rows_out)
    return OutputDataset(
        namespace=of.warehouse,
        name=f"{of.namespace}.{table.name}",
        facets={"schema": schema_dataset.SchemaDatasetFacet(fields=fields)},
        outputFacets={"outputStatistics": statistics} if counted else {},
    )
