"""Quality suites: what must be true of a night's tables before anybody reads them.

The frames that the measures read are made in `pipelines/quality/stage.py`.
"""

from schemas.comparisons import ALL_MATCHES, KEPT, vectors_of
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.ingest_suites import INGESTED_MEMBERS, INGESTED_POSTINGS, OF_THIS_RUN, POPULAR, is_open, quoted
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS, SHORTFALL_REASONS, SHORTFALLS
from schemas.suite import Rule, Suite, always

ELIGIBILITY_RULES = ("place", "work_mode", "employment_type", "language", "experience", "salary")


def _embedded(table: str) -> Suite:
    finite = "coalesce(NOT isnan(length) AND length < float('infinity'), false)"
    return Suite(
        table,
        table,
        (
            always("texts_have_a_vector", "dimension IS NOT NULL"),
            Rule("texts_have_one_vector", "count(*) - count(DISTINCT content_hash)", maximum=0),
            always("vectors_finite", f"dimension IS NULL OR {finite}"),
            always("vectors_have_the_dimension", "dimension IS NULL OR dimension = expected_dimension"),
            Rule(
                "vectors_of_unit_length",
                f"coalesce(max(abs(length - 1)) FILTER (WHERE {finite}), 0)",
                maximum="max_vector_length_error",
            ),
            always("vectors_of_the_student", "dimension IS NULL OR student_id = expected_student_id"),
        ),
        (vectors_of(table),),
    )


_RECALL_OF_THIS_RUN = Rule("recall_of_this_run", OF_THIS_RUN.measure, maximum=0)
_SIMILARITY = always("similarity_in_range", "similarity BETWEEN -1 AND 1")
_KNOWN = (always("postings_are_known", "posting IS NOT NULL"), always("members_are_known", "member IS NOT NULL"))
_RULES_KEPT = (
    always("open_on_run_date", f"posting IS NULL OR ({is_open('posting.')})"),
    *(always(f"{rule}_rule_kept", f"{rule}_rule_kept") for rule in ELIGIBILITY_RULES),
    always(
        "excluded_companies_kept_out",
        "NOT coalesce(array_contains(member.excluded_company_keys, posting.company_key), false)",
    ),
    always(
        "excluded_postings_kept_out",
        "NOT coalesce(array_contains(member.excluded_posting_ids, posting_id), false)",
    ),
)
_CONSENT = always("only_members_open_to_recruiters", "coalesce(member.open_to_recruiters, member IS NULL)")
_MADE_BY_ONE = Rule(  # of numbers, which Spark aggregates in compiled code
    "made_by_one_student_and_index",
    "count_if(student_id IS NULL OR index_id IS NULL)"
    " + if(min(xxhash64(student_id, index_id)) <=> max(xxhash64(student_id, index_id)), 0, 1)",
    maximum=0,
)
_FOUND = (_SIMILARITY, _MADE_BY_ONE, OF_THIS_RUN)
_EXPLAINED_SCORES = (
    always("score_in_range", "score BETWEEN 0 AND 1"),
    always(
        "score_is_the_sum_of_its_parts",
        "abs(score - aggregate(map_values(score_parts), 0D, (total, part) -> total + part)) <= 1e-9",
    ),
    always("sentences_present", "length(trim(explanation.sentence)) > 0"),
)


def _unique(table: str) -> Suite:
    return Suite(table, table, (Rule("pairs_unique", "count(*) - count(DISTINCT hash, other_hash)", maximum=0),))


def _known(column: str) -> Suite:
    measure = "coalesce(sum(rows) FILTER (WHERE NOT known), 0)"
    return Suite("matches", MATCHES.name, (Rule(f"{column}s_are_known", measure, maximum=0),))


def _eligible(table: str, *more: Rule) -> Suite:
    return Suite(table, table, (*_KNOWN, *_RULES_KEPT, *more))


EMBEDDED_POSTINGS = _embedded(POSTING_EMBEDDINGS.name)
EMBEDDED_MEMBERS = _embedded(MEMBER_EMBEDDINGS.name)

MATCHED = Suite(
    "matches",
    MATCHES.name,
    _FOUND,
    (ALL_MATCHES,),
)
MATCHES_UNIQUE = _unique(MATCHES.name)
MATCHED_POSTINGS, MATCHED_MEMBERS = _known("posting"), _known("member")

RECALLED = Suite(
    "matches",
    MATCH_RECALL.name,
    (
        Rule("recall_of_the_fast_search", "coalesce(min(recall), 1)", minimum="min_recall"),
        always("fast_cohorts_measured", "effort IS NULL OR sampled_members > 0"),
        _RECALL_OF_THIS_RUN,
    ),
)

FUNNELLED = Suite(
    "matches",
    ELIGIBILITY_FUNNEL.name,
    (
        Rule("funnel_rules_once", "count(*) - count(DISTINCT rule)", maximum=0),
        always("funnel_narrows", "removed BETWEEN 0 AND pairs_before"),
    ),
)

