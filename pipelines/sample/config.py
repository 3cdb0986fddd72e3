"""Size and mess of the generated sample."""

import datetime

from pydantic import Field, field_validator

from pipelines.section import Section


class SampleConfig(Section):
    """One sample."""

    location: str  # folder; a relative path starts at the project root
    seed: int
    postings: int = Field(gt=0)
    members: int = Field(gt=0)
    interactions_per_member: float = Field(ge=0)
    searches_per_member: float = Field(ge=0)
    as_of: str  # ISO date that the sample's dates are relative to

    @field_validator("as_of")
    @classmethod
    def _is_a_date(cls, value: str) -> str:
        datetime.date.fromisoformat(value)
        return value
