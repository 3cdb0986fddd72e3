"""The jobs run under spark-submit with the zip as their only code."""

import zipfile

import pytest

from jobs import ingest_postings
from tests.jobs.conftest import NIGHT
from tests.submitting import Submission, bare_python, built_zip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return built_zip(tmp_path_factory.mktemp("dist"))


def test_the_zip_holds_the_three_packages_and_the_catalogue(archive):
    names = zipfile.ZipFile(archive).namelist()
    assert {name.split("/")[0] for name in names} == {"jobs", "pipelines", "schemas"}
    assert "pipelines/sample/catalogue/health.toml" in names


def test_a_stage_runs_under_spark_submit_from_the_zip_alone(own_town, archive, tmp_path):
    assert own_town.run(ingest_postings.main) == 0
    submission = Submission(tmp_path, archive, master="local[2]", python=str(bare_python(tmp_path)))
    said = submission.run("ingest_members", *own_town.argv())
    assert f"{NIGHT}-" in str(list((own_town.project / "var" / "runs").iterdir()))
    assert "ingest_members: done" in said
