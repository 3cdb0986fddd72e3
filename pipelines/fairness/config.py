"""What is audited, how surely, and what may block a night."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.section import Section
from schemas.fairness import SIDES

AuditRule = Literal["impact_ratio", "skew", "findings"]


class ReorderingConfig(Section):
    """Whether postings' lists of members, for recruiters, are put into an order that keeps shares of groups."""

    enabled: bool
    attribute: str  # of `sources.audit_attributes`, whose groups these are
    targets: dict[str, float]  # group -> share of every first k; empty: of each list, the group's share of the list

    @model_validator(mode="after")
    def _targets_are_shares(self) -> Self:
        if min(self.targets.values(), default=1.0) <= 0 or sum(self.targets.values()) > 1 + 1e-9:
            raise ValueError("targets: shares above 0 that sum to at most 1 are needed")
        if self.targets and not self.attribute:
            raise ValueError("targets: of which attribute? give `attribute`")
        return self


class FairnessConfig(Section):
    """Groups come from `sources.audit_attributes`, `sources.audit_posting_attributes` and `posting_groups`."""

    k: list[int] = Field(min_length=1)  # places of a list that are looked at, besides the whole of it
    min_group_size: int = Field(ge=2)  # smaller groups are counted, and nothing else is said of them
    max_groups: int = Field(ge=2)  # of one attribute; the largest ones
    max_members: int = Field(gt=0)  # audited, chosen by the hash of their id
    max_postings: int = Field(gt=0)
    well_paid_quantile: float = Field(gt=0, lt=1)  # of the night's salaries in one currency
    posting_groups: dict[str, str] = Field(default_factory=dict)  # attribute -> Spark SQL over the night's postings
    strata: list[str] = Field(default_factory=list)  # Spark SQL over the night's members: compare within these only
    resamples: int = Field(ge=19)
    seed: int
    confidence: float = Field(gt=0, lt=1)  # that an unbiased night has no finding at all
    blocking: list[AuditRule] = Field(default_factory=list)  # rules that stop publishing; the others warn
    min_impact_ratio: float = Field(ge=0, le=1)  # four fifths: 0.8
    max_skew: float = Field(ge=0)  # |ln(share / share of the group)|
    max_findings: int = Field(ge=0)
    calibration_days: int = Field(gt=0)  # a night's scores are held against what members did in at least so many days
    reordering: ReorderingConfig

    @model_validator(mode="after")
    def _places_and_confidence_can_be_had(self) -> Self:
        if min(self.k) < 1 or len(set(self.k)) != len(self.k):
            raise ValueError("k: different numbers from 1 on are needed")
        if (sides := len(SIDES)) / (self.resamples + 1) > 1 - self.confidence + 1e-12:
            raise ValueError(
                f"resamples: {self.resamples} cannot show anything at confidence {self.confidence:g} "
                f"on {sides} sides; give at least {round(sides / (1 - self.confidence))}"
            )
        if wrong := [name for name in self.posting_groups if not name.isidentifier()]:
            raise ValueError(f"posting_groups: {', '.join(wrong)}: an attribute is named by letters, digits and _")
        return self
