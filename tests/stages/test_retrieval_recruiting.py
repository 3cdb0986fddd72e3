"""Postings' members on Spark are what brute force gives, however the rows are laid out."""

import pytest

from pipelines.retrieval.index import passing_index, seal_index
from pipelines.retrieval.recruiting import by_cell, searching_members, write_member_shards
from schemas import columns as c
from schemas.errors import ArtifactError
from schemas.matches import POSTING_MATCHES
from tests.rows import NIGHT
from tests.stages.test_retrieval_stage import CONFIG, brute_force, world

__all__ = ["world"]
K = 4


def search(postings, members, folder, shards, student_id="s"):
    config = CONFIG.model_copy(update={"members_per_posting": K, "task_members": 100, "block_members": 64})
    with passing_index(folder, "run") as index:
        written = write_member_shards(members, folder=index, shards=shards).collect()
        sealed = seal_index(index, {row["shard"] for row in written}, student_id="s", run_id="run", kind="member_index")
        searched = searching_members(
            index=index, index_id=sealed.artifact_id, student_id=student_id, night=NIGHT, config=config
        )
        queries = by_cell(postings, expected=400, config=config)
        rows = queries.mapInArrow(searched, schema=POSTING_MATCHES.schema).collect()
    assert not list(folder.iterdir())
    assert sum(row["members"] for row in written) == 60
    return sorted(
        ((row[c.POSTING_ID], row[c.MEMBER_ID], row[c.SIMILARITY]) for row in rows),
        key=lambda row: (row[0], -row[2], row[1]),
    )


@pytest.mark.parametrize(("shards", "partitions"), [(1, 1), (4, 5)])
def test_members_of_postings_are_brute_force_over_the_eligible_whatever_the_layout(world, tmp_path, shards, partitions):
    postings, members, posting_rows, member_rows = world
    found = search(posting_rows.repartition(partitions), member_rows.repartition(partitions), tmp_path, shards)
    pairs = [pair for member in members for pair in brute_force(postings, member, len(postings))]
    best = {posting["posting_id"]: [] for posting in postings}
    for member_id, posting_id, similarity in pairs:
        best[posting_id].append((-similarity, member_id))
    assert found == [
        (posting_id, member_id, -similarity)
        for posting_id, ranked in best.items()
        for similarity, member_id in sorted(ranked)[:K]
    ]


def test_an_index_of_members_of_another_student_is_refused(world, tmp_path):
    _, _, posting_rows, member_rows = world
    with pytest.raises(
        Exception, match=f"{ArtifactError.__name__}.*was made by student s, the vectors to search for by other"
    ):
        search(posting_rows, member_rows, tmp_path, 1, student_id="other")
