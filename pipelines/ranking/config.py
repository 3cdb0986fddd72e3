"""Weights, values and caps of the ranking."""

from typing import Literal, Self

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


class LearnerConfig(Section):
    """How a ranker learns from what members were interested in."""

    leave_out: list[Literal["popularity", "nearness", "wanted_title", "held_title", "skills", "seniority", "age"]]
    trees: int = Field(gt=0)
    depth: int = Field(gt=0)
    learning_rate: float = Field(gt=0, le=1)
    min_leaf_weight: float = Field(ge=0)  # of the pairs in a leaf, times the variance of what they are predicted
    l2: float = Field(ge=0)
    seed: int
    folds: int = Field(ge=2)  # of members; each is judged by a ranker that has seen none of its fold
    max_members: int = Field(gt=0)  # to learn from, chosen by hash
    max_exposure_weight: float = Field(ge=1)  # of a pair of interest that stood where few look
    max_calibration_error: float = Field(gt=0)  # expected, of the promoted ranker, on members it has not seen
    min_slice_rows: int = Field(gt=0)  # a smaller slice has no calibration error of its own


class FatigueConfig(Section):
    """How postings sink that a member was shown and did not click."""

    enabled: bool  # needs an interactions source
    nights: int = Field(gt=0)  # before this one, whose published lists count
    half_point_nights: float = Field(gt=0)  # shown so often in vain, a score counts half


class ExposureConfig(Section):
    """How attention is shared among postings, see `exposure`."""

    enabled: bool
    strength: float = Field(gt=0)  # most that a posting can cost, in points of score
    rounds: int = Field(gt=0)
    max_loss: float = Field(ge=0, le=1)  # of the discounted score of a member's best list
    min_lists: float = Field(ge=0)  # a posting on fewer has the full discount
    max_lists: float = Field(ge=0)  # a posting on more costs the full price


class ExplorationConfig(Section):
    """How many places of a list are filled by lot, so that other rankings can be judged by what came of it."""

    share: float = Field(ge=0, lt=1)  # probability of each place from `first_rank` on
    first_rank: int = Field(gt=0)
    candidates: int = Field(gt=0)  # those next to the list, from which is drawn
    seed: int


class RecruitingConfig(Section):
    """How postings' matches become lists of members."""

    members_per_list: int = Field(gt=0)
    max_lists: int = Field(gt=0)  # that a member is on, those on which the member fits best


class RankingConfig(Section):
    """How matches become recommendations."""

    recommendations_per_member: int = Field(gt=0)
    score_by: Literal["weights", "ranker"]  # a ranker that has learned; the weights until there is one
    learner: LearnerConfig
    exposure: ExposureConfig
    exploration: ExplorationConfig
    fatigue: FatigueConfig
    recruiting: RecruitingConfig
    weights: Weights
    place_values: PlaceValues
    recency_half_life_days: float = Field(gt=0)
    unknown_value: float = Field(ge=0, le=1)  # value of a part whose fields are absent on either side
    min_score: float = Field(ge=0, le=1)  # nothing below it is on a list
    per_company: int = Field(gt=0)  # postings of one company before others come first
    per_cluster: int = Field(gt=0)  # postings of one cluster of duplicates before others come first
    diversity: float = Field(ge=0, le=1)  # weight of being unlike the rest of the list, against the score
    close_similarity: float = Field(ge=-1, le=1)  # cosine from which an explanation says "close to your profile"
    max_unmet_skills: int = Field(ge=0)  # of a posting's skills that an explanation names as not listed

    @model_validator(mode="after")
    def _enough_to_draw_from(self) -> Self:
        drawn_for = self.recommendations_per_member - self.exploration.first_rank + 1
        if self.exploration.share and not 0 < drawn_for <= self.exploration.candidates:
            raise ValueError(
                f"exploration.share {self.exploration.share:g} of the places from {self.exploration.first_rank} to "
                f"{self.recommendations_per_member} needs at least one place and as many candidates as places, "
                f"not {self.exploration.candidates}"
            )
        return self