POSTING_MATCHED = Suite("posting_matches", POSTING_MATCHES.name, _FOUND)
POSTING_MATCHES_UNIQUE = _unique(POSTING_MATCHES.name)
POSTING_MATCHES_ELIGIBLE = _eligible(POSTING_MATCHES.name, _CONSENT)

POSTING_LISTED = Suite(
    "posting_lists",
    POSTING_LISTS.name,
    (
        always("lists_hold_who_was_found", "found = pairs AND listed = pairs"),
        always("list_ranks_without_gaps", "listed = 0 OR (lowest = 1 AND highest = listed AND ranks = listed)"),
        always("members_once_per_list", "members = pairs"),
        always("lists_of_this_run", "strange = 0"),
    ),
)

RECOMMENDED = Suite(
    "recommendations",
    RECOMMENDATIONS.name,
    (
        *_FOUND,
        *_EXPLAINED_SCORES,
        always("propensities_where_drawn", "coalesce(propensity > 0 AND propensity < 1, NOT by_lot)"),
    ),
)
RECOMMENDATIONS_ELIGIBLE = _eligible(RECOMMENDATIONS.name)

POSTING_RECOMMENDED = Suite("posting_recommendations", POSTING_RECOMMENDATIONS.name, (*_FOUND, *_EXPLAINED_SCORES))
POSTING_RECOMMENDATIONS_ELIGIBLE = _eligible(POSTING_RECOMMENDATIONS.name, _CONSENT)

POSTING_SERVED = Suite(
    "posting_recommendations",
    POSTING_RECOMMENDATIONS.name,
    (
        always("ranks_without_gaps", "lowest = 1 AND highest = rows AND ranks = rows"),
        always("not_more_than_asked_for", "rows <= most"),
        always("members_once_per_list", "members = rows"),
    ),
)

MEMBER_SHOWN = Suite(
    "posting_recommendations", POSTING_RECOMMENDATIONS.name, (always("nobody_on_too_many_lists", "rows <= most"),)
)

LISTS = (  # of members, and of saved searches that stand in their place
    always("ranks_without_gaps", "recommended = 0 OR (lowest = 1 AND highest = recommended AND ranks = recommended)"),
    always("postings_once_per_member", "postings = recommended"),
    always("not_more_than_asked_for", "recommended <= asked_for"),
    always("short_members_have_a_reason", f"recommended >= asked_for OR reason IN ({quoted(SHORTFALL_REASONS)})"),
    always("shortfalls_count_right", "counted IS NULL OR (counted = recommended AND counted < asked_for)"),
)
SERVED = Suite(
    "recommendations",
    SHORTFALLS.name,
    (
        *LISTS,
        always("relaxed_rows_come_last", "coalesce(last_asked_for < first_relaxed, true)"),
        Rule(
            "share_of_members_served",
            "try_divide(count_if(recommended > 0),"
            " count_if(recommended > 0 OR coalesce(reason, '') NOT IN ('empty_profile', 'no_eligible_posting')))",
            minimum="min_share_members_served",
        ),
        Rule(
            "share_of_members_short",
            "try_divide(count_if(recommended < asked_for), count(*))",
            maximum="max_share_members_short",
            severity="warn",
        ),
    ),
)

AUDITED = Suite(  # a night is judged by what the intervals leave no doubt of
    "fairness",
    FAIRNESS_AUDIT.name,
    (
        Rule(
            "impact_ratio",
            "coalesce(min(high) FILTER (WHERE metric = 'impact_ratio'), 1)",
            minimum="min_impact_ratio",
            severity="warn",
        ),
        Rule(
            "skew",
            "coalesce(max(greatest(low, -high, 0)) FILTER (WHERE metric = 'skew'), 0)",
            maximum="max_skew",
            severity="warn",
        ),
        Rule("findings", "count_if(finding)", maximum="max_findings", severity="warn"),
        OF_THIS_RUN,
    ),
)


SUITES = (
    *(INGESTED_POSTINGS, INGESTED_MEMBERS, POPULAR, EMBEDDED_POSTINGS, EMBEDDED_MEMBERS),
    *(MATCHED, MATCHES_UNIQUE, MATCHED_POSTINGS, MATCHED_MEMBERS, RECALLED, FUNNELLED),
    *(RECOMMENDED, RECOMMENDATIONS_ELIGIBLE, SERVED, KEPT),
    *(POSTING_MATCHED, POSTING_MATCHES_UNIQUE, POSTING_MATCHES_ELIGIBLE, POSTING_LISTED),
    *(POSTING_RECOMMENDED, POSTING_RECOMMENDATIONS_ELIGIBLE, POSTING_SERVED, MEMBER_SHOWN, AUDITED),
)
