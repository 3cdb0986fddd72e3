"""Evaluation sets made from sources."""

from pydantic import Field

from pipelines.publishing.config import InputConfig
from pipelines.section import Section


class BenchmarkConfig(Section):
    """A set of queries, corpus and judgements: inputs, and a Spark SQL query over them for each of the three."""

    inputs: dict[str, InputConfig] = Field(min_length=1)
    queries: str  # id, text
    corpus: str  # id, text
    judgements: str  # query, document, gain
