"""The planner answers at once, in words and in numbers, and refuses nonsense."""

import json
import os
import subprocess
import sys

import pytest

from jobs import plan_capacity
from tests.conftest import PROJECT

SIZES = ["--members", "100e6", "--postings", "10e6"]


def planned(*more):
    return plan_capacity.main([*SIZES, "--conf-dir", str(PROJECT / "conf"), *more])


def test_a_plan_is_printed_and_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert planned("--json", str(tmp_path / "plan.json")) == 0
    told = capsys.readouterr().out
    assert "100,000,000 members x 10,000,000 postings, fast search" in told
    assert [
        name for name in ("ingest_members", "match", "rank", "executors", "kept", "network") if name not in told
    ] == []
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["hours"] <= 4
    assert plan["counts"]["search_tasks"] == 6104
    assert plan["hours"] * 3600 == pytest.approx(sum(stage["total_s"] for stage in plan["stages"].values()))
    assert plan["core_hours"] == pytest.approx(plan["hours"] * plan["executors"] * 4)


def test_an_exact_search_and_more_changed_texts_take_longer(tmp_path):
    one_core_s = []
    for more in ([], ["--search", "exact"], ["--search", "exact", "--changed-share", "1"]):
        assert planned("--json", str(tmp_path / "plan.json"), *more) == 0
        stages = json.loads((tmp_path / "plan.json").read_text())["stages"]
        one_core_s.append(sum(stage["one_core_s"] for stage in stages.values()))
    assert one_core_s[0] < one_core_s[1] <= one_core_s[2]


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [
        (["--members", "-5"], "members: Input should be greater than or equal to 1"),
        (["--postings", "0"], "postings: Input should be greater than or equal to 1"),
        (["--members", "inf"], "members: Input should be a finite number"),
        (["--eligible-share", "1.5"], "eligible_share: Input should be less than or equal to 1"),
        (["--cores-per-executor", "2.5"], "cores_per_executor: Input should be a valid integer"),
        (["--search", "quick"], "search: Input should be 'configured' or 'exact'"),
        (["--hours", "0.001"], "no number of executors ends this night in 0.001 hours"),
        (["--env", "nowhere"], "environments here: federal, jobboard, sample"),
    ],
)
def test_nonsense_is_refused_in_words(nonsense, message, caplog):
    assert planned(*nonsense) == 2
    assert message in caplog.text


def test_all_that_is_wrong_is_said_at_once(caplog):
    assert planned("--members", "-5", "--hours", "-1") == 2
    assert "2 problem(s)" in caplog.text


def test_what_is_no_number_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        planned("--members", "many")
    assert ended.value.code == 2
    assert "argument --members: invalid number value: 'many'" in capsys.readouterr().err


def test_a_plan_needs_no_java():
    command = [sys.executable, "-m", "jobs.plan_capacity", *SIZES]
    without = {**os.environ, "JAVA_HOME": "/nowhere", "PATH": "", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=PROJECT, env=without, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "executors" in done.stdout) == (0, True)
