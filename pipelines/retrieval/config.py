"""How the search is cut into blocks, and what unknown means to its rules."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.section import Section
from schemas.rules import Relaxation, Wish


class RelaxationConfig(Section):
    """What is done for members who may take too few postings."""

    steps: list[Relaxation]  # tried in this order; none: nothing
    min_postings: int = Field(gt=0)  # of a member, below which the next step is tried


class RetrievalConfig(Section):
    """Search among the eligible: exact, or fast in cohorts that may take very many postings.

    Blocks, tasks and shards hold as many postings or members where postings search for members.
    """

    matches_per_member: int = Field(gt=0)
    popular_per_member: int = Field(ge=0)  # most popular eligible postings that are matches besides the nearest
    popular_postings: int = Field(gt=0)  # of all postings, from which they come
    members_per_posting: int = Field(ge=0)  # 0: no posting searches for members
    block_members: int = Field(gt=0)  # members that a worker holds at once
    task_members: int = Field(gt=0)  # members of a task, neighbouring cohorts together
    shard_postings: int = Field(gt=0)  # postings per shard, at most
    max_stale_share: float = Field(ge=0, le=1)  # rows gone or new since all was built; past it all is built afresh
    first_pass: Literal["auto", "bfloat16", "float32"]  # precision of the first products; rows do not depend on it
    cache_folder: str  # on each host, for a copy of the index; empty: it is read where it was written
    cluster_postings: int = Field(gt=0)  # postings of a cluster, on average
    fast_min_postings: int = Field(gt=0)  # a cohort that may take as many is searched fast
    fast_efforts: list[float]  # tried in this order until one finds enough; after the last, the search is exact
    recall_members: int = Field(ge=20)  # members of a cohort whose fast matches are compared with exact ones
    funnel_members: int = Field(gt=0)  # members on whom rules between one member and one posting are counted
    unknown_excludes: list[Wish] = Field(default_factory=list)  # rules that an unknown posting value fails

    relaxation: RelaxationConfig

    @model_validator(mode="after")
    def _ladder_is_sound(self) -> Self:
        ladder = self.relaxation
        if len(set(ladder.steps)) < len(ladder.steps):
            raise ValueError("relaxation.steps names a step twice")
        if ladder.steps and ladder.min_postings > self.matches_per_member:
            raise ValueError(
                f"relaxation.min_postings ({ladder.min_postings}) is above matches_per_member "
                f"({self.matches_per_member})"
            )
        return self

    def tasks_for(self, members: int) -> int:
        """How many tasks search for so many members."""
        return max(1, -(-members // self.task_members))

    def shards_for(self, postings: int) -> int:
        """How many shards hold so many postings.

        >>> RetrievalConfig.model_construct(shard_postings=100).shards_for(201)
        3
        """
        return max(1, -(-postings // self.shard_postings))

    def clusters_for(self, postings: int) -> int:
        """How many clusters there are for so many postings; 0 where no cohort can be searched fast.

        >>> RetrievalConfig.model_construct(cluster_postings=100, fast_min_postings=1000).clusters_for(1000)
        10
        """
        return postings // self.cluster_postings if postings >= self.fast_min_postings else 0
