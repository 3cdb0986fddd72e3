"""What the planner is asked: a night's size and the machines that it may use."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError

from pipelines.section import Section
from schemas.errors import ConfigError, listed


class CapacityConfig(Section):
    """One question to the planner."""

    members: float = Field(ge=1, allow_inf_nan=False, description="that are searched for")
    postings: float = Field(ge=1, allow_inf_nan=False, description="open ones, without duplicates")
    changed_share: float = Field(0.02, ge=0, le=1, description="of the texts: new or changed since they were embedded")
    eligible_share: float = Field(0.05, gt=0, le=1, description="of the postings: what the mean member may take")
    cohort_members: float = Field(
        1000, ge=1, allow_inf_nan=False, description="members of the mean member's cohort in a block of the search"
    )
    search: Literal["configured", "exact"] = Field(
        "configured", description="exact: also where retrieval.fast_min_postings says fast"
    )
    fast_share: float | None = Field(
        None, gt=0, le=1, description="of the eligible postings: what the fast search multiplies; default: constants"
    )
    dimension: int = Field(ge=1, description="of a vector; default: distillation.dimension")
    matches: int = Field(ge=1, description="found for a member; default: retrieval.matches_per_member")
    recommendations: int = Field(ge=1, description="of a member; default: ranking.recommendations_per_member")
    searches_per_member: float = Field(0.0, ge=0, allow_inf_nan=False, description="saved searches, of the mean member")
    members_per_posting: int = Field(0, ge=0, description="found for a posting; default: retrieval.members_per_posting")
    hours: float = Field(4.0, gt=0, allow_inf_nan=False, description="in which the night must end")
    cores_per_executor: int = Field(4, ge=1, description="each a task at a time, with a Python worker")
    efficiency: float | None = Field(
        None, gt=0, le=1, description="share of a core's work done beside others; default: as measured on two cores"
    )
    network_gbit: float = Field(10.0, gt=0, allow_inf_nan=False, description="gigabits a second of an executor")
    price_per_core_hour: float = Field(0.04, ge=0, allow_inf_nan=False, description="in any currency")
    kept_nights: int = Field(7, ge=1, description="nights whose tables and indexes stay")


def checked(given: Mapping[str, object]) -> CapacityConfig:
    """The question of these values.

    Raises:
        ConfigError: any is missing, unknown or out of range; all are listed.
    """
    try:
        return CapacityConfig.model_validate(given)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise ConfigError(listed(f"{len(wrong)} problem(s) in what is asked:", wrong)) from None
