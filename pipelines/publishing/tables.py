"""Stage: tables read as of their last commit, frames staged as Parquet, staged files committed at once."""

import datetime
import shutil
import uuid
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyiceberg.catalog import Catalog
from pyiceberg.expressions import AlwaysTrue, BooleanExpression, EqualTo, In
from pyiceberg.manifest import DataFile
from pyspark import StorageLevel
from pyspark.sql import DataFrame, Observation, Row, SparkSession
from pyspark.sql import functions as F

from pipelines.publishing.attempts import attempts, take
from pipelines.publishing.catalog import open_table
from pipelines.publishing.presence import check_published, name_staged, staged_files
from pipelines.publishing.store import Store
from pipelines.publishing.writing import WRITTEN, Work, writing
from schemas import columns as c
from schemas.errors import ArtifactError, listed
from schemas.table import Table


@dataclass(frozen=True)
class Tables:
    """The tables of one environment, for one run."""

    spark: SparkSession
    catalog: Catalog
    store: Store
    run_id: str

    def read(self, table: Table, **equal: str | datetime.date) -> DataFrame:
        """Published rows, of the named partition when one is given; no rows when nothing was published."""
        planned = self._planned(table, equal)
        check_published(planned)
        return self._frame(table, sorted(file.file_path for file in planned))

    def files(self, table: Table, **equal: str | datetime.date) -> list[str]:
        """Paths of the published files, sorted."""
        return sorted(file.file_path for file in self._planned(table, equal))

    def dates(self, table: Table) -> list[datetime.date]:
        """Run dates of which the table has published rows, in order."""
        iceberg = open_table(self.catalog, self.store.namespace, table)
        if iceberg.current_snapshot() is None:
            return []
        return sorted({row["partition"][c.RUN_DATE] for row in iceberg.inspect.partitions().to_pylist()})

    def collect(self, table: Table, run_dates: Collection[datetime.date]) -> list[dict[str, Any]]:
        """Published rows of these dates, of a table that has few; without a Spark job."""
        if not run_dates:
            return []
        days = In(c.RUN_DATE, {date.isoformat() for date in run_dates})
        found = open_table(self.catalog, self.store.namespace, table).scan(row_filter=days).to_arrow().to_pylist()
        return list(found)

    def check_contracts(self, tables: Iterable[Table]) -> None:
        """Pass when every table of the catalog is as its contract says; those that do not exist yet are created.

        Raises:
            ContractError: a table is not.
        """
        for table in tables:
            open_table(self.catalog, self.store.namespace, table)

    def stage(self, table: Table, rows: DataFrame) -> int:
        """Write `rows` where the table's files lie, unseen by readers; the number of rows written.

        Raises:
            ContractError: the frame is not what the table's contract says.
        """
        table.check(rows.schema)
        counted = Observation()
        target = self.store.staged(table.name, self.run_id) / uuid.uuid4().hex
        observed = rows.select(*table.columns).observe(counted, F.count(F.lit(1)).alias("rows"))
        observed.write.option("compression", "zstd").parquet(str(target))
        name_staged(
            self.store.staging(table.name, self.run_id), target, (path.name for path in target.glob("*.parquet"))
        )
        return int(counted.get["rows"])

    def stage_written(self, tables: Sequence[Table], rows: DataFrame, work: Work) -> list[int]:
        """As `stage`, of what `work` makes of `rows` in `mapInArrow`; the rows never pass through the JVM.

        Only the files of tasks that came to an end count, whatever others write and whenever, see `attempts`.

        Args:
            tables: that `work` yields rows of, each batch of one of them.
            rows: that it is given.
            work: makes them.

        Returns:
            The number of rows written of each table.

        Raises:
            ContractError: `work` yields other columns than a table's contract says.
        """
        targets = {table: self.store.staged(table.name, self.run_id) / uuid.uuid4().hex for table in tables}
        folders = {table: attempts(target) for table, target in targets.items()}
        written = rows.mapInArrow(writing(work, folders), WRITTEN).collect()
        return [self._seal(table, target, written) for table, target in targets.items()]

    def _seal(self, table: Table, target: Path, written: Sequence[Row]) -> int:
        """What tasks that came to an end have written of the table is staged; the number of rows."""
        files = [row["file"] for row in written if row["table"] == table.name]
        take(target, files)
        if not files:
            return self.stage(table, self.spark.createDataFrame([], table.schema))
        table.check(self.spark.read.parquet(str(target)).schema)
        (target / "_SUCCESS").touch()
        name_staged(self.store.staging(table.name, self.run_id), target, files)
        return sum(row["rows"] for row in written if row["table"] == table.name)

    def stage_all(self, frames: Mapping[Table, DataFrame], *, shared: Sequence[DataFrame]) -> list[int]:
        """Stage several frames that are computed from `shared`, which are computed once; the rows written of each."""
        for frame in shared:
            frame.persist(StorageLevel.DISK_ONLY)
        try:
            return [self.stage(table, rows) for table, rows in frames.items()]
        finally:
            for frame in shared:
                frame.unpersist()

    def staged(self, table: Table) -> DataFrame:
        """The rows that this run has staged.

        Raises:
            ArtifactError: this run has not finished staging the table, or the files are gone.
        """
        return self._frame(table, [str(path) for path in self._staged(table)])

    def staged_files(self, table: Table) -> list[str]:
        """Paths of the files with rows that this run has staged, sorted.

        Raises:
            ArtifactError: this run has not finished staging the table, or the files are gone.
        """
        return [str(path) for path in self._staged(table) if pq.read_metadata(path).num_rows]

    def read_or_staged(self, table: Table, **equal: str | datetime.date) -> DataFrame:
        """Published rows, and those that this run has staged and not yet published."""
        published = self.files(table, **equal)
        files = sorted({*published, *self.staged_files(table)})
        return self._frame(table, files)

    def replace(self, table: Table, **equal: str | datetime.date) -> bool:
        """Readers see this run's rows as all the rows of the named partition; false when they already do."""
        return self._commit(table, self.staged_files(table), equal)

    def clear(self, table: Table, **equal: str | datetime.date) -> bool:
        """Readers see no rows of the named partition; false when they already do not."""
        return self._commit(table, [], equal)

    def _commit(self, table: Table, files: list[str], equal: Mapping[str, str | datetime.date]) -> bool:
        if files == self.files(table, **equal):
            return False
        iceberg = open_table(self.catalog, self.store.namespace, table)
        with warnings.catch_warnings(), iceberg.transaction() as change:
            warnings.filterwarnings("ignore", message="Delete operation did not match")
            change.delete(_filter(equal))
            if files:
                change.add_files(files, snapshot_properties={"nightmatch.run_id": self.run_id})
        if lost := set(files) - set(self.files(table, **equal)):
            named = ", ".join(f"{name} {value}" for name, value in equal.items())
            raise ArtifactError(
                listed(f"{table.name}: who asks for {named} would not find what was added:", sorted(lost))
            )
        return True

    def append(self, table: Table) -> int:
        """Readers see this run's rows beside the others; the number of files added, 0 when they already do."""
        published = set(self.files(table))
        files = [path for path in self.staged_files(table) if path not in published]
        if files:
            open_table(self.catalog, self.store.namespace, table).add_files(
                files, snapshot_properties={"nightmatch.run_id": self.run_id}
            )
        return len(files)

    def tidy(self, table: Table) -> None:
        """Remove what broken tries of this run have left in the table's folder, and nothing that readers see."""
        kept = {Path(path).parent for path in self.files(table)} | {path.parent for path in self._staged(table)}
        for folder in self.store.staged(table.name, self.run_id).iterdir():
            if folder not in kept:
                shutil.rmtree(folder)

    def _staged(self, table: Table) -> list[Path]:
        files = staged_files(self.store.staging(table.name, self.run_id), self.store.staged(table.name, self.run_id))
        if files is None:
            raise ArtifactError(
                f"run {self.run_id} has no staged table {table.name}; run the job that makes it, or jobs.run_nightly "
                "with a new --attempt if its files were removed"
            )
        return files

    def _planned(self, table: Table, equal: Mapping[str, str | datetime.date]) -> list[DataFile]:
        scan = open_table(self.catalog, self.store.namespace, table).scan(row_filter=_filter(equal))
        return [task.file for task in scan.plan_files()]

    def _frame(self, table: Table, files: Sequence[str]) -> DataFrame:
        if not files:
            return self.spark.createDataFrame([], table.schema)
        return self.spark.read.schema(table.schema).parquet(*files)


def _filter(equal: Mapping[str, str | datetime.date]) -> BooleanExpression:
    condition: BooleanExpression = AlwaysTrue()
    for column, value in equal.items():
        literal = value.isoformat() if isinstance(value, datetime.date) else value
        condition = condition & EqualTo(column, literal)
    return condition
