"""An Airflow of its own: database, connection, pool and DAG folders below a temporary folder, and its commands."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

from tests.conftest import PROJECT

CONSUMER = """
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset

with DAG("reader", schedule=[Asset(name="recs.recommendations", uri="x-nightmatch://recs/recommendations")]):
    EmptyOperator(task_id="read")
"""


@dataclass(frozen=True)
class Installation:
    """An initialised Airflow, whose worker finds Spark and Nightmatch's Python."""

    python: str
    home: Path
    environ: dict[str, str]

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """What an airflow command printed."""
        done = subprocess.run(
            [self.python, "-m", "airflow", *arguments],
            env=self.environ,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0 or not check, (done.stdout + done.stderr)[-4000:]
        return done

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        """What Airflow's database says."""
        with closing(sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True, timeout=60)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]

    def tasks(self, run_id: str) -> dict[str, dict[str, object]]:
        """The tasks of a run of the night, by name."""
        found = self.rows("SELECT * FROM task_instance WHERE dag_id = 'nightmatch' AND run_id = ?", run_id)
        return {str(row["task_id"]): row for row in found}

    def events(self, run_id: str) -> dict[str, dict[str, object]]:
        """What a run told about assets, by their names."""
        query = """SELECT asset.name, asset_event.extra FROM asset_event JOIN asset ON asset.id = asset_event.asset_id
            WHERE asset_event.source_run_id = ?"""
        return {str(row["name"]): json.loads(str(row["extra"])) for row in self.rows(query, run_id)}

    def wait(self, true: Callable[[], object], *, seconds: int, what: str) -> None:
        """Until something is true.

        Raises:
            AssertionError: it is not after so many seconds.
        """
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"{what}: not after {seconds} s; {self.log.read_text()[-4000:]}"
            time.sleep(2)

    def answers(self) -> bool:
        """Whether the API server does, which every task asks."""
        try:
            with urllib.request.urlopen(f"{self.environ['AIRFLOW__API__BASE_URL']}/api/v2/version", timeout=5):
                return True
        except OSError:
            return False

    @property
    def log(self) -> Path:
        """What scheduler, worker and the others printed."""
        return self.home / "standalone.log"

    @contextmanager
    def started(self) -> Iterator[None]:
        """Scheduler, worker, DAG processor and API server run."""
        with self.log.open("w") as sink:
            command = [self.python, "-m", "airflow", "standalone"]
            process = subprocess.Popen(
                command, env=self.environ, cwd=self.home, stdout=sink, stderr=sink, start_new_session=True
            )
        try:
            parsed = "SELECT 1 FROM dag WHERE dag_id IN ('nightmatch', 'reader')"
            self.wait(lambda: len(self.rows(parsed)) == 2, seconds=240, what="the DAGs are parsed")
            self.wait(self.answers, seconds=240, what="the API server answers")
            yield
        finally:
            for sign in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, sign)
                    process.wait(30)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


def install(python: str, home: Path, *, py_files: Path, env: str, conf_dir: Path) -> Installation:
    """A fresh Airflow in `home` with the connection and the pool that docs/airflow.md names."""
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "reader.py").write_text(CONSUMER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {"nightmatch": PROJECT / "jobs" / "airflow", "readers": home / "dags"}
    bundle = "airflow.dag_processing.bundles.local.LocalDagBundle"
    bundles = [{"name": n, "classpath": bundle, "kwargs": {"path": str(path)}} for n, path in folders.items()]
    spark = Path(pyspark.__file__).parent
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYSPARK_PYTHON"}}
    environ = inherited | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW_CONN_NIGHTMATCH_SPARK": json.dumps({"conn_type": "spark", "host": "local[2]"}),
        "NIGHTMATCH_PY_FILES": str(py_files),
        "NIGHTMATCH_ENV": env,
        "NIGHTMATCH_CONF_DIR": str(conf_dir),
        "NIGHTMATCH_SCHEDULE": "0 1 2-4 11 *",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(spark),
        "PATH": f"{spark / 'bin'}:{Path(python).parent}:{os.environ['PATH']}",
    }
    airflow = Installation(python, home, environ)
    airflow.command("db", "migrate")
    airflow.command("pools", "set", "nightmatch", "1", "one night at a time")
    return airflow
