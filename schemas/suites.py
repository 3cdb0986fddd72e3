"""Quality suites: what must be true of a night's tables before anybody reads them.

The frames that the measures read are made in `pipelines/quality/stage.py`.
"""

from collections.abc import Sequence

from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.matches import MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALL_REASONS, SHORTFALLS
from schemas.suite import Rule, Suite, always

# why a good source's rows are refused on an ordinary night; they say nothing about its quality
ORDINARY_REASONS = ("duplicate", "duplicate_id", "expired", "not_open", "not_yet_posted", "opted_out")
ELIGIBILITY_RULES = ("place", "work_mode", "employment_type", "language", "experience", "salary")


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _open(posting: str = "") -> str:
    return f"coalesce({posting}status, 'open') = 'open' AND coalesce({posting}expires_on >= expected_run_date, true)"


def _share_rejected(maximum: str) -> Rule:
    unusual = f"NOT accepted AND exists(reasons, reason -> reason NOT IN ({_quoted(ORDINARY_REASONS)}))"
    share = f"try_divide(count_if({unusual}), count_if(accepted) + count_if({unusual}))"
    return Rule("share_rejected", share, maximum=maximum)


def _ingested(key: str, enough: str, share: str) -> tuple[Rule, ...]:
    return (
        Rule("enough_rows", "count_if(accepted)", minimum=enough),
        _share_rejected(share),
        always("rejected_rows_have_reasons", "accepted OR size(reasons) > 0"),
        always("ids_present", f"NOT accepted OR length(trim({key})) > 0"),
        Rule("ids_unique", f"count({key}) - count(DISTINCT {key})", maximum=0),
        _OF_THIS_RUN,
    )


def _embedded(table: str) -> Suite:
    finite = "coalesce(NOT isnan(vector_norm(vector)) AND vector_norm(vector) < float('infinity'), false)"
    return Suite(
        table,
        table,
        (
            always("texts_have_a_vector", "vector IS NOT NULL"),
            Rule("texts_have_one_vector", "count(*) - count(DISTINCT content_hash)", maximum=0),
            always("vectors_finite", f"vector IS NULL OR {finite}"),
            always("vectors_have_the_dimension", "vector IS NULL OR size(vector) = expected_dimension"),
            Rule(
                "vectors_of_unit_length",
                f"coalesce(max(abs(vector_norm(vector) - 1)) FILTER (WHERE {finite}), 0)",
                maximum="max_vector_length_error",
            ),
            always("vectors_of_the_student", "vector IS NULL OR student_id = expected_student_id"),
        ),
    )


_OF_THIS_RUN = always("rows_of_this_run", "run_date = expected_run_date AND run_id = expected_run_id")
_RECALL_OF_THIS_RUN = Rule("recall_of_this_run", _OF_THIS_RUN.measure, maximum=0)
_SIMILARITY = always("similarity_in_range", "similarity BETWEEN -1 AND 1")
_KNOWN = (always("postings_are_known", "posting IS NOT NULL"), always("members_are_known", "member IS NOT NULL"))
_PAIRS_UNIQUE = Rule("pairs_unique", "count(*) - count(DISTINCT struct(member_id, posting_id))", maximum=0)
_RULES_KEPT = (
    always("open_on_run_date", f"posting IS NULL OR ({_open('posting.')})"),
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
_MADE_BY_ONE = Rule(
    "made_by_one_student_and_index",
    "count_if(student_id IS NULL OR index_id IS NULL)"
    " + if(min(struct(student_id, index_id)) <=> max(struct(student_id, index_id)), 0, 1)",
    maximum=0,
)

INGESTED_POSTINGS = Suite(
    "postings",
    POSTINGS.name,
    (
        *_ingested("posting_id", "min_postings", "max_share_postings_rejected"),
        always("titles_present", "NOT accepted OR length(trim(title)) > 0"),
        always("texts_present", "NOT accepted OR content_hash IS NOT NULL"),
        always("open_on_run_date", f"NOT accepted OR ({_open()})"),
    ),
)

INGESTED_MEMBERS = Suite(
    "members",
    MEMBERS.name,
    (
        *_ingested("member_id", "min_members", "max_share_members_rejected"),
        always("nothing_kept_of_who_opted_out", "row IS NULL OR NOT array_contains(reasons, 'opted_out')"),
        Rule(
            "share_of_empty_profiles",
            "try_divide(count_if(accepted AND content_hash IS NULL), count_if(accepted))",
            maximum="max_share_empty_profiles",
            severity="warn",
        ),
    ),
)

EMBEDDED_POSTINGS = _embedded(POSTING_EMBEDDINGS.name)
EMBEDDED_MEMBERS = _embedded(MEMBER_EMBEDDINGS.name)

MATCHED = Suite(
    "matches",
    MATCHES.name,
    (
        _PAIRS_UNIQUE,
        *_KNOWN,
        _SIMILARITY,
        _MADE_BY_ONE,
        _OF_THIS_RUN,
    ),
)

RECALLED = Suite(
    "matches",
    MATCH_RECALL.name,
    (
        Rule("recall_of_the_fast_search", "coalesce(min(recall), 1)", minimum="min_recall"),
        always("fast_cohorts_measured", "effort IS NULL OR sampled_members > 0"),
        _RECALL_OF_THIS_RUN,
    ),
)

POSTING_MATCHED = Suite(
    "posting_matches",
    POSTING_MATCHES.name,
    (
        _PAIRS_UNIQUE,
        *_KNOWN,
        *_RULES_KEPT,
        _SIMILARITY,
        _MADE_BY_ONE,
        _OF_THIS_RUN,
    ),
)

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
        *_KNOWN,
        *_RULES_KEPT,
        _SIMILARITY,
        always("score_in_range", "score BETWEEN 0 AND 1"),
        always(
            "score_is_the_sum_of_its_parts",
            "abs(score - aggregate(map_values(score_parts), 0D, (total, part) -> total + part)) <= 1e-9",
        ),
        always("propensities_where_drawn", "coalesce(propensity > 0 AND propensity < 1, NOT by_lot)"),
        always("sentences_present", "length(trim(explanation.sentence)) > 0"),
        _MADE_BY_ONE,
        _OF_THIS_RUN,
    ),
)

SERVED = Suite(
    "recommendations",
    SHORTFALLS.name,
    (
        always(
            "ranks_without_gaps", "recommended = 0 OR (lowest = 1 AND highest = recommended AND ranks = recommended)"
        ),
        always("relaxed_rows_come_last", "coalesce(last_asked_for < first_relaxed, true)"),
        always("postings_once_per_member", "postings = recommended"),
        always("not_more_than_asked_for", "recommended <= asked_for"),
        always("short_members_have_a_reason", f"recommended >= asked_for OR reason IN ({_quoted(SHORTFALL_REASONS)})"),
        always("shortfalls_count_right", "counted IS NULL OR (counted = recommended AND counted < asked_for)"),
        Rule(
            "share_of_members_served",
            "try_divide(count_if(recommended > 0),"
            " count_if(recommended > 0 OR coalesce(reason, '') NOT IN ('empty_profile', 'no_eligible_posting')))",
            minimum="min_share_members_served",
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
        _OF_THIS_RUN,
    ),
)


SUITES = (
    *(INGESTED_POSTINGS, INGESTED_MEMBERS, EMBEDDED_POSTINGS, EMBEDDED_MEMBERS),
    *(MATCHED, RECALLED, RECOMMENDED, SERVED, POSTING_MATCHED, POSTING_LISTED, AUDITED),
)
