"""Samples of cohorts, and recall as a table."""

import pytest
from pyspark.sql import functions as F

from pipelines.retrieval.asking import cohort
from pipelines.retrieval.auditing import cohort_sizes, recall_of, sample_members
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from tests.rows import NIGHT, frame


def people(spark, count):
    return frame(
        spark,
        MEMBERS.schema,
        *({"member_id": f"m{row}", "work_modes": ["remote"] if row % 4 == 0 else ["onsite"]} for row in range(count)),
    )


def named(members):
    return {
        row["work_modes"][0]: row["cohort"] for row in members.select("work_modes", cohort().alias("cohort")).collect()
    }


def test_a_cohort_is_as_large_as_its_members_are_many(spark):
    members = people(spark, 40)
    cohorts = named(members)
    sizes = {row["cohort"]: row["members"] for row in cohort_sizes(members).collect()}
    assert sizes == {cohorts["remote"]: 10, cohorts["onsite"]: 30}


def test_a_sample_is_about_the_share_asked_for_and_another_one_with_another_salt(spark):
    members = people(spark, 2_000)
    remote = named(members)["remote"]
    first, same, other = (
        {row["member_id"] for row in sample_members(members, {remote: 0.2}, salt=salt).collect()} for salt in "aab"
    )
    assert 70 <= len(first) <= 130  # of 500
    assert all(int(member[1:]) % 4 == 0 for member in first)
    assert first == same
    assert len(first & other) < 40


def matches(spark, *pairs):
    return frame(spark, MATCHES.schema, *({"member_id": one, "posting_id": other} for one, other in pairs))


def test_recall_is_the_share_of_exact_matches_that_are_staged(spark):
    members = people(spark, 5).where(F.col("member_id").isin("m0", "m1", "m2"))
    cohorts = named(members)
    exact = matches(spark, *((member, posting) for member in ("m0", "m1", "m2") for posting in "abcd"))
    staged = matches(
        spark, *(("m0", posting) for posting in "abcd"), *(("m1", posting) for posting in "abx"),
        *(("m2", posting) for posting in "abcd"), ("m3", "a"),
    )  # fmt: skip
    efforts = {cohorts["remote"]: None, cohorts["onsite"]: 4.0}
    rows = {row["cohort"]: row for row in recall_of(staged, exact, members, efforts, night=NIGHT).collect()}
    assert len(rows) == 2
    remote, onsite = rows[cohorts["remote"]], rows[cohorts["onsite"]]
    assert (remote["sampled_members"], remote["recall"], remote["effort"]) == (1, 1.0, None)
    assert (onsite["sampled_members"], onsite["recall"], onsite["effort"]) == (2, 0.75, 4.0)  # 2 of 4 and 4 of 4
    assert onsite["low"] == pytest.approx(0.75 - 1.96 * 0.25)  # standard deviation 0.3536 over the root of 2
    assert onsite["high"] == pytest.approx(0.75 + 1.96 * 0.25)
    assert (onsite["run_date"], onsite["run_id"]) == (NIGHT.run_date, NIGHT.run_id)


def test_a_sampled_member_of_whom_nothing_was_found_counts_as_zero(spark):
    members = people(spark, 1)
    exact = matches(spark, ("m0", "a"))
    [row] = recall_of(matches(spark), exact, members, {named(members)["remote"]: 2.0}, night=NIGHT).collect()
    assert row["recall"] == 0.0


def test_a_fast_cohort_of_whom_nobody_was_sampled_has_a_row_that_says_so(spark):
    remote = named(people(spark, 1))["remote"]
    none = people(spark, 1).where("false")
    [row] = recall_of(matches(spark), matches(spark), none, {remote: 2.0}, night=NIGHT).collect()
    assert (row["cohort"], row["effort"], row["sampled_members"], row["recall"]) == (remote, 2.0, 0, None)
