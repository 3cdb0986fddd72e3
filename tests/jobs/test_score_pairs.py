"""A judge scores a night of the town, loses its key on the way, and is compared with people."""

import hashlib
from collections import Counter

import pytest

from jobs import evaluate_teacher, score_pairs
from jobs.start import context, parser
from pipelines.publishing.catalog import open_catalog
from schemas.errors import QualityGateError
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.chat_server import chat_server, completion
from tests.conftest import PROJECT
from tests.jobs.conftest import NIGHT, Town, found_town
from tests.rows import frame

SECTION = """
[teachers.judge]
kind = "judge"
endpoint = "{url}"
model = "m"
requests_per_minute = 60_000
max_requests = 500
concurrency = 2

[teaching]
near_misses = 12
hard_negatives = 12
hard_negative_ranks = [20, 40]
random = 12
interactions = 4
"""


def given(town):
    return context(parser("").parse_args(town.argv()))


def table(run, name):
    return open_catalog(run.config.storage, run.store).load_table(f"recs.{name}").scan().to_arrow().to_pylist()


@pytest.fixture
def night_town(tmp_path, spark) -> Town:
    """A town with eight members, sixty postings and no night yet."""
    town = found_town(tmp_path)
    done = [(f"m{n}", f"p{n}", "apply", None) for n in range(8)]
    feed = spark.createDataFrame(done, "profileId string, jobRef string, event string, at timestamp")
    feed.write.parquet(str(tmp_path / "var" / "sample" / "interactions"))
    return town


def publish_night(spark, tables):
    members = [{"member_id": f"m{n}", "text": f"baker {n}", "content_hash": sha(f"baker {n}")} for n in range(8)]
    postings = [{"posting_id": f"p{n}", "text": f"bread {n}", "content_hash": sha(f"bread {n}")} for n in range(60)]
    matches = [
        {"member_id": f"m{m}", "posting_id": f"p{(m + n) % 60}", "similarity": 1 - n / 100}
        for m in range(8)
        for n in range(60)
    ]
    for one, rows in ((MEMBERS, members), (POSTINGS, postings), (MATCHES, matches)):
        tables.stage(one, frame(spark, one.schema, *rows))
        tables.replace(one, run_date=NIGHT)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def server():
    """Answers with the length of the prompt, modulo 5; from the 11th to the 14th request it refuses the key."""

    def answer(number, body):
        if 11 <= number <= 14:
            return 401, {}, b""
        return completion(str(len(body["messages"][-1]["content"]) % 5))

    with chat_server(answer) as server:
        yield server


def test_a_night_is_scored_once_whatever_happens_and_a_grader_is_believed_when_it_agrees_with_people(
    night_town, spark, server, capsys, caplog
):
    conf = night_town.conf / "town.toml"
    conf.write_text(conf.read_text() + SECTION.format(url=server.url))
    judged = ("--teacher", "judge")
    assert night_town.run(score_pairs.main, *judged) == 5
    assert "no night of 2026-11-02 is published" in caplog.text
    publish_night(spark, given(night_town).tables)

    assert night_town.run(score_pairs.main, *judged) == 5
    assert "says 401; check api_key; what is scored is kept" in caplog.text
    run = given(night_town)
    kept = len(table(run, "teacher_scores"))
    assert kept == 10
    server.asked.clear()
    server._answer = lambda _, body: completion(str(len(body["messages"][-1]["content"]) % 5))
    assert night_town.run(score_pairs.main, *judged) == 0
    rows = table(run, "teacher_scores")
    assert len({row["pair_hash"] for row in rows}) == len(rows) == kept + len(server.asked) > 30
    assert Counter(row["origin"] for row in rows).keys() == {"near_miss", "hard_negative", "random", "interaction"}
    assert all(row["score"] == row["grade"] / 4 for row in rows)

    asked = len(server.asked)
    assert night_town.run(score_pairs.main, *judged) == 0
    assert "no pair to score" in caplog.text
    assert (len(server.asked), len(table(run, "teacher_scores"))) == (asked, len(rows))

    with pytest.raises(QualityGateError, match="never compared with people"):
        evaluate_teacher.check_agreement(run, "judge", night_town.conf)
    grades = str(PROJECT / "conf" / "policy" / "graded_pairs.csv")
    assert night_town.run(evaluate_teacher.main, *judged, "--grades", grades) == 0
    assert "physiotherapist" not in capsys.readouterr().out.lower()
    asked = len(server.asked)
    assert night_town.run(evaluate_teacher.main, *judged, "--grades", grades, "--examples", "73") == 0
    assert "physiotherapist" in capsys.readouterr().out.lower()
    assert len(server.asked) == asked
    figures = [row for row in table(run, "evaluation") if row["method"].startswith("m@")]
    assert len(figures) == 5
    assert {str(row["run_date"]) for row in figures} == {NIGHT}
    with pytest.raises(QualityGateError, match=r"agrees with people by kappa -?0.\d+ on 73 pairs"):
        evaluate_teacher.check_agreement(run, "judge", night_town.conf)


def test_an_evaluation_needs_something_to_compare_with(night_town, caplog):
    assert night_town.run(evaluate_teacher.main, "--teacher", "minilm") == 2
    assert "give --grades FILE, --against NAME, or both" in caplog.text
    assert night_town.run(evaluate_teacher.main, "--teacher", "absent", "--grades", "nowhere.csv") == 2
