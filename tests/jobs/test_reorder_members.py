"""Lists of members for recruiters: kept to shares of groups where that is asked for, and nothing else changes."""

import math

import pytest

from jobs import check_quality, run_nightly, weigh_reordering
from tests.jobs.conftest import NIGHT
from tests.jobs.test_audit_fairness import SETTINGS, by_lot, lists, write_people
from tests.jobs.test_run_nightly import table

EARLIER = "2026-10-25"
ASKED = """
[retrieval]
members_per_posting = 9

[ranking.recruiting]
max_lists = 1_000
"""
ON = """
[fairness.reordering]
enabled = true
attribute = "team"
"""


def found(town, night=NIGHT):
    columns = ["posting_id", "similarity", "member_id"]
    return table(town, "posting_matches", night)[columns].sort_values(columns, ascending=[True, False, True])


def keeps_shares(teams):
    """Whether every first k of a list have the whole part of each team's share."""
    return all(
        teams[:k].count(team) >= math.floor(k * teams.count(team) / len(teams) + 1e-9)
        for k in range(1, len(teams) + 1)
        for team in "ab"
    )


def test_lists_keep_shares_only_where_asked_and_the_audit_hears_of_both_directions(town, own_town, capsys):
    conf = own_town.conf / "town.toml"
    off = conf.read_text() + SETTINGS.format(blocking="") + ASKED
    conf.write_text(off)
    write_people(own_town, {member: by_lot(member) for member in table(town, "members")["member_id"]})
    assert own_town.run(run_nightly.main, run_date=EARLIER) == 0
    assert len(table(own_town, "posting_lists", EARLIER)) == 0
    audit = table(own_town, "fairness_audit", EARLIER)
    assert set(audit["side"]) == {"members", "postings", "recruiting"}
    assert not (audit["metric"] == "calibration_error").any()  # there was no night before
    matches = found(own_town, EARLIER)
    team = matches["member_id"].map(by_lot)
    share = audit[(audit["side"] == "recruiting") & (audit["metric"] == "share") & (audit["stage"] == "matched")]
    assert share.set_index("audit_group")["value"].to_dict() == pytest.approx(
        team.value_counts(normalize=True).to_dict()
    )

    capsys.readouterr()
    assert own_town.run(weigh_reordering.main, run_date=EARLIER) == 0
    shown = capsys.readouterr().out
    assert "postings' lists" in shown
    assert "members' lists" in shown

    conf.write_text(off + ON)
    assert own_town.run(run_nightly.main) == 0
    assert own_town.run(check_quality.main, "--gate", "posting_lists") == 0
    reordered = table(own_town, "posting_lists").sort_values(["posting_id", "rank"])
    places = ["posting_id", "rank", "member_id"]
    recommended = table(own_town, "posting_recommendations").sort_values(["posting_id", "rank"])
    assert recommended[places].to_numpy().tolist() == reordered[places].to_numpy().tolist()
    matches = found(own_town)
    pairs = ["posting_id", "member_id"]
    assert set(map(tuple, reordered[pairs].to_numpy())) == set(map(tuple, matches[pairs].to_numpy()))
    moved = 0
    as_found = {posting: list(rows["member_id"]) for posting, rows in matches.groupby("posting_id")}
    for posting, rows in reordered.groupby("posting_id"):
        listed, before = list(rows["member_id"]), as_found[posting]
        assert list(rows["rank"]) == list(range(1, len(listed) + 1))
        assert keeps_shares([by_lot(member) for member in listed])
        for one in "ab":
            assert [m for m in listed if by_lot(m) == one] == [m for m in before if by_lot(m) == one]
        moved += listed != before
        assert (listed == before) == keeps_shares([by_lot(member) for member in before])
    assert 0 < moved < len(as_found)
    assert lists(own_town).equals(lists(town))
    audit = table(own_town, "fairness_audit")
    calibration = audit[audit["metric"] == "calibration_error"].set_index("audit_group")
    assert set(calibration.index) == {"a", "b"}
    assert calibration["value"].between(0, 1).all()
    assert calibration["p_value"].notna().all()
    firsts = reordered[reordered["rank"] == 1]["member_id"].map(by_lot)
    share = audit[(audit["side"] == "recruiting") & (audit["metric"] == "share") & (audit["k"] == 1)]
    assert share.set_index("audit_group")["value"].to_dict() == pytest.approx(
        firsts.value_counts(normalize=True).to_dict()
    )

    conf.write_text(off)
    assert own_town.run(run_nightly.main) == 0
    assert len(table(own_town, "posting_lists")) == 0
    assert found(own_town).equals(matches)
    assert lists(own_town).equals(lists(town))
    runs = {path.parent.parent.name for path in (own_town.project / "var" / "runs").glob(f"{NIGHT}-*/stages/rank.json")}
    assert len(runs) == 2
