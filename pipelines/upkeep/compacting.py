"""Stage: tables written anew for readers who see no difference: small files put together, unneeded vectors left out."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import reduce

from pyiceberg.expressions import AlwaysTrue
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table as IcebergTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.publishing.catalog import open_table
from pipelines.publishing.config import RetentionConfig
from pipelines.publishing.tables import Tables
from schemas import columns as c
from schemas.table import Table

_FILE_BYTES = 128 * 2**20  # of a file that small ones are put together in


@dataclass(frozen=True)
class Vectors:
    """What an embeddings table has of one student.

    Args:
        needed: their rows; None: not one of them.
    """

    student_id: str
    rows: int
    gone: int
    needed: DataFrame | None


def small_files(table: IcebergTable, config: RetentionConfig) -> list[list[DataFile]]:
    """The small files of each partition that has enough of them."""
    found = defaultdict(list)
    for task in table.scan().plan_files():
        if task.file.file_size_in_bytes < config.small_file_mib * 2**20:
            found[repr(task.file.partition)].append(task.file)
    return [files for files in found.values() if len(files) >= config.min_small_files]


def compact(tables: Tables, table: Table, files: list[DataFile]) -> int:
    """The rows of these files lie in few others from now on; how many."""
    rows = tables.spark.read.schema(table.schema).parquet(*(file.file_path for file in files))
    count = 1 + sum(file.file_size_in_bytes for file in files) // _FILE_BYTES
    tables.stage(table, rows.coalesce(count))
    staged = tables.staged_files(table)
    with open_table(tables.catalog, tables.store.namespace, table).transaction() as change:
        with change.update_snapshot().overwrite() as swap:
            swap.delete_by_predicate(AlwaysTrue())
            for file in files:
                swap.delete_data_file(file)
        change.add_files(staged, snapshot_properties={"nightmatch.run_id": tables.run_id})
    return len(staged)


def vectors(
    tables: Tables, embeddings: Table, entities: Sequence[Table], *, students: AbstractSet[str], since: datetime.date
) -> list[Vectors]:
    """What is needed of each student's vectors: those of texts in nights since then, or made since then.

    Args:
        entities: tables that have the texts.
        students: ids of those who may serve again; of others nothing is needed.
    """
    known = tables.read(embeddings)
    nights = (tables.read(one).where(F.col(c.RUN_DATE) >= F.lit(since)).select(c.CONTENT_HASH) for one in entities)
    texts = reduce(DataFrame.unionByName, nights).distinct()
    beside = known.join(texts.withColumn("in_use", F.lit(True)), on=c.CONTENT_HASH, how="left")
    is_needed = F.coalesce("in_use", F.lit(False)) | (F.col(c.RUN_DATE) >= F.lit(since))
    needed = beside.where(is_needed & F.col(c.STUDENT_ID).isin(*students)).select(*embeddings.columns)
    rows = {row[c.STUDENT_ID]: row["count"] for row in known.groupBy(c.STUDENT_ID).count().collect()}
    kept = {row[c.STUDENT_ID]: row["count"] for row in needed.groupBy(c.STUDENT_ID).count().collect()}
    return [
        Vectors(
            name, count, count - kept.get(name, 0), needed.where(F.col(c.STUDENT_ID) == name) if name in kept else None
        )
        for name, count in sorted(rows.items())
    ]


def keep_needed(tables: Tables, embeddings: Table, one: Vectors) -> None:
    """Readers see of the student only what is needed."""
    if one.needed is None:
        tables.clear(embeddings, **{c.STUDENT_ID: one.student_id})
    else:
        tables.stage(embeddings, one.needed)
        tables.replace(embeddings, **{c.STUDENT_ID: one.student_id})


def housekeeping_id() -> str:
    """The id of a run that only writes anew what others have published."""
    return f"kept-{uuid.uuid4().hex[:12]}"
