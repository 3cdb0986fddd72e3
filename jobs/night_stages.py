"""The stages of a night, in order, for whoever runs them one by one; imports nothing."""

JOBS = {
    "ingest_postings": "ingest_postings",
    "ingest_members": "ingest_members",
    "ingest_searches": "ingest_searches",
    "distill": "distill_student",
    "embed": "embed_texts",
    "index": "build_index",
    "match": "match_members",
    "rank": "rank_matches",
    "rank_searches": "rank_searches",
    "match_postings": "match_postings",
    "reorder_members": "reorder_members",
    "rank_members": "rank_members",
    "audit": "audit_fairness",
    "publish": "publish_night",
}
"""The job of each stage: a module of `jobs`."""

TABLES = {
    "embed": ("posting_embeddings", "member_embeddings"),
    "audit": ("fairness_audit",),
    "publish": (
        *("postings", "postings_rejected", "members", "members_rejected", "posting_popularity"),
        *("matches", "match_recall", "eligibility_funnel", "shortfalls", "recommendations"),
    ),
}
"""The tables whose new rows readers see as soon as the stage has finished. Publish adds `posting_matches` and
`posting_recommendations` in a night that has `match_postings`, `posting_lists` in one that has `reorder_members`, and
`saved_searches`, `saved_searches_rejected`, `search_matches`, `search_shortfalls` and `search_recommendations` in one
that has `rank_searches`."""

NOT_IN_NIGHT = 99
"""Exit code of a job that was asked for `--in-night`, in a night whose configuration has no such stage."""
