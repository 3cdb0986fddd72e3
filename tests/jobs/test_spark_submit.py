"""The jobs run under spark-submit with the zip as their only code."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyspark
import pytest

from jobs import ingest_postings
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """What `make dist` builds."""
    path = tmp_path_factory.mktemp("dist") / "nightmatch.zip"
    subprocess.run(["make", "dist", f"DIST={path.parent}"], cwd=PROJECT, check=True, capture_output=True)
    return path


def test_the_zip_holds_the_three_packages_and_the_catalogue(archive):
    names = zipfile.ZipFile(archive).namelist()
    assert {name.split("/")[0] for name in names} == {"jobs", "pipelines", "schemas"}
    assert "pipelines/sample/catalogue/health.toml" in names


def test_a_stage_runs_under_spark_submit_from_the_zip_alone(own_town, archive, tmp_path):
    assert own_town.run(ingest_postings.main) == 0
    job = tmp_path / "ingest_members.py"
    job.write_text((PROJECT / "jobs" / "ingest_members.py").read_text())
    away = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    # an editable install would put the checkout on the path: -S leaves site-packages' .pth files out
    python = tmp_path / "python"
    path = f"$PYTHONPATH:{Path(pyspark.__file__).parent.parent}"
    python.write_text(f'#!/bin/sh\nexec env PYTHONPATH="{path}" "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    done = subprocess.run(
        [submit, "--master", "local[2]", "--py-files", archive, job, *own_town.argv()],
        cwd=tmp_path,
        env={**away, "PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"{NIGHT}-" in str(list((own_town.project / "var" / "runs").iterdir()))
    assert "ingest_members: done" in done.stdout + done.stderr
