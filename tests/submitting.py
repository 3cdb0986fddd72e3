"""Jobs under spark-submit, with the zip that `make dist` builds as their only code."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from tests.conftest import PROJECT

SPARK = Path(pyspark.__file__).parent


def built_zip(folder: Path) -> Path:
    """What `make dist` builds, in the folder."""
    subprocess.run(["make", "dist", f"DIST={folder}"], cwd=PROJECT, check=True, capture_output=True)
    return folder / "nightmatch.zip"


def bare_python(folder: Path) -> Path:
    """This Python with its packages, without the checkout: -S leaves the .pth file of an editable install out."""
    python = folder / "python"
    path = f"$PYTHONPATH:{SPARK.parent}"
    python.write_text(f'#!/bin/sh\nexec env PYTHONPATH="{path}" "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    return python


def environment() -> dict[str, str]:
    """Of a process that knows Spark, but neither the checkout nor this Python."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYSPARK", "SPARK"))}
    return own | {"SPARK_HOME": str(SPARK)}


@dataclass(frozen=True)
class Submission:
    """How jobs are submitted.

    Args:
        folder: where spark-submit is called; jobs are copied there one by one.
        zip: of `make dist`.
        master: which Spark.
        python: of the executors.
        conf: Spark properties.
        options: of spark-submit besides.
    """

    folder: Path
    zip: Path
    master: str
    python: str
    conf: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def start(self, job: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """The job, begun; what it says goes to the log."""
        script = Path(shutil.copy(PROJECT / "jobs" / f"{job}.py", self.folder))
        properties = {
            "spark.pyspark.driver.python": str(bare_python(self.folder)),
            "spark.pyspark.python": self.python,
            **self.conf,
        }
        given = [part for name, value in properties.items() for part in ("--conf", f"{name}={value}")]
        command = [SPARK / "bin" / "spark-submit", "--master", self.master, "--py-files", self.zip, *given]
        with log.open("w") as sink:
            return subprocess.Popen(
                [*command, *self.options, script, *arguments],
                cwd=self.folder,
                env=environment(),
                stdout=sink,
                stderr=sink,
            )

    def run(self, job: str, *arguments: str) -> str:
        """What the job said, which ended with 0.

        Raises:
            AssertionError: it did not.
        """
        log = self.folder / f"{job}.log"
        code = self.start(job, *arguments, log=log).wait(900)
        assert code == 0, log.read_text()[-4000:]
        return log.read_text()
