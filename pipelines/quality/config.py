"""Thresholds and severities of the quality gates."""

from typing import Self

from pydantic import Field, model_validator

from pipelines.section import Section
from schemas import search_suites, suites
from schemas.comparisons import COMPARED
from schemas.suite import Severity


class HistoryConfig(Section):
    """Which earlier nights tonight is held against, and what is too little to be judged."""

    nights: int = Field(ge=1)  # the last ones whose recommendations readers see
    min_nights: int = Field(ge=1)  # fewer: volumes and scores are not judged
    min_rows: int = Field(ge=2)  # fewer in either night: scores and vectors are not judged
    sampled_members: int = Field(ge=1)  # whose lists are held against those of the last night, about
    sampled_texts: int = Field(ge=1)  # whose vectors make a mean vector, about


class QualityConfig(Section):
    """Bounds beyond which a rule fails; a share lies in [0, 1]."""

    max_share_postings_rejected: float = Field(ge=0, le=1)  # duplicates and expired ones not counted
    max_share_members_rejected: float = Field(ge=0, le=1)
    min_postings: int = Field(ge=0)
    min_members: int = Field(ge=0)
    max_rows: int = Field(gt=0)  # of the postings source or the members source; of more nothing is kept
    max_share_empty_profiles: float = Field(ge=0, le=1)  # members of whose work nothing is known
    min_share_members_served: float = Field(ge=0, le=1)  # of members who have at least one eligible posting
    max_share_members_short: float = Field(ge=0, le=1)  # of all members, for whatever reason
    min_recall: float = Field(ge=0, le=1)  # of the fast search in each cohort, against the exact one
    max_vector_length_error: float = Field(ge=0)
    min_volume_ratio: float = Field(ge=0, le=1)  # tonight's rows / the median of earlier nights
    max_volume_ratio: float = Field(ge=1)
    max_days_since_posting: int = Field(ge=0)  # from the newest posting to the run date
    max_days_since_interaction: int = Field(ge=0)
    max_score_instability: float = Field(ge=0)  # population stability index of the scores
    max_vector_turn: float = Field(ge=0, le=2)  # 1 - cosine of tonight's mean vector and the last night's
    max_vector_spread_change: float = Field(ge=0, le=1)  # of the mean vector's length
    min_share_of_lists_kept: float = Field(ge=0, le=1)  # of the postings of a member's list of the last night
    history: HistoryConfig
    severities: dict[str, Severity] = Field(default_factory=dict)  # `gate.rule`, instead of the suite's own

    @model_validator(mode="after")
    def _severities_name_rules(self) -> Self:
        judged = (*suites.SUITES, *search_suites.SUITES, *COMPARED)
        known = {f"{suite.gate}.{rule.name}" for suite in judged for rule in suite.rules}
        if audited := sorted(name for name in self.severities if name.startswith("fairness.")):
            raise ValueError(
                f"severities: {', '.join(audited)}: `fairness.blocking` says which rules of an audit block"
            )
        if wrong := sorted(set(self.severities) - known):
            raise ValueError(f"severities: no such rule: {', '.join(wrong)}; docs/quality.md lists gates and rules")
        return self
