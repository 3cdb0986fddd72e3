"""The pure parts of the benchmark of the planner."""

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.bench_capacity import CONSTANTS
from benchmarks.nights import change_sample
from benchmarks.scale_page import check_rows
from pipelines.planning.fit import Check
from tests.conftest import PROJECT


def test_a_share_of_the_texts_changes_evenly_and_no_checksum_of_the_old_file_stays(tmp_path):
    for table, column in (("postings", "body"), ("members", "summary")):
        folder = tmp_path / "var" / "sample" / table
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": range(10), column: ["a", None] * 5}), folder / "part-0.parquet")
        (folder / ".part-0.parquet.crc").touch()
    change_sample(tmp_path, 0.2)
    rows = pq.read_table(tmp_path / "var" / "sample" / "members")
    assert rows.column("id").to_pylist() == list(range(10))
    texts = ["a", None] * 5
    assert rows.column("summary").to_pylist() == [*texts[:4], "a Changed.", *texts[5:9], " Changed."]
    assert not list(tmp_path.rglob("*.crc"))


def test_a_missed_goal_is_printed_as_missed():
    near, far = (Check("n", ("a", "b"), {"embed": 10.0}, {"embed": seconds}) for seconds in (12.4, 7.4))
    assert [row[3:5] for row in check_rows([near, far])] == [["+24%", "met"], ["-26%", "MISSED"]]


def test_the_constants_lie_where_the_planner_reads_them():
    assert CONSTANTS.relative_to(PROJECT).as_posix() == "pipelines/planning/constants.toml"
    assert CONSTANTS.exists()
