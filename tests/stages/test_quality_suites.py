"""Each suite passes a good night, and for each rule there is a night that breaks exactly that rule."""

import copy
from collections.abc import Callable

import pytest

from pipelines.fairness.config import FairnessConfig, ReorderingConfig
from pipelines.ingest import reasons as ingest_reasons
from pipelines.quality import pairs, stage
from pipelines.quality.gate import judge
from pipelines.quality.stage import measure
from schemas import ingest_suites, suites
from schemas.suite import Suite
from tests.rows import NIGHT, frame
from tests.stages.broken_nights import BREAKS
from tests.stages.good_night import GOOD, SCHEMAS, Change, Rows, empty, put
from tests.thresholds import THRESHOLDS

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


def embedded(texts, embeddings):
    return stage.embedded_rows(texts, embeddings, student_id="s", dimension=2, one_in=1)


def judged(table, t):
    return pairs.paired_rows(t(table), t("members"), t("postings"), night=NIGHT, unknown_excludes=())


FRAMES: dict[Suite, Callable] = {
    ingest_suites.INGESTED_POSTINGS: lambda t: stage.ingested_rows(t("postings"), t("postings_rejected"), night=NIGHT),
    ingest_suites.INGESTED_MEMBERS: lambda t: stage.ingested_rows(t("members"), t("members_rejected"), night=NIGHT),
    ingest_suites.POPULAR: lambda t: t("posting_popularity"),
    suites.EMBEDDED_POSTINGS: lambda t: embedded(t("postings"), t("embeddings")),
    suites.EMBEDDED_MEMBERS: lambda t: embedded(t("members"), t("embeddings")),
    suites.MATCHED: lambda t: stage.expecting(t("matches"), NIGHT),
    suites.MATCHES_UNIQUE: lambda t: pairs.hashed_pairs(t("matches")),
    suites.MATCHED_POSTINGS: lambda t: pairs.known_keys(t("matches"), t("postings"), key="posting_id"),
    suites.MATCHED_MEMBERS: lambda t: pairs.known_keys(t("matches"), t("members"), key="member_id"),
    suites.RECALLED: lambda t: stage.expecting(t("match_recall"), NIGHT),
    suites.FUNNELLED: lambda t: t("eligibility_funnel"),
    suites.KEPT: lambda t: stage.kept_lists(t("recommendations"), t("recommended_before"), one_in=1),
    suites.RECOMMENDED: lambda t: stage.expecting(t("recommendations"), NIGHT),
    suites.RECOMMENDATIONS_ELIGIBLE: lambda t: judged("recommendations", t),
    suites.POSTING_MATCHED: lambda t: stage.expecting(t("matches"), NIGHT),
    suites.POSTING_MATCHES_UNIQUE: lambda t: pairs.hashed_pairs(t("matches")),
    suites.POSTING_MATCHES_ELIGIBLE: lambda t: judged("matches", t),
    suites.POSTING_LISTED: lambda t: stage.listed_members(t("posting_lists"), t("matches"), night=NIGHT),
    suites.POSTING_RECOMMENDED: lambda t: stage.expecting(t("posting_recommendations"), NIGHT),
    suites.POSTING_RECOMMENDATIONS_ELIGIBLE: lambda t: judged("posting_recommendations", t),
    suites.POSTING_SERVED: lambda t: stage.lists_of_each(t("posting_recommendations"), "posting_id", most=2),
    suites.MEMBER_SHOWN: lambda t: stage.lists_of_each(t("posting_recommendations"), "member_id", most=2),
    suites.SERVED: lambda t: stage.served_members(
        t("members"), t("recommendations"), t("shortfalls"), recommendations_per_member=2
    ),
    suites.AUDITED: lambda t: stage.expecting(t("fairness_audit"), NIGHT),
}


def failures(spark, suite: Suite, change: Change = lambda rows: None) -> set[str]:
    rows = copy.deepcopy(GOOD)
    change(rows)
    given = FRAMES[suite](lambda table: frame(spark, SCHEMAS[table], *rows[table]))
    measured = [(suite, measure(given, suite).toPandas())]
    config = AUDIT if suite is suites.AUDITED else THRESHOLDS
    return {result.name for result in judge(measured, config).results if not result.passed}


def named(value: object) -> str | None:
    return f"{value.gate}-{value.table}" if isinstance(value, Suite) else value if isinstance(value, str) else ""


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


@pytest.mark.parametrize(
    "suite", [ingest_suites.INGESTED_POSTINGS, ingest_suites.INGESTED_MEMBERS, suites.SERVED], ids=named
)
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
    assert [reason for reason in ingest_suites.ORDINARY_REASONS if reason not in given] == []
