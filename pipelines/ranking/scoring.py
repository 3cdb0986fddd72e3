"""Columns: two ways to a score in [0, 1] and its parts: configured weights, or a ranker that has learned."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ranking.config import RankingConfig
from pipelines.ranking.features import DIRECTIONS, features
from pipelines.ranking.learner import BASE, load
from pipelines.ranking.parts import score_parts


class Scoring(Protocol):
    """How pairs are scored; `signals` is a struct column of what `signals` gives."""

    ranker_id: str | None

    def signals(self, posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
        """All that a score is made of, doubles by name; reads the columns `similarity` and `nearness`."""
        ...

    def score(self, signals: Column) -> Column:
        """A double in [0, 1]."""
        ...

    def parts(self, signals: Column) -> Column:
        """A map from names to what each adds to the score."""
        ...


@dataclass(frozen=True)
class WeightedScoring:
    """The sum of values times weights of the configuration."""

    config: RankingConfig
    ranker_id: None = None

    def signals(self, posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
        """Weight times value by part."""
        return score_parts(posting, member, run_date, self.config)

    def score(self, signals: Column) -> Column:
        """The sum; weights sum to 1 only as far as floats do."""
        total = sum((signals[name] for name in type(self.config.weights).model_fields), F.lit(0.0))
        return F.least(F.lit(1.0), total)

    def parts(self, signals: Column) -> Column:
        """The summands."""
        names = type(self.config.weights).model_fields
        return F.create_map(*(field for name in names for field in (F.lit(name), signals[name])))


@dataclass(frozen=True)
class LearnedScoring:
    """The probability that the member is interested, as a ranker has learned it.

    Args:
        folder: of the ranker, where executors can read it.
        names: the features that it knows.
    """

    ranker_id: str
    folder: Path
    names: tuple[str, ...]

    def signals(self, posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
        """The features that the ranker knows."""
        told = features(posting, member, run_date)
        return {name: told[name] for name in self.names}

    def score(self, signals: Column) -> Column:
        """The probability."""
        folder = self.folder

        def probability(batches: Iterator[pd.DataFrame]) -> Iterator[pd.Series]:
            ranker = load(folder)
            for batch in batches:
                yield pd.Series(ranker.probability(batch.to_numpy(dtype=np.float32)))

        return F.pandas_udf(probability, T.DoubleType())(signals)  # type: ignore[call-overload, no-any-return]

    def parts(self, signals: Column) -> Column:
        """What each feature adds to the base."""
        folder, names = self.folder, [*self.names, BASE]

        def parts(batches: Iterator[pd.DataFrame]) -> Iterator[pd.Series]:
            ranker = load(folder)
            for batch in batches:
                rows = ranker.parts(batch.to_numpy(dtype=np.float32))
                yield pd.Series([row.tolist() for row in rows])

        added = F.pandas_udf(parts, T.ArrayType(T.DoubleType()))(signals)  # type: ignore[call-overload]
        return F.map_from_arrays(F.array(*map(F.lit, names)), added)


def known_features(leave_out: list[str]) -> tuple[str, ...]:
    """The features that a ranker is to learn from, in their order."""
    return tuple(name for name in DIRECTIONS if name not in leave_out)
