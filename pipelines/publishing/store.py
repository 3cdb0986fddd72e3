"""Kernel: where everything of one environment lies, below one root folder."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from pipelines.publishing.config import StorageConfig


@dataclass(frozen=True)
class Store:
    """Paths below the storage root; nothing is created by asking for one."""

    root: Path
    namespace: str

    @classmethod
    def at(cls, config: StorageConfig, project: Path) -> "Store":
        """The store of `config`, with a relative root below `project`."""
        return cls(root=(project / config.root).absolute(), namespace=config.namespace)

    @property
    def warehouse(self) -> Path:
        """Folder of all tables' files."""
        return self.root / "warehouse"

    @property
    def models(self) -> Path:
        """Folder of student artifacts and of the pointer to the current one."""
        return self.root / "models"

    @property
    def rankers(self) -> Path:
        """Folder of ranker artifacts and of the pointer to the current one."""
        return self.root / "rankers"

    @property
    def indexes(self) -> Path:
        """Folder of index artifacts."""
        return self.root / "indexes"

    @property
    def member_indexes(self) -> Path:
        """Folder of indexes of members, which are there only while a night searches them."""
        return self.root / "member_indexes"

    @property
    def benchmarks(self) -> Path:
        """Folder of evaluation sets made from sources."""
        return self.root / "benchmarks"

    @property
    def catalog(self) -> Path:
        """SQLite file of the embedded catalog."""
        return self.root / "catalog.db"

    def staged(self, table: str, run_id: str) -> Path:
        """Folder below which one run puts files for a table."""
        return self.warehouse / self.namespace / table / f"run={run_id}"

    @property
    def runs(self) -> Path:
        """Folder of leases, and of a folder per run."""
        return self.root / "runs"

    @property
    def teaching(self) -> Path:
        """Folder of what teachers have said."""
        return self.root / "teaching"

    def publication(self, run_id: str) -> Path:
        """File that says where the tables hold what one run has published."""
        return self.runs / run_id / "published.json"

    def stages(self, run_id: str) -> Path:
        """Folder of the notes on one run's finished stages."""
        return self.root / "runs" / run_id / "stages"

    def staging(self, table: str, run_id: str) -> Path:
        """File that names the folder that one run has last staged for a table."""
        return self.root / "runs" / run_id / "staged" / table

    def student(self, run_id: str) -> Path:
        """Pointer to the student of one run, set when its first text is encoded."""
        return self.root / "runs" / run_id / "student"

    def ranker(self, run_id: str) -> Path:
        """Pointer to the ranker of one run, set when it first ranks."""
        return self.root / "runs" / run_id / "ranker"

    def report(self, name: str) -> Path:
        """Folder of a report."""
        return self.root / "reports" / name

    @property
    def promotion(self) -> Path:
        """File that says who promotes a student."""
        return self.root / "runs" / "promotion.lease"

    def metrics(self, run_id: str) -> Path:
        """File of one run's figures, for monitoring."""
        return self.root / "runs" / run_id / "metrics.prom"

    def gate(self, gate: str, run_id: str) -> Path:
        """File of one gate's results in one run."""
        return self.root / "runs" / run_id / "gates" / f"{gate}.json"

    def quality_pages(self, run_id: str) -> Path:
        """Folder of the pages of one run's gates."""
        return self.root / "runs" / run_id / "quality"

    def openlineage(self, run_id: str) -> Path:
        """File of one run's events, an object a line."""
        return self.root / "runs" / run_id / "openlineage.jsonl"

    def lease(self, run_date: datetime.date) -> Path:
        """File that says who holds a run date."""
        return self.root / "runs" / f"{run_date}.lease"
