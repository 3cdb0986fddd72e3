"""The funnel of a night is what its published tables say."""

import numpy as np
import pytest

from jobs import show_night
from schemas.rules import HARD_RULES
from tests.brute_force import may_take
from tests.jobs.test_run_nightly import table

UNASKED = {
    "years_of_experience": None,
    "min_salary": None,
    "excluded_company_keys": [],
    "excluded_posting_ids": [],
}


@pytest.fixture
def night(town):
    """The funnel, and the members who are searched for and the postings as plain rows."""
    members = [row for row in table(town, "members").to_dict("records") if row["content_hash"] is not None]
    return table(town, "eligibility_funnel").sort_values("step"), members, table(town, "postings").to_dict("records")


def test_rules_that_partition_the_search_are_counted_exactly_and_the_others_near_enough(night):
    funnel, members, postings = night
    assert funnel["rule"].tolist() == [rule.name for rule in HARD_RULES]
    after = (funnel["pairs_before"] - funnel["removed"]).tolist()
    assert funnel["pairs_before"].tolist() == [len(members) * len(postings), *after[:-1]]
    by_cells = [sum(may_take({**member, **UNASKED}, posting) for posting in postings) for member in members]
    assert after[3] == sum(by_cells) < len(members) * len(postings)
    assert funnel["members_left_without"].tolist()[3] == by_cells.count(0)
    eligible = [sum(may_take(member, posting) for posting in postings) for member in members]
    assert after[-1] == pytest.approx(sum(eligible), rel=0.1)
    assert after[-1] < after[3]
    counted = funnel["counted_members"].tolist()
    assert counted[:4] == [len(members)] * 4
    assert len(set(counted[4:])) == 1
    assert 150 <= counted[-1] <= 250
    assert np.all(np.diff(funnel["members_left_without"]) >= 0)


def test_a_night_is_shown_with_what_each_rule_took(town, capsys, night):
    funnel, *_ = night
    assert town.run(show_night.main) == 0
    shown = capsys.readouterr().out
    assert "pairs of member and posting" in shown
    assert f"{funnel['removed'].iloc[0]:,}" in shown
