"""A second night, a little changed: what it does anew, and what it looks like beside the first."""

import datetime
import shutil

import numpy as np
import pytest

from jobs import run_nightly
from schemas.comparisons import COMPARED
from tests.jobs.conftest import NIGHT
from tests.jobs.test_run_nightly import stages, table

DATE = datetime.date.fromisoformat(NIGHT)


def test_a_night_with_two_percent_of_changed_rows_encodes_and_indexes_only_those(own_town, spark):
    (own_town.conf / "town.toml").open("a").write("\n[quality.history]\nmin_nights = 1\nmin_rows = 100\n")
    assert own_town.run(run_nightly.main) == 0
    feed = own_town.project / "var" / "sample" / "postings"
    rows = spark.read.parquet(str(feed))
    changed = "CASE WHEN pmod(xxhash64(jobRef), 50) = 0 THEN concat(jobTitle, ' II') ELSE jobTitle END"
    columns = [f"{changed} AS jobTitle" if name == "jobTitle" else name for name in rows.columns]
    rows.selectExpr(*columns).write.parquet(f"{feed}-next")
    shutil.rmtree(feed)
    shutil.move(f"{feed}-next", feed)
    next_day = (DATE + datetime.timedelta(days=1)).isoformat()
    assert own_town.run(run_nightly.main, run_date=next_day) == 0
    texts = [set(table(own_town, "postings", night)["content_hash"]) for night in (NIGHT, next_day)]
    members = [set(table(own_town, "members", night)["content_hash"]) - {None} for night in (NIGHT, next_day)]
    new = len(texts[1] - texts[0]) + len(members[1] - members[0])
    assert 5 <= new <= 40
    assert stages(own_town, next_day)["embed"]["counts"]["rows_out"] == new
    index = stages(own_town, next_day)["index"]["counts"]
    assert 5 <= int(index["notes"]["fresh"]) <= 40
    assert int(index["notes"]["kept"]) + int(index["notes"]["fresh"]) == index["rows_out"]
    assert len(table(own_town, "recommendations", NIGHT)) > 0
    beside_the_first_night(own_town, next_day)


def beside_the_first_night(town, next_day):
    """What the second night, a little changed, looks like beside the first one; the first had none to be judged by."""
    first, second = (table(town, "quality_results", night).set_index("name") for night in (NIGHT, next_day))
    compared = sorted(rule.name for suite in COMPARED for rule in suite.rules)
    assert second.loc[[*compared, "share_of_lists_kept"], "passed"].all()
    assert first.loc["share_of_lists_kept", "passed"] is None
    volumes = second[second.index.str.startswith("volume_of_")]["observed"]
    assert len(volumes) == 4 and volumes.between(0.9, 1.1).all()
    assert second.loc["share_of_lists_kept", "observed"] == pytest.approx(kept_by_hand(town, next_day))
    assert 0.6 < second.loc["share_of_lists_kept", "observed"] < 1
    assert 0 < second.loc["scores_shift", "observed"] < 0.1
    turned = second.loc[["vectors_turn"]]
    assert set(turned["gate"]) == {"posting_embeddings", "member_embeddings"}
    assert (turned["observed"] < 0.001).all() and turned["observed"].max() > 0
    profiles = table(town, "night_profiles", next_day).set_index("name")
    assert profiles.loc["scores", "profile"].sum() == len(table(town, "recommendations", next_day))
    assert len(profiles.loc["vectors_of_posting_embeddings", "profile"]) == 256


def kept_by_hand(town, next_day):
    """Share of the first night's postings that are still on a member's list, mean over members with both lists."""
    lists = [
        table(town, "recommendations", night).groupby("member_id")["posting_id"].agg(set) for night in (NIGHT, next_day)
    ]
    both = lists[0].index.intersection(lists[1].index)
    return np.mean([len(lists[0][one] & lists[1][one]) / len(lists[0][one]) for one in both])
