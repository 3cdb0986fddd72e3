"""Thresholds of the quality gates that tests choose, apart from what conf/ says."""

from pipelines.quality.config import HistoryConfig, QualityConfig

HISTORY = HistoryConfig(nights=14, min_nights=3, min_rows=2, sampled_members=9, sampled_texts=9)
THRESHOLDS = QualityConfig(
    max_share_postings_rejected=0.2,
    max_share_members_rejected=0.2,
    min_postings=2,
    min_members=2,
    max_rows=1_000,
    max_share_empty_profiles=0.2,
    min_share_members_served=0.9,
    max_share_members_short=0.5,
    min_recall=0.99,
    max_vector_length_error=0.001,
    min_volume_ratio=0.5,
    max_volume_ratio=2.0,
    max_days_since_posting=7,
    max_days_since_interaction=7,
    max_score_instability=0.25,
    max_vector_turn=0.02,
    max_vector_spread_change=0.05,
    min_share_of_lists_kept=0.5,
    history=HISTORY,
)
