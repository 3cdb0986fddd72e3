"""The audit of a small town: silent about groups drawn by lot, loud about those that got less; lists stay the same."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from jobs import audit_fairness, check_quality, run_nightly
from tests.jobs.conftest import NIGHT
from tests.jobs.test_run_nightly import stages, table

SETTINGS = """
[fairness]
k = [1, 3, 10]
min_group_size = 20
resamples = 199
blocking = [{blocking}]
posting_groups = {{ company_size = "if(count(*) OVER (PARTITION BY company_key) > 3, 'large', 'small')" }}

[sources.audit_attributes.inputs.people]
format = "csv"
location = "var/people.csv"
options = {{ header = "true" }}

[sources.audit_attributes.columns]
member_id = "id"
team = "team"
"""
LISTS = ["member_id", "rank", "posting_id", "score"]


def configure(town, env, blocking=""):
    text = (town.conf / "town.toml").read_text().partition("\n[fairness]\n")[0]  # without earlier settings
    (town.conf / f"{env}.toml").write_text(text + SETTINGS.format(blocking=blocking))


def by_lot(member):
    return "ab"[int(hashlib.sha256(member.encode()).hexdigest(), 16) % 2]


def salaries_of_lists(town):
    """Mean relative salary of each member's list, in pandas."""
    postings = table(town, "postings").set_index("posting_id")
    low, high = postings["salary_min"], postings["salary_max"]
    middle = ((low + high) / 2).fillna(high).fillna(low)
    relative = middle / middle.groupby(postings["salary_currency"].fillna("")).transform("median")
    lists = table(town, "recommendations")
    return lists.assign(salary=lists["posting_id"].map(relative)).groupby("member_id")["salary"].mean().dropna()


def write_people(town, teams):
    pd.DataFrame({"id": list(teams), "team": list(teams.values())}).to_csv(
        town.project / "var" / "people.csv", index=False
    )


@pytest.fixture(scope="module")
def unfair(town):
    """Team b: mostly members whose lists pay less than the middle one."""
    salary = salaries_of_lists(town)
    draws = np.random.default_rng(3)
    less = (salary < salary.median()) ^ (draws.random(len(salary)) < 0.15)
    return {member: "b" if one else "a" for member, one in less.items()}


def test_groups_drawn_by_lot_pass_even_where_a_finding_would_block(town, capsys):
    configure(town, "lot", '"findings"')
    write_people(town, {member: by_lot(member) for member in table(town, "members")["member_id"]} | {"M-none": "c"})
    before = lists(town)
    status = town.run(audit_fairness.main, env="lot")
    (town.conf / "lot.toml").unlink()
    figures = table(town, "fairness_audit")
    members = figures[figures["side"] == "members"]
    assert not members["finding"].any()
    assert status == (4 if figures["finding"].any() else 0)  # postings' groups are not drawn by lot
    assert set(members["audit_group"]) == {"*", "a", "b"}
    salary = salaries_of_lists(town)
    team = salary.index.map(by_lot)
    row = members[(members["metric"] == "salary") & (members["stage"] == "ranked") & (members["audit_group"] == "b")]
    assert row["value"].item() == pytest.approx(salary[team == "b"].mean(), rel=0.02)  # Spark's median is a rank
    sizes = members[(members["metric"] == "length") & (members["stage"] == "ranked")].set_index("audit_group")["size"]
    assert sizes.sum() == len(table(town, "members"))
    shares = figures[(figures["side"] == "postings") & (figures["metric"] == "share") & (figures["k"] == 10)]
    assert shares["value"].sum() == pytest.approx(1)
    pd.testing.assert_frame_equal(lists(town), before)


def test_nothing_before_the_audit_reads_attributes_and_a_finding_can_block_the_night(town, own_town, unfair, caplog):
    configure(own_town, "town", '"findings"')
    assert own_town.run(run_nightly.main) == 2  # there is no such file; all but the audit is done
    assert {"ingest_members", "embed", "match", "rank"} <= set(stages(own_town))
    assert not {"audit", "publish"} & set(stages(own_town))

    write_people(own_town, unfair)
    assert own_town.run(run_nightly.main) == 4
    assert len(table(own_town, "recommendations")) == 0
    figures = table(own_town, "fairness_audit")
    found = figures[figures["finding"] & (figures["attribute"] == "team") & (figures["metric"] == "salary")]
    assert {"a", "b"} == set(found["audit_group"])
    worse = found[(found["audit_group"] == "b") & (found["stage"] == "ranked")].iloc[0]
    salary = salaries_of_lists(town)
    team = salary.index.map(unfair)
    gap = salary[team == "b"].mean() - salary[team == "a"].mean()
    assert worse["difference"] == pytest.approx(gap, rel=0.05)
    assert worse["low"] < gap < worse["high"] < 0
    assert any("team=b" in message and "salary" in message for message in caplog.messages)
    results = table(own_town, "quality_results").set_index(["gate", "name"])
    assert not results.loc[("fairness", "findings"), "passed"]

    configure(own_town, "town")
    assert own_town.run(audit_fairness.main, "--in-night") == 0
    assert "audit" in stages(own_town)
    assert own_town.run(run_nightly.main) == 0  # the same run: what the audit is told is no other night
    pd.testing.assert_frame_equal(lists(own_town), lists(town))
    assert own_town.run(check_quality.main, "--gate", "fairness") == 0


def lists(town):
    return table(town, "recommendations", NIGHT)[LISTS].sort_values(["member_id", "rank"]).reset_index(drop=True)


def test_an_audit_of_nothing_says_what_is_missing(town, caplog):
    assert town.run(audit_fairness.main) == 2
    assert "nothing says whose groups are compared" in caplog.text
