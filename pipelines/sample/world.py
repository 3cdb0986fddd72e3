"""Kernel: what every row of a sample depends on beside its number."""

import datetime
from dataclasses import dataclass

from pipelines.sample.draws import Draws


@dataclass(frozen=True, slots=True)
class World:
    """One sample's seed, sizes and day."""

    seed: int
    as_of: datetime.date
    postings: int
    members: int

    def draws(self, purpose: str, row: int) -> Draws:
        """Draws for one purpose in one row, independent of every other purpose and row."""
        return Draws(self.seed, purpose, row)
