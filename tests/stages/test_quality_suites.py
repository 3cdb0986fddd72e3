"""Each suite passes a good night, and for each rule there is a night that breaks exactly that rule."""

import copy
import math
from collections.abc import Callable

import pytest

from pipelines.fairness.config import FairnessConfig, ReorderingConfig
from pipelines.ingest import reasons as ingest_reasons
from pipelines.quality import stage
from pipelines.quality.config import QualityConfig
from pipelines.quality.gate import judge
from pipelines.quality.stage import measure
from schemas import suites
from tests.rows import NIGHT, frame
from tests.stages.good_night import GOOD, SCHEMAS, YESTERDAY, Change, Rows, add, again, drop, empty, put

CONFIG = QualityConfig(
    max_share_postings_rejected=0.2,
    max_share_members_rejected=0.2,
    min_postings=2,
    min_members=2,
    max_rows=1_000,
    max_share_empty_profiles=0.2,
    min_share_members_served=0.9,
    min_recall=0.99,
    max_vector_length_error=0.001,
)
AUDIT = FairnessConfig(
    k=[1],
    min_group_size=2,
    max_groups=2,
    max_members=1,
    max_postings=1,
    well_paid_quantile=0.75,
    resamples=99,
    seed=7,
    confidence=0.95,
    min_impact_ratio=0.8,
    max_skew=0.25,
    max_findings=0,
    calibration_days=7,
    reordering=ReorderingConfig(enabled=False, attribute="", targets={}),
)
FRAMES: dict[suites.Suite, Callable] = {
    suites.INGESTED_POSTINGS: lambda t: stage.ingested_rows(t("postings"), t("postings_rejected"), night=NIGHT),
    suites.INGESTED_MEMBERS: lambda t: stage.ingested_rows(t("members"), t("members_rejected"), night=NIGHT),
    suites.EMBEDDED_POSTINGS: lambda t: stage.embedded_rows(
        t("postings"), t("embeddings"), student_id="s", dimension=2
    ),
    suites.EMBEDDED_MEMBERS: lambda t: stage.embedded_rows(t("members"), t("embeddings"), student_id="s", dimension=2),
    suites.MATCHED: lambda t: stage.matched_rows(t("matches"), t("members"), t("postings"), night=NIGHT),
    suites.RECALLED: lambda t: stage.expecting(t("match_recall"), NIGHT),
    suites.RECOMMENDED: lambda t: stage.paired_rows(
        t("recommendations"), t("members"), t("postings"), night=NIGHT, unknown_excludes=()
    ),
    suites.POSTING_MATCHED: lambda t: stage.paired_rows(
        t("matches"), t("members"), t("postings"), night=NIGHT, unknown_excludes=()
    ),
    suites.POSTING_LISTED: lambda t: stage.listed_members(t("posting_lists"), t("matches"), night=NIGHT),
    suites.SERVED: lambda t: stage.served_members(
        t("members"), t("recommendations"), t("shortfalls"), recommendations_per_member=2
    ),
    suites.AUDITED: lambda t: stage.expecting(t("fairness_audit"), NIGHT),
}


