"""Weights, values and caps of the ranking."""

from typing import Self

from pydantic import Field, model_validator

from pipelines.section import Section


class Weights(Section):
    """Share of each part in the score; they sum to 1."""

    similarity: float = Field(ge=0)
    recency: float = Field(ge=0)
    place: float = Field(ge=0)
    seniority: float = Field(ge=0)
    skills: float = Field(ge=0)

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = sum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > 1e-12:
            raise ValueError(f"weights sum to {total:g}, not 1")
        return self


class PlaceValues(Section):
    """Value of a place outside the cities that the member named; inside, it is 1, and abroad 0."""

    named_region: float = Field(ge=0, le=1)  # or a country named as a whole
    same_country: float = Field(ge=0, le=1)
    remote_same_country: float = Field(ge=0, le=1)


class RankingConfig(Section):
    """How matches become recommendations."""

    recommendations_per_member: int = Field(gt=0)
    weights: Weights
    place_values: PlaceValues
    recency_half_life_days: float = Field(gt=0)
    unknown_value: float = Field(ge=0, le=1)  # value of a part whose fields are absent on either side
    per_company: int = Field(gt=0)  # postings of one company before others come first
    close_similarity: float = Field(ge=-1, le=1)  # cosine from which an explanation says "close to your profile"
    max_unmet_skills: int = Field(ge=0)  # of a posting's skills that an explanation names as not listed
