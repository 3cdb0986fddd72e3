"""What show_run says of real runs, without Spark."""

import json
import subprocess
import sys

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from jobs import run_nightly, show_run
from jobs.night_stages import JOBS
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT, found_town

NOT_ASKED_FOR = {"match_postings", "reorder_members", "rank_members", "audit"}


def metrics(town):
    [file] = (town.project / "var" / "runs").glob(f"{NIGHT}-*-1/metrics.prom")
    samples = [one for family in text_string_to_metric_families(file.read_text()) for one in family.samples]
    return {(one.name, *(value for name, value in sorted(one.labels.items()) if name != "env")): one for one in samples}


def test_a_published_run_is_done_and_its_metrics_are_those_of_its_stages(town, capsys):
    assert town.run(show_run.main) == 0
    told = capsys.readouterr().out
    wanted = set(JOBS) - NOT_ASKED_FOR
    assert f"{len(wanted)} of {len(wanted)} stages finished" in told
    assert "nothing is left to do" in told
    found = metrics(town)
    assert found["nightmatch_run_published",].value == 1
    assert {one.labels["stage"] for one in found.values() if one.name == "nightmatch_stage_seconds"} == wanted
    assert found["nightmatch_stage_rows", "in", "ingest_postings"].value == 900
    [folder] = (town.project / "var" / "runs").glob(f"{NIGHT}-*-1")
    embed = json.loads((folder / "stages" / "embed.json").read_text())
    assert found["nightmatch_stage_rows", "out", "embed"].value == embed["counts"]["rows_out"]
    assert not (folder / "unfinished.json").exists()


def test_a_blocked_run_says_which_rule_and_what_to_do(own_town, capsys):
    (own_town.conf / "town.toml").open("a").write("\n[quality]\nmin_postings = 1_000_000\n")
    assert own_town.run(run_nightly.main) == 4
    capsys.readouterr()
    assert own_town.run(show_run.main) == 0
    told = capsys.readouterr().out
    assert "ingest_postings: QualityGateError" in told
    assert "block: postings.enough_rows is" in told
    assert "mend the source; then" in told
    assert f"python -m jobs.run_nightly --env town --run-date {NIGHT}" in told
    found = metrics(own_town)
    assert found["nightmatch_run_published",].value == 0
    assert found["nightmatch_run_exit_code",].value == 4
    assert found["nightmatch_rule_passed", "postings", "enough_rows", "block"].value == 0


@pytest.mark.parametrize("others", [(), (f"{NIGHT}-0123456789ab-1",)])
def test_a_run_that_has_not_begun_says_which_runs_there_are(others, tmp_path, caplog):
    town = found_town(tmp_path)
    for other in others:
        (tmp_path / "var" / "runs" / other).mkdir(parents=True)
    assert town.run(show_run.main) == 5
    assert f"runs of {NIGHT} here: {', '.join(others) or 'none'}" in caplog.text


def test_a_failure_is_one_object_on_standard_error_where_that_is_no_terminal(tmp_path):
    command = [sys.executable, "-m", "jobs.show_run", *found_town(tmp_path).argv()]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    told = json.loads(done.stderr)
    assert (told["level"], told["error"], told["exit_code"]) == ("ERROR", "ArtifactError", 5)
    assert told["run_id"].startswith(f"{NIGHT}-")
    assert "has not begun" in told["message"]
