"""A night whose members all share one large cohort, which is searched fast."""

import pytest

from jobs import choose_efforts, match_members, run_nightly
from tests.jobs.test_run_nightly import stages, table

WISHES = ("places", "work_modes", "employment_types", "languages")
LITTLE, MUCH = -1000.0, 1000.0  # efforts: none but the nearest clusters, and every cluster
FAST = f"""
[retrieval]
matches_per_member = 10
cluster_postings = 50
fast_min_postings = 400
fast_efforts = [{LITTLE}, {MUCH}]
recall_members = 28
"""


@pytest.fixture
def one_cohort(own_town):
    """A town whose members have no wishes that partition the search."""
    path = own_town.conf / "town.toml"
    lines = path.read_text().splitlines()
    start = lines.index("[sources.members.columns]")
    stop = lines.index("[sources.interactions.inputs.interactions_feed]")
    kept = [line for line in lines[start:stop] if line.split(" ")[0] not in WISHES]
    path.write_text("\n".join([*lines[:start], *kept, *lines[stop:], FAST]))
    return own_town


def pairs(town):
    found = table(town, "matches").sort_values(["member_id", "similarity", "posting_id"])
    return list(zip(found["member_id"], found["posting_id"], found["similarity"], strict=True))


def test_a_cohort_is_searched_with_the_effort_that_finds_enough_and_with_more_when_it_does_not(one_cohort, monkeypatch):
    measured, right = {}, choose_efforts.enough

    def too_little(recalls, efforts, floor):
        measured.update(right(recalls, efforts, floor))
        return dict.fromkeys(measured, LITTLE)

    monkeypatch.setattr(choose_efforts, "enough", too_little)
    assert one_cohort.run(run_nightly.main) == 0
    assert list(measured.values()) == [MUCH]
    recall = table(one_cohort, "match_recall")
    assert recall[["effort", "recall"]].to_numpy().tolist() == [[MUCH, 1.0]]
    assert 15 <= recall["sampled_members"][0] <= 45
    fast = pairs(one_cohort)
    path = one_cohort.conf / "town.toml"
    path.write_text(path.read_text().replace("fast_min_postings = 400", "fast_min_postings = 1_000_000"))
    assert one_cohort.run(run_nightly.main) == 0
    assert len(table(one_cohort, "match_recall")) == 0
    assert pairs(one_cohort) == fast
    assert len(fast) > 2_000


def test_where_no_effort_finds_enough_the_search_is_exact(one_cohort):
    path = one_cohort.conf / "town.toml"
    path.write_text(path.read_text().replace(f"[{LITTLE}, {MUCH}]", f"[{LITTLE}]"))
    assert one_cohort.run(run_nightly.main) == 0
    recall = table(one_cohort, "match_recall")
    assert recall["effort"].isna().all()
    assert recall["recall"].tolist() == [1.0]


def test_a_stage_that_missed_too_much_is_not_published(one_cohort, monkeypatch, caplog):
    monkeypatch.setattr(choose_efforts.Sampling, "efforts", lambda self, shares: dict.fromkeys(shares, LITTLE))
    seen = []
    right = match_members.audit

    def audited_once(*arguments):
        seen.append(right(*arguments))
        return {}

    monkeypatch.setattr(match_members, "audit", audited_once)
    assert one_cohort.run(run_nightly.main) == 4
    assert "matches.recall_of_the_fast_search" in caplog.text
    assert list(seen[0].values()) == [MUCH]
    assert "match" not in stages(one_cohort)
