"""Shards and search on Spark give what brute force gives, however the rows are laid out."""

import numpy as np
import pytest
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.retrieval.config import RelaxationConfig, RetrievalConfig
from pipelines.retrieval.index import new_index, seal_index
from pipelines.retrieval.indexing import searchable, with_places, write_shards
from pipelines.retrieval.stage import by_cohort, find_matches, searching
from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.rows import NIGHT, frame

WITH_VECTOR = T.ArrayType(T.FloatType())
CONFIG = RetrievalConfig(
    matches_per_member=5, popular_per_member=0, popular_postings=100, members_per_posting=0,
    block_members=64, task_members=16, shard_postings=100,
    max_stale_share=0.2, first_pass="auto", cache_folder="", cluster_postings=20, fast_min_postings=100,
    fast_efforts=[2.0, 20.0], recall_members=20, funnel_members=20,
    relaxation=RelaxationConfig(steps=[], min_postings=1),
)  # fmt: skip
STATES = ["CA", "NY", None]


def unit(rng, n, d=16):
    vectors = rng.integers(-3, 4, size=(n, d)).astype(np.float32) + 0.5
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def world(spark):
    rng = np.random.default_rng(5)
    postings = [
        {
            "posting_id": f"p{row:03d}", "country": "US", "region": STATES[row % 3], 
            "min_years": [None, 2.0, 9.0][row % 7 % 3], "company_key": f"company {row % 11}", "vector": vector.tolist(),
        }
        for row, vector in enumerate(unit(rng, 400))
    ]  # fmt: skip
    members = [
        {
            "member_id": f"m{row:03d}", "places": [{"country": "US", "region": STATES[row % 2]}],
            "years_of_experience": [None, 4.0][row % 2], "excluded_company_keys": [f"company {row % 13}"],
            "excluded_posting_ids": [f"p{row:03d}", f"p{row + 1:03d}"], "vector": vector.tolist(),
        }
        for row, vector in enumerate(unit(rng, 60))
    ]  # fmt: skip
    schemas = [
        T.StructType(table.schema.fields + [T.StructField(c.VECTOR, WITH_VECTOR)]) for table in (POSTINGS, MEMBERS)
    ]
    return postings, members, frame(spark, schemas[0], *postings), frame(spark, schemas[1], *members)


def brute_force(postings, member, k):
    eligible = [
        posting
        for posting in postings
        if posting["region"] in (None, member["places"][0]["region"])
        and not (posting["min_years"] or 0) > (member["years_of_experience"] or 99)
        and posting["company_key"] not in member["excluded_company_keys"]
        and posting["posting_id"] not in member["excluded_posting_ids"]
    ]
    vector = np.array(member["vector"], dtype=np.float32).astype(np.float64)
    scored = [
        (-round(float(np.array(p["vector"], dtype=np.float32).astype(np.float64) @ vector), 6), p["posting_id"])
        for p in eligible
    ]
    return [(member["member_id"], posting_id, -score) for score, posting_id in sorted(scored)[:k]]


def search(postings, members, folder, shards, student_id="s"):
    index = new_index(folder, "run")
    written = write_shards(with_places(searchable(postings), None), folder=index, shards=shards).collect()
    manifest = seal_index(index, {row["shard"] for row in written}, student_id="s", run_id="run")
    searched = searching(index=index, index_id=manifest.artifact_id, student_id=student_id, night=NIGHT, config=CONFIG)
    found = find_matches(members, expected=60, search_batches=searched, config=CONFIG)
    assert sum(row["postings"] for row in written) == 400
    assert found.schema.simpleString() == MATCHES.schema.simpleString()
    return sorted(
        ((row[c.MEMBER_ID], row[c.POSTING_ID], row[c.SIMILARITY]) for row in found.collect()),
        key=lambda row: (row[0], -row[2], row[1]),
    )


@pytest.mark.parametrize(("shards", "partitions"), [(1, 1), (7, 5)])
def test_matches_are_brute_force_over_the_eligible_whatever_the_layout(world, tmp_path, shards, partitions):
    postings, members, posting_rows, member_rows = world
    found = search(posting_rows.repartition(partitions), member_rows.repartition(partitions), tmp_path, shards)
    assert found == [row for member in members for row in brute_force(postings, member, 5)]


def test_an_index_of_another_student_is_refused(world, tmp_path):
    _, _, posting_rows, member_rows = world
    with pytest.raises(
        Exception, match=f"{ArtifactError.__name__}.*was made by student s, the vectors to search for by other"
    ):
        search(posting_rows, member_rows, tmp_path, 1, student_id="other")


def test_a_night_without_vectors_makes_no_index(world, tmp_path):
    _, _, posting_rows, _ = world
    index = new_index(tmp_path, "run")
    written = write_shards(
        with_places(searchable(posting_rows.where(F.lit(False))), None), folder=index, shards=2
    ).collect()
    with pytest.raises(ArtifactError, match="no posting of this night has a vector"):
        seal_index(index, {row["shard"] for row in written}, student_id="s", run_id="run")


def test_a_large_cohort_is_cut_and_small_ones_share_a_task(spark):
    """Half of the members have one wish, the others 50 wishes in small numbers."""
    members = spark.range(4_000).select(
        F.format_string("m%05d", "id").alias(c.MEMBER_ID),
        F.when(F.col("id") < 2_000, F.array(F.lit("remote"))).otherwise(
            F.array(F.format_string("mode %02d", F.col("id") % 50))
        ).alias(c.WORK_MODES),
    )  # fmt: skip
    missing = [
        F.lit(None).cast(field.dataType).alias(field.name)
        for field in MEMBERS.schema.fields
        if field.name not in members.columns
    ]
    full = members.select("*", *missing, F.array(F.lit(1.0).cast("float")).alias(c.VECTOR))
    config = CONFIG.model_copy(update={"task_members": 400})
    tasks = by_cohort(full, expected=4_000, config=config).withColumn("task", F.spark_partition_id())
    sizes = (
        tasks.groupBy("task").agg(F.count("*").alias("members"), F.countDistinct("cohort").alias("cohorts")).collect()
    )
    assert len(sizes) == 10
    assert max(row["members"] for row in sizes) <= 1.5 * 400
    assert sum(row["cohorts"] == 1 for row in sizes) >= 4
    assert max(row["cohorts"] for row in sizes) >= 5
