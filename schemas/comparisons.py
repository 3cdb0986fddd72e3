"""Suites of rules about a night beside the nights before it."""

from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.suite import Comparison, Profile, Rule, Severity, Suite

SCORE_BINS = 20  # of equal width on [0, 1]


def _days_since_newest(day: str) -> str:
    newest = f"max({day}) FILTER (WHERE {day} <= expected_run_date)"
    return f"array_compact(array(CAST(datediff(max(expected_run_date), {newest}) AS DOUBLE)))"


def _bin_count(number: int) -> str:
    return f"CAST(count_if(least(floor(score * {SCORE_BINS}), {SCORE_BINS - 1}) = {number}) AS DOUBLE)"


ACCEPTED_POSTINGS = Profile("accepted_postings", "count_if(accepted)", _days_since_newest("posted_on"))
ACCEPTED_MEMBERS = Profile("accepted_members", "count_if(accepted)")
ALL_MATCHES = Profile("all_matches", "count(*)")
SCORES = Profile("scores", "count(*)", f"array({', '.join(_bin_count(one) for one in range(SCORE_BINS))})")


def vectors_of(table: str) -> Profile:
    """The mean of those vectors of the table that were drawn."""
    return Profile(f"vectors_of_{table}", "count(drawn)", "coalesce(CAST(vector_avg(drawn) AS ARRAY<DOUBLE>), array())")


def _volume(rows: str, profile: Profile, severity: Severity) -> Comparison:
    return Comparison(
        f"volume_of_{rows}",
        "ratio_to_median",
        minimum="min_volume_ratio",
        maximum="max_volume_ratio",
        severity=severity,
        profile=profile.name,
    )


def _fresh(name: str, profile: Profile, maximum: str) -> Comparison:
    return Comparison(name, "days_since_newest", maximum=maximum, severity="warn", profile=profile.name)


def _drift(table: str) -> Suite:
    profile = vectors_of(table).name
    return Suite(
        table,
        table,
        (
            Comparison("vectors_turn", "turn", maximum="max_vector_turn", severity="warn", profile=profile),
            Comparison(
                "vectors_spread_changes",
                "spread_change",
                maximum="max_vector_spread_change",
                severity="warn",
                profile=profile,
            ),
        ),
    )


INTERACTED = Suite(
    "members", "interactions", (), (Profile("interactions", "count(*)", _days_since_newest("occurred_on")),)
)
SCORED = Suite("recommendations", RECOMMENDATIONS.name, (), (SCORES,))
KEPT = Suite(
    "recommendations",
    RECOMMENDATIONS.name,
    (
        Rule(
            "share_of_lists_kept",
            "coalesce(avg(kept / listed), 1)",
            minimum="min_share_of_lists_kept",
            severity="warn",
        ),
    ),
)

COMPARED = (
    Suite(
        "postings",
        POSTINGS.name,
        (
            _volume("postings", ACCEPTED_POSTINGS, "block"),
            _fresh("days_since_newest_posting", ACCEPTED_POSTINGS, "max_days_since_posting"),
        ),
    ),
    Suite("members", MEMBERS.name, (_volume("members", ACCEPTED_MEMBERS, "block"),)),
    Suite(
        "members",
        "interactions",
        (_fresh("days_since_newest_interaction", INTERACTED.profiles[0], "max_days_since_interaction"),),
    ),
    _drift(POSTING_EMBEDDINGS.name),
    _drift(MEMBER_EMBEDDINGS.name),
    Suite("matches", MATCHES.name, (_volume("matches", ALL_MATCHES, "warn"),)),
    Suite(
        "recommendations",
        RECOMMENDATIONS.name,
        (
            _volume("recommendations", SCORES, "block"),
            Comparison(
                "scores_shift",
                "population_stability_index",
                maximum="max_score_instability",
                severity="warn",
                profile=SCORES.name,
            ),
        ),
    ),
)


def profiles_compared(suite: Suite) -> set[str]:
    """Names of the profiles that the suite's comparisons are about."""
    return {rule.profile for rule in suite.rules if isinstance(rule, Comparison)}
