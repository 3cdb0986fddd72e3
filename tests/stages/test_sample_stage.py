from pathlib import Path

import pytest
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.config import load_config
from pipelines.sample import stage
from pipelines.sample.config import SampleConfig
from schemas import interactions, members, postings

CONF = Path(__file__).parents[2] / "conf"
CONFIG = SampleConfig(
    location="unused",
    seed=7,
    postings=400,
    members=400,
    interactions_per_member=1.0,
    searches_per_member=1.0,
    as_of="2026-11-02",
)


@pytest.mark.parametrize(
    "generate",
    [
        stage.generate_postings,
        stage.generate_members,
        stage.generate_interactions,
        stage.generate_posting_truth,
        stage.generate_member_truth,
    ],
)
def test_the_rows_are_the_same_whatever_the_partitioning(spark, generate):
    whole, cut = (
        sorted(map(str, generate(spark.range(400).repartition(parts), config=CONFIG).collect())) for parts in (1, 5)
    )
    assert whole == cut
    assert len(whole) >= 380


def test_the_truth_names_every_id_of_the_feeds(spark):
    rows = spark.range(400)
    told = stage.generate_posting_truth(rows, config=CONFIG).select("posting_id").collect()
    fed = stage.generate_postings(rows, config=CONFIG).select("jobRef").collect()
    assert sorted(row[0] for row in told) == sorted(row[0] for row in fed)
    told = stage.generate_member_truth(rows, config=CONFIG).select("member_id").collect()
    fed = stage.generate_members(rows, config=CONFIG).select("profileId").collect()
    assert sorted(row[0] for row in told) == sorted(row[0] for row in fed)


@pytest.mark.parametrize(
    ("name", "generate", "canonical"),
    [
        ("postings", stage.generate_postings, postings.SOURCE),
        ("members", stage.generate_members, members.SOURCE),
        ("interactions", stage.generate_interactions, interactions.SOURCE),
    ],
)
def test_the_configuration_maps_every_canonical_column(spark, name, generate, canonical):
    columns = getattr(load_config(CONF, "sample", {}).sources, name).columns
    feed = generate(spark.range(400), config=CONFIG)
    mapped = feed.select(*(F.expr(columns[field.name]).alias(field.name) for field in canonical))
    assert {field.name: as_text(field.dataType) for field in canonical} == {
        field.name: field.dataType.simpleString() for field in mapped.schema
    }
    filled = mapped.select(*(F.count(column).alias(column) for column in mapped.columns)).first()
    assert all(filled[column] > 0 for column in mapped.columns)


def as_text(kind):
    """The shape of a canonical type with every leaf as text, which is what a feed gives."""
    if isinstance(kind, T.ArrayType):
        return f"array<{as_text(kind.elementType)}>"
    if isinstance(kind, T.StructType):
        return f"struct<{','.join(f'{field.name}:{as_text(field.dataType)}' for field in kind)}>"
    return "string"
