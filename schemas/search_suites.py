"""Quality suites of saved searches: what must be true of them, and of what they found, before anybody reads it."""

from schemas.searches import SAVED_SEARCHES, SEARCH_RECOMMENDATIONS, SEARCH_SHORTFALLS
from schemas.suite import Rule, Suite, always
from schemas.suites import LISTS, RECOMMENDATIONS_ELIGIBLE, RECOMMENDED

CRITERIA = ("city", "excluded_place", "seniority", "company", "title", "posted")  # what only a saved search asks for

INGESTED_SEARCHES = Suite(
    SAVED_SEARCHES.name,
    SAVED_SEARCHES.name,
    (
        always("rejected_rows_have_reasons", "accepted OR size(reasons) > 0"),
        always("ids_present", "NOT accepted OR length(trim(search_id)) > 0"),
        Rule("ids_unique", "count(search_id) - count(DISTINCT search_id)", maximum=0),
        always("understanding_can_be_read", "NOT accepted OR length(trim(understood_as)) > 0"),
        always("nothing_kept_of_who_opted_out", "row IS NULL OR NOT array_contains(reasons, 'opted_out')"),
        always("rows_of_this_run", "run_date = expected_run_date AND run_id = expected_run_id"),
    ),
)

SEARCHED = Suite(  # a search stands in the place of a member
    SEARCH_RECOMMENDATIONS.name,
    SEARCH_RECOMMENDATIONS.name,
    (
        *RECOMMENDED.rules,
        Rule("postings_unique", "count(*) - count(DISTINCT struct(member_id, posting_id))", maximum=0),
        Rule("ranks_unique", "count(*) - count(DISTINCT struct(member_id, rank))", maximum=0),
        always("nothing_beyond_what_was_asked_for", "relaxation IS NULL"),
        always("told_what_brought_it", "brought_by IN ('wish', 'profile') AND is_new IS NOT NULL"),
    ),
)

SEARCHES_ELIGIBLE = Suite(
    SEARCH_RECOMMENDATIONS.name,
    SEARCH_RECOMMENDATIONS.name,
    (
        *RECOMMENDATIONS_ELIGIBLE.rules,
        *(always(f"{rule}_criterion_kept", f"{rule}_criterion_kept") for rule in CRITERIA),
    ),
)

SEARCHES_SERVED = Suite(SEARCH_RECOMMENDATIONS.name, SEARCH_SHORTFALLS.name, LISTS)

SUITES = (INGESTED_SEARCHES, SEARCHED, SEARCHES_ELIGIBLE, SEARCHES_SERVED)
