"""Suites of what ingest has accepted and refused."""

from collections.abc import Mapping, Sequence

from schemas import columns as c
from schemas.comparisons import ACCEPTED_MEMBERS, ACCEPTED_POSTINGS
from schemas.interactions import POSTING_POPULARITY
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.suite import Rule, Suite, always
from schemas.values import EMPLOYMENT_TYPES, SENIORITIES, STATUSES, WORK_MODES

# why a good source's rows are refused on an ordinary night; they say nothing about its quality
ORDINARY_REASONS = ("duplicate", "duplicate_id", "expired", "not_open", "not_yet_posted", "opted_out")
_POSTING_WORDS = {
    c.WORK_MODE: WORK_MODES,
    c.EMPLOYMENT_TYPE: EMPLOYMENT_TYPES,
    c.SENIORITY: SENIORITIES,
    c.STATUS: STATUSES,
}

OF_THIS_RUN = always("rows_of_this_run", "run_date = expected_run_date AND run_id = expected_run_id")


def quoted(words: Sequence[str]) -> str:
    """The words as a list in Spark SQL.

    >>> quoted(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(f"'{word}'" for word in words)


def is_open(posting: str = "") -> str:
    """The condition that a posting is open on the run date; `posting` is the struct's name and a dot."""
    return f"coalesce({posting}status, 'open') = 'open' AND coalesce({posting}expires_on >= expected_run_date, true)"


def _share_rejected(maximum: str) -> Rule:
    unusual = f"NOT accepted AND exists(reasons, reason -> reason NOT IN ({quoted(ORDINARY_REASONS)}))"
    share = f"try_divide(count_if({unusual}), count_if(accepted) + count_if({unusual}))"
    return Rule("share_rejected", share, maximum=maximum)


def _ingested(key: str, enough: str, share: str) -> tuple[Rule, ...]:
    return (
        Rule("enough_rows", "count_if(accepted)", minimum=enough),
        _share_rejected(share),
        always("rejected_rows_have_reasons", "accepted OR size(reasons) > 0"),
        always("ids_present", f"NOT accepted OR length(trim({key})) > 0"),
        Rule("ids_unique", f"count({key}) - count(DISTINCT {key})", maximum=0),
        OF_THIS_RUN,
    )


def _words_known(words: Mapping[str, Sequence[str]]) -> str:
    known = (f"coalesce({column} IN ({quoted(allowed)}), true)" for column, allowed in words.items())
    return f"NOT accepted OR ({' AND '.join(known)})"


def _not_negative(*columns: str) -> str:
    return f"coalesce(least({', '.join(columns)}) >= 0, true)"


INGESTED_POSTINGS = Suite(
    "postings",
    POSTINGS.name,
    (
        *_ingested("posting_id", "min_postings", "max_share_postings_rejected"),
        always("titles_present", "NOT accepted OR length(trim(title)) > 0"),
        always("texts_present", "NOT accepted OR content_hash IS NOT NULL"),
        always("open_on_run_date", f"NOT accepted OR ({is_open()})"),
        always("posted_by_run_date", "NOT accepted OR coalesce(posted_on <= expected_run_date, true)"),
        always("words_known", _words_known(_POSTING_WORDS)),
        always(
            "numbers_in_range",
            f"NOT accepted OR ({_not_negative('min_years', 'salary_min', 'salary_max')}"
            " AND coalesce(salary_min <= salary_max, true))",
        ),
    ),
    (ACCEPTED_POSTINGS,),
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
        always("words_known", _words_known({c.SENIORITY: SENIORITIES})),
        always("numbers_in_range", f"NOT accepted OR {_not_negative('years_of_experience', 'min_salary')}"),
    ),
    (ACCEPTED_MEMBERS,),
)

POPULAR = Suite(
    "members",
    POSTING_POPULARITY.name,
    (
        Rule("popular_postings_unique", "count(*) - count(DISTINCT posting_id)", maximum=0),
        always("popular_with_somebody", "popularity > 0"),
    ),
)
