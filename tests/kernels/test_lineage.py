import datetime
import json
from types import SimpleNamespace

import pytest
from openlineage.client.event_v2 import RunState
from openlineage.client.serde import Serde
from pydantic import ValidationError

from jobs.night_stages import JOBS
from jobs.tell_lineage import told
from pipelines.publishing.contents import OF_A_NIGHT, PUBLISHED
from pipelines.publishing.progress import Counts
from pipelines.publishing.store import Store
from pipelines.reporting.config import TellingConfig
from pipelines.reporting.lineage import FLOWS, RECORDED, Ending, Execution, event
from schemas.errors import QualityGateError
from schemas.operations import EVALUATION, STUDENT_EVALUATION
from schemas.teacher_scores import TEACHER_SCORES

AT = datetime.datetime(2026, 11, 2, 1, tzinfo=datetime.UTC)
UUID = "01936d3c-6a4f-7000-8000-000000000000"


def execution(stage):
    return Execution(UUID, "town", stage, "file:///var/warehouse", "recs")


def given(tmp_path, target):
    store = Store(tmp_path, "recs")
    config = SimpleNamespace(telling=TellingConfig(openlineage=target))
    return SimpleNamespace(config=config, store=store, env="town", night=SimpleNamespace(run_id="r1"))


def events(tmp_path):
    return [json.loads(line) for line in (tmp_path / "runs" / "r1" / "openlineage.jsonl").read_text().splitlines()]


def test_every_stage_of_a_night_has_its_tables():
    assert list(FLOWS) == list(JOBS)


def named(stage, kind):
    return [one.name for one in getattr(event(execution(stage), RunState.COMPLETE, AT), kind)]


def test_every_table_of_a_night_is_what_one_stage_makes_and_publish_shows():
    beside_the_night = {EVALUATION, STUDENT_EVALUATION, TEACHER_SCORES, *RECORDED}
    made = [name for stage in FLOWS if stage != "publish" for name in named(stage, "outputs")]
    recorded = [f"recs.{table.name}" for table in RECORDED]
    assert sorted(set(made) - set(recorded)) == sorted(
        f"recs.{table.name}" for table in set(PUBLISHED) - beside_the_night
    )
    assert len([name for name in made if name not in recorded]) == len(set(PUBLISHED) - beside_the_night)
    assert set(named("publish", "outputs")) == {f"recs.{table.name}" for table in OF_A_NIGHT} | set(recorded)
    assert all(set(recorded) <= set(named(stage, "outputs")) for stage in FLOWS)


def test_whatever_a_stage_reads_is_a_source_or_what_a_stage_before_has_made():
    made = {"recs.teacher_scores"}
    for stage in FLOWS:
        reads = {name for name in named(stage, "inputs") if not name.startswith("sources.")}
        assert reads <= made, stage
        made |= set(named(stage, "outputs"))
    sources = {name for stage in FLOWS for name in named(stage, "inputs") if name.startswith("sources.")}
    assert sources == {f"sources.{name}" for name in ("postings", "members", "interactions", "saved_searches")}


@pytest.mark.parametrize("stage", FLOWS)
def test_an_event_is_one_that_the_library_takes_and_says_what_columns_a_table_has(stage):
    told = json.loads(Serde.to_json(event(execution(stage), RunState.COMPLETE, AT, Ending(rows_out=7))))
    assert told["schemaURL"].startswith("https://openlineage.io/spec/")
    assert (told["run"]["runId"], told["job"]["namespace"], told["job"]["name"]) == (UUID, "nightmatch.town", stage)
    for output, table in zip(told["outputs"], FLOWS[stage].outputs, strict=False):
        assert [one["name"] for one in output["facets"]["schema"]["fields"]] == table.columns


def test_rows_out_are_those_of_the_first_table_that_a_stage_writes():
    outputs = event(execution("rank"), RunState.COMPLETE, AT, Ending(rows_out=7)).outputs
    assert {one.name: one.outputFacets["outputStatistics"].rowCount for one in outputs if one.outputFacets} == {
        "recs.recommendations": 7
    }


def test_a_stage_tells_that_it_began_and_that_it_is_complete_under_one_run(tmp_path):
    assert told(given(tmp_path, "run"), "embed", lambda _: Counts(rows_out=3)) == Counts(rows_out=3)
    found = events(tmp_path)
    assert [one["eventType"] for one in found] == ["START", "COMPLETE"]
    assert len({one["run"]["runId"] for one in found}) == 1
    assert found[0]["eventTime"] <= found[1]["eventTime"]


def test_a_stage_that_fails_tells_so_without_its_message_and_fails(tmp_path):
    def work(_):
        raise QualityGateError("7 of somebody")

    with pytest.raises(QualityGateError):
        told(given(tmp_path, "run"), "embed", work)
    last = events(tmp_path)[-1]
    assert last["eventType"] == "FAIL"
    assert last["run"]["facets"]["errorMessage"]["message"] == "QualityGateError"
    assert "somebody" not in json.dumps(events(tmp_path))


def test_nothing_is_told_unless_asked_for(tmp_path):
    told(given(tmp_path, ""), "embed", lambda _: Counts())
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_said_and_stops_nothing(tmp_path, caplog):
    assert told(given(tmp_path, "http://127.0.0.1:9"), "embed", lambda _: Counts(rows_out=3)).rows_out == 3
    assert "START of embed was not told" in caplog.text and "COMPLETE of embed was not told" in caplog.text


@pytest.mark.parametrize("target", ["file:///x", "var/x", "RUN"])
def test_events_go_nowhere_to_the_run_or_to_a_server(target):
    with pytest.raises(ValidationError, match="the URL of a server"):
        TellingConfig(openlineage=target)
