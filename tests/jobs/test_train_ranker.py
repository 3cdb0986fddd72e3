"""A ranker trained on a published night ranks the next run, and what it says is checked before it may."""

import math
import shutil

import pytest

from jobs import run_nightly, train_ranker
from pipelines.ranking.calibration import Reliability
from tests.jobs.conftest import NIGHT, Town
from tests.jobs.test_run_nightly import table

POPULAR = """
[retrieval]
popular_per_member = 20

[ranking]
score_by = "ranker"

[ranking.exposure]
enabled = true
rounds = 2
"""


@pytest.fixture(scope="module")
def learning_town(town, tmp_path_factory):
    """A town that asks for a ranker, after a night that had none yet, and a night with the one that it made."""
    project = tmp_path_factory.mktemp("learning")
    shutil.copytree(town.conf, project / "conf")
    for kept in ("sample", "models"):
        shutil.copytree(town.project / "var" / kept, project / "var" / kept)
    own = Town(project)
    with (own.conf / "town.toml").open("a") as file:
        file.write(POPULAR)
    assert own.run(run_nightly.main) == 0
    return own


def test_without_a_ranker_the_weights_score_and_popular_postings_are_matches(learning_town):
    rows = table(learning_town, "recommendations", NIGHT)
    assert set(rows["ranker_id"].map(str)) == {"None"}
    weights = {"similarity", "recency", "place", "seniority", "skills"}
    assert all(set(dict(parts)) == weights for parts in rows["score_parts"])
    matches = table(learning_town, "matches", NIGHT)
    assert matches.groupby("member_id").size().max() > 100  # the nearest, and popular ones besides
    assert not matches.duplicated(["member_id", "posting_id"]).any()


def test_a_ranker_is_refused_or_ranks_the_next_run(learning_town, monkeypatch):
    assert learning_town.run(train_ranker.main, "--key", "views", "--evaluate-only") in (0, 4)
    figures = table(learning_town, "evaluation", NIGHT)
    told = figures[(figures["dataset"] == "ranker, views") & (figures["name"] == "hit@10")]
    assert {"ranker", "configured weights", "similarity", "popularity", "blend by hand"} <= set(told["method"])
    assert not (learning_town.project / "var" / "rankers" / "current").exists()
    monkeypatch.setattr(train_ranker, "shortcomings", lambda *_, **__: [])
    assert learning_town.run(train_ranker.main, "--key", "views") == 0
    assert learning_town.run(run_nightly.main, "--attempt", "2") == 0
    rows = table(learning_town, "recommendations", NIGHT)
    assert rows["ranker_id"].nunique() == 1
    for row in rows.itertuples():
        assert math.isclose(sum(dict(row.score_parts).values()), row.score, abs_tol=1e-9)
        assert {"base", "popularity"} <= set(dict(row.score_parts))


def test_what_is_not_good_enough_is_not_promoted(learning_town, monkeypatch):
    monkeypatch.setattr(train_ranker, "reliability", lambda *_, **__: [Reliability("all", 0.5, 10, 0.1)])
    assert learning_town.run(train_ranker.main, "--key", "views") == 4
