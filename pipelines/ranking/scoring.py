"""Columns: two ways to a score in [0, 1] and its parts: configured weights, or a ranker that has learned."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf

from pipelines.ranking.config import RankingConfig
from pipelines.ranking.features import features
from pipelines.ranking.learner import BASE, load
from pipelines.ranking.parts import score_parts

WEIGHTED: Final = "weighted"


class Signals(Protocol):
    """What is told of pairs."""

    def signals(self, posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
        """Doubles by name; reads the columns `similarity` and `nearness`."""
        ...


class Scoring(Signals, Protocol):
    """How pairs are scored; in `score` and `parts`, `signals` is a struct column of what `signals` gives."""

    @property
    def ranker_id(self) -> str | None:
        """Of the ranker that scores; None: none does."""
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

        scored: Column = pandas_udf(probability, "double")(signals)  # type: ignore[call-overload]
        return scored

    def parts(self, signals: Column) -> Column:
        """What each feature adds to the base."""
        folder, names = self.folder, [*self.names, BASE]

        def parts(batches: Iterator[pd.DataFrame]) -> Iterator[pd.Series]:
            ranker = load(folder)
            for batch in batches:
                rows = ranker.parts(batch.to_numpy(dtype=np.float32))
                yield pd.Series([row.tolist() for row in rows])

        added: Column = pandas_udf(parts, "array<double>")(signals)  # type: ignore[call-overload]
        return F.map_from_arrays(F.array(*map(F.lit, names)), added)


@dataclass(frozen=True)
class FeatureScoring:
    """What a ranker is to learn from, and the score that it is to be better than.

    Args:
        weighted: the score.
        leave_out: features that it is not told.
    """

    weighted: WeightedScoring
    leave_out: Sequence[str]

    def signals(self, posting: Column, member: Column, run_date: datetime.date) -> dict[str, Column]:
        """The features, and the score under `WEIGHTED`."""
        parts = F.struct(*(one.alias(name) for name, one in self.weighted.signals(posting, member, run_date).items()))
        told = features(posting, member, run_date)
        return {name: told[name] for name in told if name not in self.leave_out} | {
            WEIGHTED: self.weighted.score(parts)
        }
