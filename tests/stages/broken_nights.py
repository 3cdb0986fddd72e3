"""For each rule of each suite, nights of `good_night` that break exactly that rule."""

import datetime
import math

from schemas import ingest_suites, suites
from schemas.suite import Suite
from tests.rows import NIGHT
from tests.stages.good_night import YESTERDAY, Change, add, again, drop, put

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
CONSENT_BROKEN = [
    ("only_members_open_to_recruiters", put("members", open_to_recruiters=False)),
    ("only_members_open_to_recruiters", put("members", open_to_recruiters=None)),
]
BREAKS: dict[Suite, list[tuple[str, Change]]] = {
    ingest_suites.INGESTED_POSTINGS: [
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
        ("posted_by_run_date", put("postings", posted_on=NIGHT.run_date + datetime.timedelta(days=1))),
        ("words_known", put("postings", work_mode="afar")),
        ("words_known", put("postings", seniority="guru")),
        ("numbers_in_range", put("postings", salary_min=50001.0)),
        ("numbers_in_range", put("postings", min_years=-1.0)),
    ],
    ingest_suites.INGESTED_MEMBERS: [
        ("enough_rows", drop("members")),
        ("share_rejected", put("members_rejected", reasons=["missing_id"])),
        ("rejected_rows_have_reasons", put("members_rejected", reasons=[])),
        ("ids_present", put("members", member_id=None)),
        ("ids_unique", put("members", member_id="m2")),
        ("rows_of_this_run", put("members", run_date=None)),
        ("nothing_kept_of_who_opted_out", put("members_rejected", row="{}")),
        ("share_of_empty_profiles", put("members", content_hash=None)),  # 1 of 2
        ("words_known", put("members", seniority="guru")),
        ("numbers_in_range", put("members", min_salary=-1.0)),
    ],
    ingest_suites.POPULAR: [
        ("popular_postings_unique", again("posting_popularity")),
        ("popular_with_somebody", put("posting_popularity", popularity=0)),
        ("popular_with_somebody", put("posting_popularity", popularity=None)),
    ],
    suites.EMBEDDED_POSTINGS: EMBEDDED,
    suites.EMBEDDED_MEMBERS: EMBEDDED[:1],  # the rules are those of the postings
    suites.MATCHED: [
        ("similarity_in_range", put("matches", similarity=1.1)),
        ("similarity_in_range", put("matches", similarity=math.nan)),
        ("similarity_in_range", put("matches", similarity=None)),
        ("made_by_one_student_and_index", put("matches", student_id="another")),
        ("made_by_one_student_and_index", put("matches", index_id=None)),
        ("rows_of_this_run", put("matches", run_id="another")),
    ],
    suites.MATCHES_UNIQUE: [("pairs_unique", again("matches"))],
    suites.MATCHED_POSTINGS: [
        ("postings_are_known", put("matches", posting_id="p7")),
        ("postings_are_known", put("matches", posting_id=None)),
    ],
    suites.MATCHED_MEMBERS: [("members_are_known", put("matches", 1, member_id="m7"))],
    suites.RECALLED: [
        ("recall_of_the_fast_search", put("match_recall", recall=0.98)),
        ("recall_of_the_fast_search", put("match_recall", 1, recall=0.0)),
        ("fast_cohorts_measured", put("match_recall", sampled_members=0)),
        ("recall_of_this_run", put("match_recall", run_id="another")),
    ],
    suites.FUNNELLED: [
        ("funnel_rules_once", put("eligibility_funnel", rule="work_mode")),
        ("funnel_narrows", put("eligibility_funnel", removed=5)),
        ("funnel_narrows", put("eligibility_funnel", removed=-1)),
    ],
    suites.KEPT: [
        (
            "share_of_lists_kept",  # m1 keeps 0 of 2, m2 1 of 2: a quarter
            lambda rows: [
                one.update(posting_id=f"gone{place}") for place, one in enumerate(rows["recommended_before"][:3])
            ],
        ),
    ],
    suites.RECOMMENDED: [
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
    suites.RECOMMENDATIONS_ELIGIBLE: [
        ("postings_are_known", put("recommendations", posting_id="p7")),
        ("members_are_known", put("recommendations", member_id="m7")),
        *RULES_BROKEN,
        ("place_rule_kept", put("recommendations", relaxation="next_region")),  # it lies where the member asked
    ],
    suites.POSTING_MATCHED: [
        ("similarity_in_range", put("matches", similarity=-1.1)),
        ("made_by_one_student_and_index", put("matches", index_id="another")),
        ("rows_of_this_run", put("matches", run_date=YESTERDAY)),
    ],
    suites.POSTING_MATCHES_UNIQUE: [("pairs_unique", again("matches"))],
    suites.POSTING_MATCHES_ELIGIBLE: [
        ("postings_are_known", put("matches", posting_id="p7")),
        ("members_are_known", put("matches", member_id="m7")),
        *RULES_BROKEN,
        *CONSENT_BROKEN,
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
    suites.POSTING_RECOMMENDED: [
        ("similarity_in_range", put("posting_recommendations", similarity=-1.1)),
        ("score_in_range", put("posting_recommendations", score=1.2, score_parts={"similarity": 1.2})),
        ("score_is_the_sum_of_its_parts", put("posting_recommendations", score=0.70001)),
        ("sentences_present", put("posting_recommendations", explanation=None)),
        ("made_by_one_student_and_index", put("posting_recommendations", index_id="another")),
        ("rows_of_this_run", put("posting_recommendations", run_date=YESTERDAY)),
    ],
    suites.POSTING_RECOMMENDATIONS_ELIGIBLE: [
        ("postings_are_known", put("posting_recommendations", posting_id="p7")),
        ("members_are_known", put("posting_recommendations", member_id="m7")),
        *RULES_BROKEN,
        *CONSENT_BROKEN,
    ],
    suites.POSTING_SERVED: [
        ("ranks_without_gaps", put("posting_recommendations", rank=2)),
        ("ranks_without_gaps", put("posting_recommendations", 2, rank=1)),
        ("not_more_than_asked_for", add("posting_recommendations", member_id="m3", rank=3, posting_id="p2")),
        ("members_once_per_list", put("posting_recommendations", 2, member_id="m1")),
    ],
    suites.MEMBER_SHOWN: [
        ("nobody_on_too_many_lists", add("posting_recommendations", member_id="m1", rank=1, posting_id="p3")),
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
        (
            "share_of_members_short",  # both, not one of them
            lambda rows: (
                rows["recommendations"].pop(1),
                rows["shortfalls"].append(rows["shortfalls"][0] | {"member_id": "m1"}),
            ),
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
