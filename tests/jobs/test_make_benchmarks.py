"""Evaluation sets are made from configured sources, and read as they were made."""

import pytest

from jobs import make_benchmarks
from pipelines.evaluation.benchmark import read_benchmark
from tests.jobs.conftest import Town

SET = """
[benchmarks.small]
inputs.any = {{ format = "parquet", location = "var/sample/postings" }}
queries = "SELECT 'q1' AS id, 'night nurse' AS text"
corpus = "SELECT * FROM VALUES ('d2', 'cook'), ('d1', 'a nurse at night') AS t(id, text)"
judgements = "{judgements}"
"""


def with_set(town: Town, judgements: str) -> Town:
    (town.conf / "town.toml").open("a").write(SET.format(judgements=judgements))
    return town


def test_a_set_is_read_as_its_queries_say(own_town):
    given = with_set(own_town, "SELECT 'q1' AS query, 'd1' AS document, 2 AS gain")
    assert given.run(make_benchmarks.main) == 0
    made = read_benchmark(given.project / "var" / "benchmarks" / "small")
    assert made.queries == {"q1": "night nurse"}
    assert made.corpus == {"d1": "a nurse at night", "d2": "cook"}
    assert made.relevant == {"q1": {"d1": 2.0}}


@pytest.mark.parametrize(
    ("judgements", "problem"),
    [
        ("SELECT 'q1' AS query, 'd1' AS document", "gives query, document; query, document, gain are needed"),
        ("SELECT 'q1' AS query, CAST(NULL AS STRING) AS document, 1 AS gain", "1 row(s) with a missing value"),
        ("SELEC 1", "benchmarks.small.judgements: "),
    ],
)
def test_a_query_that_gives_no_set_is_refused_and_nothing_is_written(own_town, caplog, judgements, problem):
    given = with_set(own_town, judgements)
    assert given.run(make_benchmarks.main) == 2
    assert problem in caplog.text
    assert not (given.project / "var" / "benchmarks").exists()
