"""Stage: a sample's feeds, and apart from them the truth about every row.

Each frame is made from `spark.range(n)`: a row depends on its number and the configuration alone, so neither the number
of partitions nor their order changes it.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from pipelines.sample.config import SampleConfig
from pipelines.sample.damage import Feed
from pipelines.sample.interactions import interaction_feed
from pipelines.sample.members import member_feed
from pipelines.sample.postings import posting_feed
from pipelines.sample.searches import search_feed
from pipelines.sample.truth import member_truth, posting_truth
from pipelines.sample.world import World
from schemas import columns as c
from schemas.table import columns_of

_TEXT = T.StringType()
_TEXTS = T.ArrayType(_TEXT)
_POSTING_COLUMNS = (
    "jobRef jobTitle employer body tags countryName state town workplace contract level yearsRequired languages "
    "payFrom payTo payCurrency datePosted closingDate vacancyState"
)
POSTING_FEED = columns_of(**dict.fromkeys(_POSTING_COLUMNS.split(), _TEXT))
MEMBER_FEED = columns_of(
    profileId=_TEXT,
    tagline=_TEXT,
    summary=_TEXT,
    positions=T.ArrayType(columns_of(**dict.fromkeys(("role", "employer", "what", "fromDate", "toDate"), _TEXT))),
    lookingFor=_TEXTS,
    skills=_TEXTS,
    experienceYears=_TEXT,
    level=_TEXT,
    searchAreas=T.ArrayType(columns_of(**dict.fromkeys(("countryName", "state", "town"), _TEXT))),
    workplaces=_TEXTS,
    contracts=_TEXTS,
    spokenLanguages=_TEXTS,
    payExpected=_TEXT,
    payCurrency=_TEXT,
    blockedEmployers=_TEXTS,
    findable=_TEXT,
    unsubscribed=_TEXT,
)
INTERACTION_FEED = columns_of(profileId=_TEXT, jobRef=_TEXT, event=_TEXT, at=_TEXT)
SEARCH_FEED = columns_of(
    **dict.fromkeys("searchId profileId query lang savedOn enabled unseenSince".split(), _TEXT),
)
POSTING_TRUTH = columns_of(**{c.POSTING_ID: _TEXT, "occupation": _TEXT, "mess": _TEXT, "copy_of": _TEXT})
MEMBER_TRUTH = columns_of(**{c.MEMBER_ID: _TEXT, "occupation": _TEXT, "related": _TEXTS, "mess": _TEXT})


def generate_postings(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """One posting per row of `spark.range(config.postings)`, as a source gives it."""
    return _generate(rows, POSTING_FEED, posting_feed, config)


def generate_members(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """One member per row of `spark.range(config.members)`, as a source gives it."""
    return _generate(rows, MEMBER_FEED, member_feed, config)


def generate_interactions(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """One interaction per row of `spark.range(n)`, or none: members and postings are those of `config`'s sizes."""
    return _generate(rows, INTERACTION_FEED, interaction_feed, config)


def generate_searches(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """One saved search per row of `spark.range(n)`, as a source gives it."""
    return _generate(rows, SEARCH_FEED, search_feed, config)


def generate_posting_truth(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """The occupation of each posting, what is wrong with its feed row, and which posting it copies."""
    return _generate(rows, POSTING_TRUTH, posting_truth, config)


def generate_member_truth(rows: DataFrame, *, config: SampleConfig) -> DataFrame:
    """The occupation of each member, those that it is related to, and what is wrong with the member's feed row."""
    return _generate(rows, MEMBER_TRUTH, member_truth, config)


def _generate(
    rows: DataFrame, schema: T.StructType, row_of: Callable[[World, int], Feed | None], config: SampleConfig
) -> DataFrame:
    arrow_schema = to_arrow_schema(schema)
    world = World(config.seed, datetime.date.fromisoformat(config.as_of), config.postings, config.members)

    def generated(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            feeds = (row_of(world, row) for row in batch.column("id").to_pylist())
            yield pa.RecordBatch.from_pylist([feed for feed in feeds if feed is not None], schema=arrow_schema)

    return rows.mapInArrow(generated, schema).select(*schema.names)
