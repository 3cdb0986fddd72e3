"""How every job starts and ends: arguments, configuration, session, exit code."""

import argparse
import datetime
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

from pyiceberg.catalog import Catalog
from pyspark import SparkConf
from pyspark.sql import SparkSession

from pipelines.config import NightConfig, load_config
from pipelines.logs import log_handler, name_run
from pipelines.night import Night
from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.lease import MAINTENANCE, exclusive, lease, raise_if_held
from pipelines.publishing.progress import Progress
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from schemas.errors import NightmatchError

log = logging.getLogger("nightmatch")

# a task that lost its worker is tried again, as on a cluster
_LOCAL = {"spark.master": "local[*,4]", "spark.ui.enabled": "false", "spark.log.level": "ERROR"}


@dataclass(frozen=True)
class Plan:
    """Which run it is, how it is configured and where it lies; known without a session."""

    env: str
    night: Night
    config: NightConfig
    conf_dir: Path
    store: Store

    @property
    def project(self) -> Path:
        """The folder that relative locations start at."""
        return self.conf_dir.parent

    @property
    def progress(self) -> Progress:
        """The finished stages of this run."""
        return Progress(self.store.stages(self.night.run_id))


@dataclass(frozen=True)
class Context(Plan):
    """What a job works with."""

    tables: Tables

    @property
    def spark(self) -> SparkSession:
        """The job's session."""
        return self.tables.spark


def parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments that all jobs of a night share."""
    arguments = environment_parser(description)
    arguments.add_argument("--run-date", required=True, type=date_of, help="the night's date, YYYY-MM-DD")
    arguments.add_argument("--attempt", type=int, default=1, help="a new number runs a finished night afresh")
    return arguments


def environment_parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments that all jobs share, those about no night of their own as well."""
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--env", required=True, help="which conf/<env>.toml overlays conf/base.toml")
    arguments.add_argument("--conf-dir", type=Path, default=Path("conf"), help="folder of the configuration")
    return arguments


def run_id_of(run_date: datetime.date, config: NightConfig, attempt: int) -> str:
    """The id of one attempt at a night."""
    return f"{run_date}-{config.config_hash}-{attempt}"


def plan(arguments: argparse.Namespace) -> Plan:
    """The run that the arguments name; log lines from now on name it as well.

    Raises:
        ConfigError: the configuration is wrong.
    """
    conf_dir = arguments.conf_dir.absolute()
    config = load_config(conf_dir, arguments.env, os.environ)
    night = Night(arguments.run_date, run_id_of(arguments.run_date, config, arguments.attempt))
    name_run(env=arguments.env, run_date=str(night.run_date), run_id=night.run_id)
    return Plan(arguments.env, night, config, conf_dir, Store.at(config.storage, conf_dir.parent))


def context(arguments: argparse.Namespace) -> Context:
    """The run that the arguments name, with session and tables.

    Raises:
        ConfigError: the configuration is wrong.
    """
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # a teacher's idle threads must not spin beside Spark's: 4 times
    given = plan(arguments)
    tables = Tables(
        spark=start_spark(f"nightmatch {arguments.env} {given.night.run_date}", given.config.spark),
        catalog=open_catalog(given.config.storage, given.store),
        store=given.store,
        run_id=given.night.run_id,
    )
    return Context(given.env, given.night, given.config, given.conf_dir, given.store, tables)


def start_spark(name: str, properties: Mapping[str, str]) -> SparkSession:
    """The session that spark-submit made, or a local one; what is set here holds in both."""
    fixed = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ  # set by spark-submit, whose own settings come first
    given = dict(SparkConf().getAll()) if submitted else {}
    if not submitted:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers take any python3 of the PATH
    local = {} if submitted else _LOCAL
    builder = SparkSession.builder.appName(name)
    for key, value in {**local, **properties, **given, **fixed}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


@contextmanager
def held(given: Plan) -> Iterator[None]:
    """The run date is this run's for the time of the block.

    Raises:
        RunConflictError: another run holds it, or the tables are being looked after.
    """
    path, minutes = given.store.lease(given.night.run_date), given.config.storage.lease_minutes
    with lease(path, run_id=given.night.run_id, minutes=minutes):
        raise_if_held(given.store.runs / MAINTENANCE)
        yield


@dataclass(frozen=True)
class Shelf:
    """The published tables without a session: what looks after them starts in seconds."""

    config: NightConfig
    store: Store
    catalog: Catalog

    def maintained(self, job: str) -> AbstractContextManager[None]:
        """Nothing else changes the tables for the time of the block.

        Raises:
            RunConflictError: a run holds its date, or another job looks after the tables.
        """
        minutes = self.config.storage.lease_minutes
        return exclusive(self.store.runs, name=MAINTENANCE, run_id=job, minutes=minutes)


def shelf(arguments: argparse.Namespace) -> Shelf:
    """Configuration and tables that the arguments name.

    Raises:
        ConfigError: the configuration is wrong.
    """
    conf_dir = arguments.conf_dir.absolute()
    config = load_config(conf_dir, arguments.env, os.environ)
    store = Store.at(config.storage, conf_dir.parent)
    return Shelf(config, store, open_catalog(config.storage, store))


def run(work: Callable[[], int]) -> int:
    """The exit code of `work`; a failure of ours is one message on standard error, not a traceback."""
    logging.basicConfig(handlers=[log_handler(sys.stderr)])
    log.setLevel(logging.INFO)
    sys.excepthook = tell_defect
    signal.signal(signal.SIGTERM, _stop)
    try:
        return work()
    except NightmatchError as error:
        told = {"error": type(error).__name__, "exit_code": error.exit_code}
        log.error("%s: %s", type(error).__name__, error, extra=told)
        return error.exit_code


def tell_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A failure that is none of ours is a line of the log, with its traceback: what it quotes of a row stays text."""
    log.critical("a defect of Nightmatch, or of the machine below it", exc_info=(kind, error, trace))


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Whoever stops a job politely gets back what it holds, above all its lease."""
    sys.exit(128 + number)


def date_of(text: str) -> datetime.date:
    """The date that an argument gives."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-02") from None
