"""What gates have said is kept below the run, and read again as it was."""

from types import SimpleNamespace

import pandas as pd
import pytest

from jobs.record_results import gate_reports, gate_results, keep_report
from pipelines.publishing.store import Store
from pipelines.quality.comparing import Profiled
from pipelines.quality.gate import GateReport, QualityResult, judge
from schemas.errors import ArtifactError
from schemas.suite import Rule, Suite
from tests.thresholds import THRESHOLDS

UNJUDGED = QualityResult("postings", "volume", "block", None, None, "not judged: 1 of 3 earlier nights")


def given(tmp_path):
    return SimpleNamespace(store=Store(tmp_path, "recs"), night=SimpleNamespace(run_id="r1"))


def keep(run, gate, value):
    suite = Suite(gate, "table", (Rule("rule", "count(*)", maximum=3),))
    judgement = judge([(suite, pd.DataFrame({"rule": [value]}))], THRESHOLDS, name=gate)
    report = GateReport(1.25, [*judgement.results, UNJUDGED], {"scores": Profiled(7, (3.0, 4.0), "s")})
    keep_report(run, gate, report, judgement)
    return report


@pytest.mark.parametrize("value", [2.0, 4.0, None])
def test_a_report_is_read_as_it_was_kept(tmp_path, value):
    run = given(tmp_path)
    report = keep(run, "postings", value)
    assert gate_reports(run) == {"postings": report}
    assert gate_results(run) == report.results


def test_a_gate_that_is_checked_again_replaces_its_report_and_its_page(tmp_path):
    run = given(tmp_path)
    keep(run, "postings", 2.0)
    keep(run, "members", 2.0)
    last = keep(run, "postings", 4.0)
    assert gate_reports(run)["postings"] == last and len(gate_reports(run)) == 2
    pages = run.store.quality_pages("r1")
    assert sorted(path.name for path in pages.iterdir()) == ["index.html", "members.html", "postings.html"]
    assert "1 unexpected values found" in (pages / "postings.html").read_text()
    assert (pages / "index.html").read_text().count("rule</td>") == 2


def test_a_run_without_gates_has_no_reports(tmp_path):
    assert gate_reports(given(tmp_path)) == {}


def test_a_damaged_report_is_said_to_be_one(tmp_path):
    run = given(tmp_path)
    keep(run, "postings", 2.0)
    run.store.gate("postings", "r1").write_text("[]")
    with pytest.raises(ArtifactError, match="is damaged; remove it, and run the gate again"):
        gate_reports(run)