EMBEDDED = [
    ("texts_have_a_vector", drop("embeddings")),
    ("texts_have_a_vector", put("embeddings", vector=None)),
    ("texts_have_one_vector", again("embeddings")),
    ("vectors_finite", put("embeddings", vector=[math.nan, 1.0])),
    ("vectors_finite", put("embeddings", vector=[math.inf, 1.0])),
    ("vectors_finite", put("embeddings", vector=[None, 1.0])),
    ("vectors_have_the_dimension", put("embeddings", vector=[1.0])),
    ("vectors_of_unit_length", put("embeddings", vector=[0.6, 0.81])),
    ("vectors_of_unit_length", put("embeddings", vector=[0.0, 0.0])),
    ("vectors_of_the_student", put("embeddings", student_id="another")),
    ("vectors_of_the_student", put("embeddings", student_id=None)),
]
RULES_BROKEN = [
    ("open_on_run_date", put("postings", status="closed")),
    ("open_on_run_date", put("postings", expires_on=YESTERDAY)),
    ("place_rule_kept", put("members", places=[("FR", None, None), ("DE", "Bavaria", None)])),
    ("work_mode_rule_kept", put("members", work_modes=["remote"])),
    ("employment_type_rule_kept", put("members", employment_types=["part_time"])),
    ("language_rule_kept", put("members", languages=["en"])),
    ("experience_rule_kept", put("members", years_of_experience=1.9)),
    ("salary_rule_kept", put("members", min_salary=50001.0)),
    ("excluded_companies_kept_out", put("members", excluded_company_keys=["clinic"])),
    ("excluded_postings_kept_out", put("members", excluded_posting_ids=["p1"])),
]
BREAKS: dict[suites.Suite, list[tuple[str, Change]]] = {
    suites.INGESTED_POSTINGS: [
        ("enough_rows", drop("postings")),
        ("share_rejected", put("postings_rejected", reasons=["expired", "missing_title"])),  # 1 of 3
        ("rejected_rows_have_reasons", put("postings_rejected", reasons=[])),
        ("rejected_rows_have_reasons", put("postings_rejected", reasons=None)),
        ("ids_present", put("postings", posting_id=" ")),
        ("ids_present", put("postings", posting_id=None)),
        ("ids_unique", put("postings", posting_id="p2")),
        ("rows_of_this_run", put("postings", run_id="another")),
        ("rows_of_this_run", put("postings_rejected", run_date=YESTERDAY)),
        ("titles_present", put("postings", title=None)),
        ("texts_present", put("postings", content_hash=None)),
        ("open_on_run_date", put("postings", status="closed")),
        ("open_on_run_date", put("postings", expires_on=YESTERDAY)),
    ],
    suites.INGESTED_MEMBERS: [
        ("enough_rows", drop("members")),
        ("share_rejected", put("members_rejected", reasons=["missing_id"])),
        ("rejected_rows_have_reasons", put("members_rejected", reasons=[])),
        ("ids_present", put("members", member_id=None)),
        ("ids_unique", put("members", member_id="m2")),
        ("rows_of_this_run", put("members", run_date=None)),
        ("nothing_kept_of_who_opted_out", put("members_rejected", row="{}")),
        ("share_of_empty_profiles", put("members", content_hash=None)),  # 1 of 2
    ],
    suites.EMBEDDED_POSTINGS: EMBEDDED,
    suites.EMBEDDED_MEMBERS: EMBEDDED[:1],  # the rules are those of the postings
    suites.MATCHED: [
        ("pairs_unique", again("matches")),
        ("postings_are_known", put("matches", posting_id="p7")),
        ("members_are_known", put("matches", member_id="m7")),
        ("similarity_in_range", put("matches", similarity=1.1)),
        ("similarity_in_range", put("matches", similarity=math.nan)),
        ("similarity_in_range", put("matches", similarity=None)),
        ("made_by_one_student_and_index", put("matches", student_id="another")),
        ("made_by_one_student_and_index", put("matches", index_id=None)),
        ("rows_of_this_run", put("matches", run_id="another")),
    ],
    suites.RECALLED: [
        ("recall_of_the_fast_search", put("match_recall", recall=0.98)),
        ("recall_of_the_fast_search", put("match_recall", 1, recall=0.0)),
        ("fast_cohorts_measured", put("match_recall", sampled_members=0)),
        ("recall_of_this_run", put("match_recall", run_id="another")),
    ],
    suites.RECOMMENDED: [
        ("postings_are_known", put("recommendations", posting_id="p7")),
        ("members_are_known", put("recommendations", member_id="m7")),
        *RULES_BROKEN,
        ("place_rule_kept", put("recommendations", relaxation="next_region")),  # it lies where the member asked
        ("similarity_in_range", put("recommendations", similarity=-1.1)),
        ("score_in_range", put("recommendations", score=1.2, score_parts={"similarity": 1.2})),
        ("score_is_the_sum_of_its_parts", put("recommendations", score=0.70001)),
        ("score_is_the_sum_of_its_parts", put("recommendations", score_parts=None)),
        ("propensities_where_drawn", put("recommendations", by_lot=True)),
        ("propensities_where_drawn", put("recommendations", by_lot=None)),
        ("propensities_where_drawn", put("recommendations", by_lot=True, propensity=1.0)),
        ("sentences_present", put("recommendations", explanation=([], [], [], [], [], None, " "))),
        ("sentences_present", put("recommendations", explanation=None)),
        ("made_by_one_student_and_index", put("recommendations", index_id="another")),
        ("rows_of_this_run", put("recommendations", run_date=YESTERDAY)),
    ],
    suites.POSTING_MATCHED: [
        ("pairs_unique", again("matches")),
        ("postings_are_known", put("matches", posting_id="p7")),
        ("members_are_known", put("matches", member_id="m7")),
        *RULES_BROKEN,
        ("similarity_in_range", put("matches", similarity=-1.1)),
        ("made_by_one_student_and_index", put("matches", index_id="another")),
        ("rows_of_this_run", put("matches", run_date=YESTERDAY)),
    ],
    suites.POSTING_LISTED: [
        ("lists_hold_who_was_found", drop("posting_lists")),
        ("lists_hold_who_was_found", drop("matches")),
        ("lists_hold_who_was_found", add("matches", member_id="m2", posting_id="p1")),
        ("list_ranks_without_gaps", put("posting_lists", rank=2)),
        ("members_once_per_list", add("posting_lists", posting_id="p1", rank=2, member_id="m1")),
        ("lists_of_this_run", put("posting_lists", run_id="another")),
        ("lists_of_this_run", put("posting_lists", run_date=YESTERDAY)),
    ],
    suites.SERVED: [
        ("ranks_without_gaps", put("recommendations", 1, rank=3)),
        ("ranks_without_gaps", put("recommendations", 1, rank=1)),
        ("ranks_without_gaps", put("recommendations", 0, rank=0)),
        ("relaxed_rows_come_last", put("recommendations", relaxation="next_region")),
        ("postings_once_per_member", put("recommendations", 1, posting_id="p1")),
        ("not_more_than_asked_for", add("recommendations", member_id="m1", rank=3, posting_id="p3")),
        ("short_members_have_a_reason", drop("shortfalls")),
        ("short_members_have_a_reason", put("shortfalls", reason=None)),
        ("short_members_have_a_reason", put("shortfalls", reason="bad luck")),
        ("shortfalls_count_right", put("shortfalls", recommendations=0)),
        ("shortfalls_count_right", add("shortfalls", member_id="m1", recommendations=2)),
        (
            "share_of_members_served",  # 1 of 2 who have eligible postings
            lambda rows: (rows["recommendations"].pop(2), rows["shortfalls"][0].update(recommendations=0)),
        ),
    ],
    suites.AUDITED: [
        ("impact_ratio", put("fairness_audit", high=0.79)),
        ("skew", put("fairness_audit", 1, high=-0.26)),
        ("skew", put("fairness_audit", 1, low=0.26, high=0.5)),
        ("skew", put("fairness_audit", 1, low=-math.inf, high=-math.inf)),  # a group without any share
        ("findings", put("fairness_audit", 2, finding=True)),
        ("rows_of_this_run", put("fairness_audit", run_id="another")),
    ],
}


