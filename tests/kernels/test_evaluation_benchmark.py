"""Benchmarks are read from both folder shapes, and everything that is wrong with one is said at once."""

import json

import pytest

from pipelines.evaluation.benchmark import read_benchmark
from schemas.errors import ConfigError

TABLES = {
    "queries.tsv": "q1\tNurse\nq2\tBaker\nq3\tNobody asks for me\n",
    "corpus_elements.tsv": "d1\tnurse\nd2\tnurse\nd3\tbaker\n",
    "annotations.tsv": "q1\t0\td1\t1\nq1\t0\td2\t1\nq2\t0\td3\t1\n",
}
BEIR = {
    "queries.jsonl": '{"_id": "q1", "text": "Nurse"}\n',
    "corpus.jsonl": '{"_id": "d1", "title": "Ward", "text": "night shift"}\n{"_id": 2, "text": "day\\u2028shift"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t2\t0\n",
}


@pytest.fixture
def folder(tmp_path):
    def written(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return written


def test_tables_without_headers_are_read_and_a_query_without_documents_is_left_out_and_counted(folder):
    benchmark = read_benchmark(folder(TABLES))
    assert benchmark.queries == {"q1": "Nurse", "q2": "Baker"}
    assert list(benchmark.corpus) == ["d1", "d2", "d3"]
    assert benchmark.relevant == {"q1": {"d1": 1.0, "d2": 1.0}, "q2": {"d3": 1.0}}
    assert benchmark.left_out == 1


def test_beir_folders_are_read_with_their_titles_and_a_gain_of_0_is_not_relevant(folder):
    benchmark = read_benchmark(folder(BEIR))
    assert benchmark.corpus == {"d1": "Ward night shift", "2": "day\u2028shift"}
    assert benchmark.relevant == {"q1": {"d1": 2.0}}


def test_judgements_for_training_are_not_read_beside_those_for_testing(folder):
    training = BEIR | {"qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\t2\t1\n"}
    assert read_benchmark(folder(training)).relevant == {"q1": {"d1": 2.0}}


def test_a_folder_with_several_judgement_files_and_no_test_is_refused(folder):
    judged = {name: text for name, text in BEIR.items() if "qrels" not in name}
    judged |= {"qrels/a.tsv": "h\nq1\td1\t1\n", "qrels/b.tsv": "h\nq1\td1\t1\n"}
    with pytest.raises(ConfigError, match=r"which of a\.tsv, b\.tsv"):
        read_benchmark(folder(judged))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"queries.tsv": "q1\tNurse\nq1\tAgain\nalone\n"}, ["queries.tsv line 2", "queries.tsv line 3"]),
        ({"annotations.tsv": "q1\t0\td1\t1\nqx\t0\tdx\t1\n"}, ["query qx", "document dx"]),
        ({"annotations.tsv": "q1\t0\td1\tgood\nq1\n"}, ["annotations.tsv line 1", "annotations.tsv line 2"]),
        ({"annotations.tsv": ""}, ["no query has a relevant document"]),
    ],
)
def test_all_problems_are_listed(folder, change, said):
    with pytest.raises(ConfigError) as raised:
        read_benchmark(folder(TABLES | change))
    assert str(raised.value).startswith(f"{len(said)} problem(s)")
    assert all(problem in str(raised.value) for problem in said)


def test_files_that_are_missing_or_no_text_are_named_together(folder):
    place = folder(TABLES)
    (place / "corpus_elements.tsv").unlink()
    (place / "annotations.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as raised:
        read_benchmark(place)
    assert "corpus_elements.tsv: missing" in str(raised.value)
    assert "annotations.tsv: not UTF-8" in str(raised.value)


def test_a_broken_line_of_json_is_named_without_its_text(folder):
    broken = BEIR | {"corpus.jsonl": json.dumps({"_id": "d1"}) + "\nsecret\n"}
    with pytest.raises(ConfigError) as raised:
        read_benchmark(folder(broken))
    assert "corpus.jsonl line 1" in str(raised.value)
    assert "corpus.jsonl line 2" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_folder_that_is_none_is_said_to_be_none(tmp_path):
    with pytest.raises(ConfigError, match="holds no benchmark"):
        read_benchmark(tmp_path / "nowhere")
