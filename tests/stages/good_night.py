"""The rows of a good night, table by table, and the ways to spoil them."""

import datetime
from collections.abc import Callable

from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from tests.rows import NIGHT

Rows = dict[str, list[dict]]
Change = Callable[[Rows], object]

YESTERDAY = NIGHT.run_date - datetime.timedelta(days=1)
SCHEMAS = {
    "postings": POSTINGS.schema,
    "members": MEMBERS.schema,
    "postings_rejected": POSTINGS_REJECTED.schema,
    "members_rejected": MEMBERS_REJECTED.schema,
    "embeddings": POSTING_EMBEDDINGS.schema,
    "matches": MATCHES.schema,
    "match_recall": MATCH_RECALL.schema,
    "posting_lists": POSTING_LISTS.schema,
    "recommendations": RECOMMENDATIONS.schema,
    "posting_recommendations": POSTING_RECOMMENDATIONS.schema,
    "recommended_before": RECOMMENDATIONS.schema,
    "posting_popularity": POSTING_POPULARITY.schema,
    "eligibility_funnel": ELIGIBILITY_FUNNEL.schema,
    "shortfalls": SHORTFALLS.schema,
    "fairness_audit": FAIRNESS_AUDIT.schema,
}


def recommendation(member: str, rank: int, posting: str) -> dict:
    return {
        "member_id": member,
        "rank": rank,
        "posting_id": posting,
        "score": 0.7,
        "similarity": 0.8,
        "by_lot": False,
        "score_parts": {"similarity": 0.5, "skills": 0.2},
        "explanation": ([], [], [], [], [], None, "Posted today."),
        "student_id": "s",
        "index_id": "i",
    }


GOOD: Rows = {
    "postings": [
        {
            "posting_id": "p1",
            "title": "Nurse",
            "content_hash": "h1",
            "status": "open",
            "expires_on": NIGHT.run_date,
            "company_key": "clinic",
            "country": "DE",
            "region": "Hesse",
            "work_mode": "onsite",
            "employment_type": "full_time",
            "languages": ["de"],
            "min_years": 2.0,
            "salary_max": 50000.0,
            "salary_currency": "EUR",
        },
        {"posting_id": "p2", "title": "Cook", "content_hash": "h2", "status": "open"},
    ],
    "postings_rejected": [{"source_row": "p3", "reasons": ["expired"]}],
    "members": [
        {
            "member_id": "m1",
            "content_hash": "h1",
            "places": [("DE", "Hesse", None)],
            "work_modes": ["onsite"],
            "employment_types": ["full_time"],
            "languages": ["de", "en"],
            "years_of_experience": 2.0,
            "min_salary": 50000.0,
            "salary_currency": "EUR",
            "excluded_company_keys": ["bar"],
            "excluded_posting_ids": ["p9"],
            "open_to_recruiters": True,
        },
        {"member_id": "m2", "content_hash": "h2", "open_to_recruiters": True},
    ],
    "members_rejected": [{"source_row": "m3", "reasons": ["opted_out"]}],
    "embeddings": [
        {"student_id": "s", "content_hash": "h1", "vector": [0.6, 0.8]},
        {"student_id": "s", "content_hash": "h2", "vector": [1.0, 0.0]},
    ],
    "matches": [
        {"member_id": "m1", "posting_id": posting, "similarity": 0.8, "student_id": "s", "index_id": "i"}
        for posting in ("p1", "p2")
    ],
    "posting_lists": [{"posting_id": posting, "rank": 1, "member_id": "m1"} for posting in ("p1", "p2")],
    "match_recall": [
        {"cohort": "{}", "effort": 4.0, "sampled_members": 200, "recall": 0.992, "low": 0.99, "high": 0.994},
        {"cohort": '{"work_modes":["remote"]}', "sampled_members": 190, "recall": 1.0, "low": 1.0, "high": 1.0},
    ],
    "recommendations": [
        recommendation("m1", 1, "p1"),
        recommendation("m1", 2, "p2"),
        recommendation("m2", 1, "p2"),
    ],
    "recommended_before": [
        {"member_id": "m1", "posting_id": "p1"},
        {"member_id": "m1", "posting_id": "p2"},
        {"member_id": "m2", "posting_id": "p7"},
        {"member_id": "m2", "posting_id": "p2"},
        {"member_id": "m9", "posting_id": "p9"},
    ],
    "posting_popularity": [{"posting_id": "p1", "popularity": 2}, {"posting_id": "p2", "popularity": 1}],
    "eligibility_funnel": [
        {"step": 1, "rule": "place", "pairs_before": 4, "removed": 4},
        {"step": 2, "rule": "work_mode", "pairs_before": 0, "removed": 0},
    ],
    "posting_recommendations": [
        {name: value for name, value in one.items() if name != "by_lot"}
        for one in (recommendation("m1", 1, "p1"), recommendation("m1", 1, "p2"), recommendation("m2", 2, "p2"))
    ],
    "shortfalls": [{"member_id": "m2", "matches": 1, "recommendations": 1, "reason": "few_eligible_postings"}],
    "fairness_audit": [
        {"metric": "impact_ratio", "value": 0.7, "low": 0.6, "high": 0.81},  # not beyond doubt below 0.8
        {"metric": "skew", "value": -0.4, "low": -0.5, "high": -0.2},
        {"metric": "score", "value": 0.4, "finding": False},
    ],
}


def put(table: str, row: int = 0, /, **fields: object) -> Change:
    return lambda rows: rows[table][row].update(fields)


def drop(table: str, row: int = 0) -> Change:
    return lambda rows: rows[table].pop(row)


def add(table: str, /, **fields: object) -> Change:
    return lambda rows: rows[table].append(fields)


def again(table: str, row: int = 0) -> Change:
    return lambda rows: rows[table].append(dict(rows[table][row]))


def empty(rows: Rows) -> None:
    for table in rows.values():
        table.clear()