def failures(spark, suite: suites.Suite, change: Change = lambda rows: None) -> set[str]:
    rows = copy.deepcopy(GOOD)
    change(rows)
    given = FRAMES[suite](lambda table: frame(spark, SCHEMAS[table], *rows[table]))
    measures = measure(given, suite).toPandas()
    config = AUDIT if suite is suites.AUDITED else CONFIG
    return {result.name for result in judge(measures, suite, config) if not result.passed}


def named(value: object) -> str | None:
    return f"{value.gate}-{value.table}" if isinstance(value, suites.Suite) else value if isinstance(value, str) else ""


@pytest.mark.parametrize("suite", suites.SUITES, ids=named)
def test_a_good_night_passes(spark, suite):
    assert failures(spark, suite) == set()


@pytest.mark.parametrize(
    ("suite", "rule", "change"), [(suite, *one) for suite, breaks in BREAKS.items() for one in breaks], ids=named
)
def test_a_broken_rule_fails_and_no_other_does(spark, suite, rule, change):
    assert failures(spark, suite, change) == {rule}


def test_every_rule_has_a_night_that_breaks_it():
    covered = {suite: {rule for rule, _ in breaks} for suite, breaks in BREAKS.items()}
    covered[suites.EMBEDDED_MEMBERS] |= covered[suites.EMBEDDED_POSTINGS]
    assert covered == {suite: {rule.name for rule in suite.rules} for suite in suites.SUITES}


@pytest.mark.parametrize("suite", [suites.INGESTED_POSTINGS, suites.INGESTED_MEMBERS, suites.SERVED], ids=named)
def test_a_night_without_rows_does_not_pass(spark, suite):
    assert failures(spark, suite, empty)


def test_a_night_without_new_texts_passes_the_gate_of_the_embeddings(spark):
    assert failures(spark, suites.EMBEDDED_POSTINGS, empty) == set()


def test_a_night_without_a_fast_search_passes_the_gate_of_its_recall(spark):
    assert failures(spark, suites.RECALLED, empty) == set()


def test_an_exact_cohort_of_whom_nobody_was_sampled_passes(spark):
    change = put("match_recall", 1, sampled_members=0, recall=None)
    assert failures(spark, suites.RECALLED, change) == set()


def test_members_without_any_eligible_posting_do_not_lower_the_share_served(spark):
    def change(rows: Rows) -> None:
        rows["recommendations"].pop(2)
        rows["shortfalls"][0].update(recommendations=0, reason="no_eligible_posting")

    assert failures(spark, suites.SERVED, change) == set()


def test_refusals_that_ordinary_nights_bring_are_those_that_ingest_gives(spark):
    given = str(ingest_reasons.posting_reasons(NIGHT.run_date, 180)) + str(ingest_reasons.member_reasons())
    given += f"{ingest_reasons.DUPLICATE_ID} {ingest_reasons.DUPLICATE}"
    assert [reason for reason in suites.ORDINARY_REASONS if reason not in given] == []
