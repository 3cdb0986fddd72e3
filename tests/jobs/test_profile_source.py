"""A profile of the town's sources: what it says, what it keeps to itself, and that its suite loads and judges."""

import json
import tomllib

import great_expectations as gx
import pyarrow.parquet as pq
import pytest

from jobs import profile_source
from jobs.start import context, parser
from pipelines.publishing.sources import read_source
from schemas.postings import SOURCE

SOURCES = ("postings", "members", "interactions")


@pytest.fixture(scope="module")
def folders(town):
    for source in SOURCES:
        assert town.run(profile_source.main, "--source", source) == 0
    return {source: town.project / "var" / "reports" / f"profile-{source}" for source in SOURCES}


def read(folder, name):
    return json.loads((folder / name).read_text())


def test_a_profile_says_how_each_mapped_column_lies(folders):
    found = read(folders["postings"], "profile.json")
    columns = {one["name"]: one for one in found["columns"]}
    assert found["rows"] == 900
    assert columns["posted_on"]["days"] is None or columns["posted_on"]["days"] >= 0
    assert columns["title"]["longest"] > columns["title"]["shortest"] >= 0
    assert {one["kind"] for one in found["columns"]} >= {"text", "list"}
    assert "popularity" not in columns


def test_thresholds_are_such_that_the_source_passes_them(folders):
    proposed = [tomllib.loads((folders[source] / "quality.toml").read_text())["quality"] for source in SOURCES]
    assert proposed[0]["min_postings"] == 450 and proposed[1]["min_members"] == 150


@pytest.mark.parametrize("source", ["members", "interactions"])
def test_nothing_that_says_who_somebody_is_is_written(town, folders, source):
    written = "".join(path.read_text() for path in folders[source].iterdir())
    feed = pq.read_table(town.project / "var" / "sample" / source).to_pylist()
    texts = {value for row in feed for value in row.values() if isinstance(value, str)}
    rare = {text for text in texts if sum(text in row.values() for row in feed) < 20} if source == "members" else texts
    assert len(rare) > 100
    assert [text for text in rare if len(text) > 3 and json.dumps(text) in written] == []


def validated(folder, rows):
    suite = gx.ExpectationSuite(**read(folder, "suite.json"))
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("source")
    batch = (
        source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": rows})
    )
    return batch.validate(suite)


def test_the_proposed_suite_loads_passes_the_source_and_fails_a_damaged_copy(town, folders):
    given = context(parser(None).parse_args(town.argv()))
    rows = read_source(given.spark, "sources.postings", given.config.sources.postings, SOURCE, given.project).toPandas()
    good = validated(folders["postings"], rows)
    assert good.success, [one.expectation_config for one in good.results if not one.success]
    assert len(good.results) > 10
    damaged = validated(folders["postings"], rows.assign(title="x" * 10_000, posting_id="one"))
    broken = {one.expectation_config.kwargs.get("column") for one in damaged.results if not one.success}
    assert {"title", "posting_id"} <= broken
