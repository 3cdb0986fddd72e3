"""Stage: which postings are the same opening."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from pipelines.ingest.config import IngestConfig
from pipelines.ingest.fingerprints import COMPARED, DUPLICATE, FINGERPRINT, GROUP, duplicates, fingerprint


def find_duplicates(postings: DataFrame, *, config: IngestConfig) -> DataFrame:
    """`source_row` of each posting that another one stands for, and `duplicate_of`, that one's id.

    Only ids and fingerprints are shuffled. A partition holds whole groups and is compared as a whole, so the many
    groups of one posting cost nothing; it takes some 700 bytes of memory a posting.
    """

    def fingerprinted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield fingerprint(batch.to_pylist(), config)

    def clustered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        fingerprints = pa.Table.from_batches(list(batches), schema=FINGERPRINT)
        yield duplicates(fingerprints, config.duplicate_similarity)

    return (
        postings.select(*COMPARED)
        .mapInArrow(fingerprinted, schema=from_arrow_schema(FINGERPRINT))
        .repartition(GROUP)
        .mapInArrow(clustered, schema=from_arrow_schema(DUPLICATE))
    )
