"""Thresholds of the quality gates."""

from pydantic import Field

from pipelines.section import Section


class QualityConfig(Section):
    """Shares in [0, 1] beyond which a rule fails."""

    max_share_postings_rejected: float = Field(ge=0, le=1)  # duplicates and expired ones not counted
    max_share_members_rejected: float = Field(ge=0, le=1)
    min_postings: int = Field(ge=0)
    min_members: int = Field(ge=0)
    max_rows: int = Field(gt=0)  # of the postings source or the members source; of more nothing is kept
    max_share_empty_profiles: float = Field(ge=0, le=1)  # members of whose work nothing is known
    min_share_members_served: float = Field(ge=0, le=1)  # of members who have at least one eligible posting
    min_recall: float = Field(ge=0, le=1)  # of the fast search in each cohort, against the exact one
    max_vector_length_error: float = Field(ge=0)
