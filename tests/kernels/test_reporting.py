"""What a run says of itself: its metrics, and what it tells the person who asks."""

import datetime
import io
from pathlib import Path

from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from pipelines.night import Night
from pipelines.publishing.lease import Holder
from pipelines.publishing.progress import Counts, Finished, Unfinished
from pipelines.quality.gate import GateReport, QualityResult
from pipelines.reporting.metrics import openmetrics
from pipelines.reporting.run_report import Run, next_step, print_run

NIGHT = Night(datetime.date(2026, 11, 2), "2026-11-02-abc-1")
START = datetime.datetime(2026, 11, 2, 1, 0, tzinfo=datetime.UTC)
INGESTED = Finished("ingest_postings", START, 12.5, Counts(900, 880, 20), "done")
INDEXED = Finished("index", START, 2.0, Counts(880, 880, notes={"kept": "860", "index_id": "x", "fresh": "20"}), "done")
PUBLISHED = Finished("publish", START, 3.0, Counts(rows_in=10), "done")
HELD = QualityResult("postings", "enough_rows", "block", True, 880.0, "at least 1")
BROKEN = QualityResult("members", "enough_rows", "block", False, 0.0, "at least 1")
UNMEASURED = QualityResult("members", "skills", "warn", False, None, "at least 0.1")
UNJUDGED = QualityResult("postings", "volume", "block", None, None, "not judged: 1 of 3 earlier nights")
FAILED = Unfinished("ingest_members", START, "QualityGateError", 4, "1 rule failed")


GATES = {"postings": GateReport(1.5, [HELD, UNJUDGED], {}), "members": GateReport(2.0, [BROKEN, UNMEASURED], {})}


def samples(text):
    """Name and labels of every sample, as two parsers read them."""
    families = [
        list(read(text)) for read in (openmetrics_parser.text_string_to_metric_families, text_string_to_metric_families)
    ]
    found = [
        {(one.name, tuple(sorted(one.labels.items()))): one.value for f in fs for one in f.samples} for fs in families
    ]
    assert found[0] == found[1]
    return {(name, *(value for key, value in labels if key != "env")): v for (name, labels), v in found[0].items()}


def test_metrics_say_how_long_how_many_and_what_failed():
    text = openmetrics('to"wn', NIGHT, [INGESTED], FAILED, GATES)
    assert text.endswith("# EOF\n")
    assert samples(text) == {
        ("nightmatch_run", "2026-11-02", "2026-11-02-abc-1"): 1,
        ("nightmatch_run_published",): 0,
        ("nightmatch_run_exit_code",): 4,
        ("nightmatch_stage_seconds", "ingest_postings"): 12.5,
        ("nightmatch_stage_end_seconds", "ingest_postings"): START.timestamp() + 12.5,
        ("nightmatch_stage_rows", "in", "ingest_postings"): 900,
        ("nightmatch_stage_rows", "out", "ingest_postings"): 880,
        ("nightmatch_stage_rows", "rejected", "ingest_postings"): 20,
        ("nightmatch_gate_seconds", "postings"): 1.5,
        ("nightmatch_gate_seconds", "members"): 2.0,
        ("nightmatch_rule_passed", "postings", "enough_rows", "block"): 1,
        ("nightmatch_rule_passed", "members", "enough_rows", "block"): 0,
        ("nightmatch_rule_passed", "members", "skills", "warn"): 0,
        ("nightmatch_rule_observed", "postings", "enough_rows"): 880,
        ("nightmatch_rule_observed", "members", "enough_rows"): 0,
    }


def test_metrics_of_a_published_run_say_so():
    found = samples(openmetrics("town", NIGHT, [INGESTED, PUBLISHED], None, {}))
    assert found["nightmatch_run_published",] == 1
    assert found["nightmatch_run_exit_code",] == 0


def run(*finished, unfinished=None, holder=None, results=(), pages=None):
    stages = ["ingest_postings", "ingest_members", "index", "publish"]
    return Run(
        NIGHT.run_id, stages, ["audit"], {one.stage: one for one in finished}, unfinished, holder, results, pages
    )


def told(of):
    console = Console(file=io.StringIO(), width=80)
    print_run(console, of)
    return console.file.getvalue()


def line(text, stage):
    return next(one for one in text.splitlines() if one.split()[:1] == [stage])


def test_each_stage_is_done_failed_absent_or_to_do():
    text = told(run(INGESTED, INDEXED, unfinished=FAILED, results=[HELD, UNJUDGED, BROKEN, UNMEASURED]))
    assert "done" in line(text, "ingest_postings")
    assert "12.5" in line(text, "ingest_postings")
    assert "failed" in line(text, "ingest_members")
    assert "index: kept 860, fresh 20" in text
    assert "to do" in line(text, "publish")
    assert "not in this night: audit" in text
    assert "2 of 4 stages finished, 14.5 s in all" in text
    assert "3 rules checked, 2 do not hold" in text
    assert "not judged: postings.volume" in text
    assert "pages of the gates" not in text
    assert "block: members.enough_rows is 0, at least 1" in text
    assert "warn: members.skills is nothing, at least 0.1" in text
    assert "ingest_members: QualityGateError: 1 rule failed" in text


def test_a_run_says_where_the_pages_of_its_gates_are():
    assert "pages of the gates: var/x/index.html" in told(run(INGESTED, pages=Path("var/x/index.html")))


def test_a_stage_that_began_and_did_not_end_runs_or_died():
    begun = Unfinished("ingest_members", START)
    me, other = (Holder(run_id, "here", 7, "2026-11-02T05:00:00+00:00") for run_id in (NIGHT.run_id, "another"))
    assert "running" in line(told(run(INGESTED, unfinished=begun, holder=me)), "ingest_members")
    assert "died" in line(told(run(INGESTED, unfinished=begun)), "ingest_members")
    assert "died" in line(told(run(INGESTED, unfinished=begun, holder=other)), "ingest_members")


def step(of):
    return next_step(of, command="GO ON", afresh="AFRESH")


def test_what_to_do_next_depends_on_how_it_ended():
    rest = (Finished("ingest_members", START, 1.0, Counts(), "done"), INDEXED, PUBLISHED)
    me, other = (Holder(run_id, "here", 7, "2026-11-02T05:00:00+00:00") for run_id in (NIGHT.run_id, "another"))
    assert step(run(INGESTED, *rest)) == "nothing is left to do; afresh with\n  AFRESH"
    assert step(run(INGESTED, unfinished=FAILED)) == "look at the rules above and mend the source; then\n  GO ON"
    assert step(run(INGESTED, holder=me)) == "wait: it works on this date (process 7 on here)"
    assert step(run(INGESTED, holder=other)) == "wait: run another works on this date (process 7 on here)"
    assert step(run(INGESTED)).endswith("go on with the next; then\n  GO ON")
    assert "died without a word" in step(run(INGESTED, unfinished=Unfinished("index", START)))
    assert "a defect" in step(run(INGESTED, unfinished=Unfinished("index", START, "KeyError", 1)))


def test_a_challenger_that_waits_is_named_as_the_next_step():
    waits = Finished("ingest_members", START, 1.0, Counts(notes={"next": "promote with X"}), "done")
    assert step(run(INGESTED, waits, INDEXED, PUBLISHED)).startswith("promote with X; ")
