"""Half of the members want one market, one company advertises 20,000 postings there: no task has all of the work."""

from statistics import mean, median

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import load_catalog
from rich.console import Console
from rich.table import Table as Grid

from tests.brute_force import by_brute_force
from tests.cluster.conftest import logging_events, submission
from tests.cluster.events import by_stage, tasks
from tests.jobs.conftest import NIGHT, found_town
from tests.submitting import bare_python

POSTINGS, OF_THE_COMPANY, OF_ONE_TITLE, MEMBERS, TASK_MEMBERS = 30_000, 20_000, 10_000, 6_000, 400
SETTINGS = f"""
[retrieval]
task_members = {TASK_MEMBERS}

[quality]
max_share_postings_rejected = 1.0  # many of the company's postings say the same
"""
LARGE = {  # as in a large night: nothing is broadcast, and no task is spared because there is little
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
}
AT = {"countryName": "United States", "state": "CA", "town": "Los Angeles", "workplace": "onsite"}
SAME = {"jobTitle": "Warehouse worker", "contract": "Full-time", "level": "Entry level"}
WANTED = {"workplaces": [], "contracts": [], "spokenLanguages": []}
FEW_ROWS, MOST = 200, 4.0
pytestmark = pytest.mark.timeout(1800)


def overwritten(feed, rows, values):
    """The feed with these values in its first rows."""
    for name, value in values.items():
        place, kind = feed.schema.get_field_index(name), feed.schema.field(name).type
        column = pa.array([value] * rows + feed.column(name).to_pylist()[rows:], kind)
        feed = feed.set_column(place, name, column)
    return feed


@pytest.fixture(scope="module")
def skewed(code, tmp_path_factory):
    town = found_town(tmp_path_factory.mktemp("skewed"), SETTINGS)
    events = logging_events(town.project / "events")
    python = str(bare_python(town.project))
    plain = submission(town.project / "work", code, "local[2]", python)
    plain.run("make_sample", *town.argv("--postings", str(POSTINGS), "--members", str(MEMBERS)))
    for kind, changes in (
        ("postings", ((OF_THE_COMPANY, AT | {"employer": "Giant Staffing"}), (OF_ONE_TITLE, SAME))),
        ("members", ((MEMBERS // 2, WANTED | {"searchAreas": [{"countryName": "US", "state": "CA", "town": None}]}),)),
    ):
        folder = town.project / "var" / "sample" / kind
        feed = pq.read_table(folder)
        for rows, values in changes:
            feed = overwritten(feed, rows, values)
        for path in folder.glob("*.parquet"):
            path.unlink()
        pq.write_table(feed, folder / "feed.parquet", row_group_size=2_000)
    submission(town.project / "night", code, "local[2]", python, **LARGE, **events).run("run_nightly", *town.argv())
    return town


def published(town):
    return load_catalog("recs", type="sql", uri=f"sqlite:///{town.project}/var/catalog.db")


def test_the_company_and_the_market_are_there(skewed):
    postings = published(skewed).load_table("recs.postings").scan().to_arrow()
    company = pc.equal(postings.column("company"), "Giant Staffing")
    assert pc.sum(company).as_py() > 8_000  # the others are duplicates of these
    members = published(skewed).load_table("recs.members").scan().to_arrow().to_pylist()
    cohort = [one for one in members if one["places"] and one["places"][0]["region"] == "CA" and not one["work_modes"]]
    assert len(cohort) > 0.4 * len(members)


def test_no_task_of_a_stage_has_many_times_the_rows_of_the_others(skewed):
    stages = {
        stage: found
        for stage, found in by_stage(tasks(skewed.project / "events")).items()
        if len(found) >= 4 and mean(task.rows for task in found) >= FEW_ROWS
    }
    grid = Grid("stage", "tasks", "rows, mean", "most", "seconds, median", "longest")
    uneven = set()
    for stage, found in sorted(stages.items()):
        rows, seconds = [task.rows for task in found], [task.seconds for task in found]
        figures = (mean(rows), max(rows), median(seconds), max(seconds))
        grid.add_row(str(stage), str(len(found)), *(f"{figure:,.2f}" for figure in figures))
        uneven |= {stage} if max(rows) > MOST * mean(rows) else set()
    Console(width=100).print(grid)
    assert len(stages) >= 10
    assert not uneven


def test_the_markets_matches_are_brute_force(skewed):
    catalog = published(skewed)
    members = catalog.load_table("recs.members").scan().to_arrow().sort_by("member_id").to_pylist()
    market = [one["member_id"] for one in members if one["content_hash"] and one["places"] == members[0]["places"]]
    assert len(by_brute_force(catalog, NIGHT, set(market[:40]))) == 40
