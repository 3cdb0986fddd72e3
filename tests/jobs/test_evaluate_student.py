"""The job that evaluates students: on the town's truth and on a benchmark of two queries."""

import json

import pyarrow.parquet as pq
import pytest

from jobs import evaluate_student
from tests.jobs.test_run_nightly import NIGHT, table

BY = ["dataset", "slice", "method", "metric"]


@pytest.fixture
def two_queries(tmp_path):
    folder = tmp_path / "two_queries"
    folder.mkdir()
    (folder / "queries.tsv").write_text("q1\tnight nurse\nq2\tbaker\nq3\tnobody is right\n")
    (folder / "corpus_elements.tsv").write_text("d1\tnurse on nights\nd2\tmaster baker\nd3\tbaker\n")
    (folder / "annotations.tsv").write_text("q1\t0\td1\t1\nq2\t0\td2\t1\n")
    return folder


def reports(town, dataset):
    [path] = (town.project / "var" / "reports").glob(f"{NIGHT}-*/student_evaluation_{dataset}.json")
    return path


def test_figures_are_published_printed_drawn_and_kept_as_numbers(town, two_queries, capsys, caplog):
    models = ("--models", "bm25", "current", "current:64")
    sizes = ("--members", "60", "--postings", "300")
    assert town.run(evaluate_student.main, "--sets", "truth", str(two_queries), *models, *sizes) == 0
    figures = table(town, "student_evaluation").set_index(BY).sort_index()
    assert len(figures) == len(set(figures.index))
    # BM25: d1 first for q1; for q2 the shorter d3 before d2, so 1/2
    bm25 = figures.loc["two_queries", "all", "bm25", "map@100"]
    assert (bm25["value"], bm25["queries"]) == (0.75, 2)
    assert bm25["low"] <= 0.75 <= bm25["high"]
    assert "1 queries have no relevant document" in caplog.text
    [student] = {method for _, _, method, _ in figures.index if method.startswith("student") and ":" not in method}
    assert ("truth", "all", f"{student}:64", "recall@100") in figures.index
    assert "truth" in capsys.readouterr().out
    kept = json.loads(reports(town, "two_queries").read_text())
    assert {tuple(one[name] for name in BY): one["value"] for one in kept} == figures.loc[
        ["two_queries"], "value"
    ].to_dict()
    assert reports(town, "truth").with_suffix(".png").read_bytes().startswith(b"\x89PNG")

    # another look at one set leaves the other set's figures
    truth = figures.loc["truth", "value"].to_dict()
    assert town.run(evaluate_student.main, "--sets", str(two_queries), "--models", "tfidf") == 0
    after = table(town, "student_evaluation").set_index(BY).sort_index()
    assert after.loc["truth", "value"].to_dict() == truth
    assert {method for _, _, method, _ in after.loc[["two_queries"]].index} == {"tfidf"}


def test_the_truth_is_the_samples_own_and_each_member_has_one_seniority(town, spark):
    from jobs.start import context
    from jobs.start import parser as parser_of

    given = context(parser_of("").parse_args(town.argv()))
    benchmark = evaluate_student.truth(given, members=10_000, postings=10_000)
    feeds = town.project / "var" / "sample" / "truth"
    member = {row["member_id"]: row for row in pq.read_table(feeds / "members").to_pylist()}
    occupation = {row["posting_id"]: row["occupation"] for row in pq.read_table(feeds / "postings").to_pylist()}
    assert len(benchmark.queries) > 200
    for query in list(benchmark.queries)[:30]:
        own, related = member[query]["occupation"], set(member[query]["related"])
        gain = {
            name: 2.0 if occupation[name] == own else 1.0
            for name in benchmark.corpus
            if occupation[name] in {own, *related}
        }
        assert benchmark.relevant[query] == gain
    seniorities = [queries for name, queries in benchmark.slices.items() if name.startswith("seniority")]
    members = table(town, "members").set_index("member_id")
    assert sum(map(len, seniorities)) == len(benchmark.queries) + benchmark.left_out
    assert {len(members.loc[one, "experiences"]) for one in benchmark.slices["no experience"]} == {0}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("--sets", "nowhere"), 2, "nowhere holds no benchmark"),
        (("--sets", "truth", "--models", "bm26", "current:9999"), 2, "bm26"),
        (("--sets", "truth", "--models", "current:9999"), 2, "256 dimensions"),
    ],
)
def test_what_is_wrong_is_an_exit_code_and_a_sentence(town, caplog, arguments, exit_code, said):
    assert town.run(evaluate_student.main, *arguments) == exit_code
    assert said in caplog.text


def test_a_night_that_was_never_published_has_no_truth_to_evaluate(town, caplog):
    assert town.run(evaluate_student.main, "--sets", "truth", "--models", "bm25", run_date="2026-12-24") == 5
    assert "run jobs.run_nightly first" in caplog.text
