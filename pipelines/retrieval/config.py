"""How the search is cut into blocks, and what unknown means to its rules."""

from typing import Literal

from pydantic import Field

from pipelines.section import Section

Rule = Literal["place", "work_mode", "employment_type", "language", "experience", "salary"]


class RetrievalConfig(Section):
    """Exact search among the eligible."""

    matches_per_member: int = Field(gt=0)
    block_members: int = Field(gt=0)  # members that a worker holds at once
    task_members: int = Field(gt=0)  # members of a task, neighbouring cohorts together
    shard_postings: int = Field(gt=0)  # postings per shard, at most
    first_pass: Literal["auto", "bfloat16", "float32"]  # precision of the first products; rows do not depend on it
    unknown_excludes: list[Rule] = Field(default_factory=list)  # rules that an unknown posting value fails

    def tasks_for(self, members: int) -> int:
        """How many tasks search for so many members."""
        return max(1, -(-members // self.task_members))

    def shards_for(self, postings: int) -> int:
        """How many shards hold so many postings.

        >>> config = dict(matches_per_member=1, block_members=1, task_members=1, first_pass="auto")
        >>> RetrievalConfig(**config, shard_postings=100).shards_for(201)
        3
        """
        return max(1, -(-postings // self.shard_postings))
