"""The list of stages that schedulers read says what the jobs do."""

import subprocess
import sys

import pytest

from jobs import audit_fairness, distill_student, match_postings
from jobs.night_stages import JOBS, NOT_IN_NIGHT, TABLES
from jobs.run_nightly import STAGES
from pipelines.publishing.contents import NIGHTLY
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.errors import NightmatchError
from schemas.fairness import FAIRNESS_AUDIT
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT, found_town


def test_each_stage_has_the_job_that_does_its_work_in_the_order_of_the_night():
    assert [(stage, f"jobs.{job}") for stage, job in JOBS.items()] == [(s, w.__module__) for s, w in STAGES.items()]


def test_the_tables_told_to_readers_are_those_that_stages_publish():
    assert TABLES["publish"] == tuple(table.name for table in NIGHTLY)
    assert TABLES["embed"] == (POSTING_EMBEDDINGS.name, MEMBER_EMBEDDINGS.name)
    assert TABLES["audit"] == (FAIRNESS_AUDIT.name,)


def test_a_stage_that_is_not_in_the_night_has_an_exit_code_of_its_own():
    codes = [error.exit_code for error in NightmatchError.__subclasses__()]
    assert len({0, 1, NOT_IN_NIGHT, *codes}) == 3 + len(codes)


def test_what_the_dag_imports_of_ours_imports_nothing():
    imports = "import jobs.night_stages, schemas.errors"
    code = f"import sys; before = set(sys.modules); {imports}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name not in sys.stdlib_module_names}
    assert ours - {"collections.abc"} == {"jobs", "jobs.night_stages", "schemas", "schemas.errors"}


@pytest.mark.parametrize("job", [distill_student, match_postings, audit_fairness])
def test_a_stage_that_the_configuration_does_not_ask_for_ends_at_once(job, tmp_path):
    town = found_town(tmp_path)
    text = (town.conf / "town.toml").read_text()
    (town.conf / "town.toml").write_text(text.replace('when_missing = "distil"', 'when_missing = "ship"'))
    assert town.run(job.main, "--in-night", run_date=NIGHT) == NOT_IN_NIGHT
    assert not (tmp_path / "var").exists()
