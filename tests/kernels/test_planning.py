"""A plan is arithmetic that a reader can redo."""

from dataclasses import replace

import pytest

from jobs.run_nightly import STAGES
from pipelines.planning.config import checked
from pipelines.planning.constants import Constants, Memory, RowBytes, Stage, as_toml, measured, parsed
from pipelines.planning.counts import Counts
from pipelines.planning.plan import counted, plan
from pipelines.planning.space import GIB, MIB
from pipelines.planning.stages import TERMS, Machines, shuffled_bytes, stage_seconds
from pipelines.retrieval import groups
from pipelines.retrieval.config import RetrievalConfig
from schemas.errors import ConfigError

RETRIEVAL = RetrievalConfig.model_construct(
    task_members=16_384, shard_postings=100_000, fast_min_postings=300_000, max_stale_share=0.2
)
NOTHING = Stage(0.0, 1.0, {}, {})
COUNTS = Counts(
    postings=1000, members=2000, searches=0, askers=2000, texts=3000, changed_texts=60, changed_searches=0,
    fresh_postings=20, pairs=100_000, multiply_adds=25_600_000, matches=20_000, search_matches=0, posting_matches=0,
    recommendations=5000, index_bytes=1_600_000, member_index_bytes=0, files=10, shards=5, search_tasks=3,
    posting_tasks=1,
)  # fmt: skip


def constants(**stages):
    """Nothing takes anything, but for these stages."""
    return Constants(
        machine="paper", measured_on="2026-11-24", nights=(), copied_per_product=50.0, fast_share=0.1,
        stages={name: stages.get(name, NOTHING) for name in TERMS},
        row_bytes=RowBytes(400, 300, 500, 600, 64, 10, 40), memory=Memory(1000, 500, 32),
    )  # fmt: skip


def asked(**other):
    given = {"members": 100_000_000, "postings": 10_000_000, "dimension": 256, "matches": 100, "recommendations": 10}
    return checked(given | other)


def test_the_exact_search_of_the_design_point_takes_2_6e16_operations():
    counts, fast = counted(asked(search="exact", cohort_members=1e9), RETRIEVAL, constants())
    assert not fast
    assert counts.pairs == pytest.approx(100e6 * 500e3)
    assert 2 * counts.multiply_adds == pytest.approx(2.56e16)
    assert (counts.matches, counts.recommendations) == (1e10, 1e9)
    assert counts.search_tasks == 6104
    assert counts.index_bytes == 10e6 * (256 * 6 + 64)


def test_the_fast_search_multiplies_its_share_from_the_configured_number_of_postings_on():
    exact, _ = counted(asked(search="exact"), RETRIEVAL, constants())
    fast, said = counted(asked(), RETRIEVAL, constants())
    assert said
    assert fast.pairs == pytest.approx(0.1 * exact.pairs)
    assert counted(asked(fast_share=0.5), RETRIEVAL, constants())[0].pairs == pytest.approx(0.5 * exact.pairs)
    assert not counted(asked(eligible_share=0.029), RETRIEVAL, constants())[1]  # 290,000 postings


def test_small_cohorts_are_searched_together_past_more_rows_but_never_past_more_than_there_are():
    alone, together, most = (
        counted(asked(search="exact", cohort_members=m), RETRIEVAL, constants())[0].pairs for m in (1e12, 50, 1)
    )
    assert together == pytest.approx(2 * alone)  # 1 + 50 / 50
    assert most == 100e6 * 10e6


def test_only_fresh_postings_are_written_until_too_many_rows_are_gone_or_new():
    upon, afresh = (counted(asked(changed_share=share), RETRIEVAL, constants())[0] for share in (0.1, 0.11))
    assert (upon.fresh_postings, upon.shards) == (1_000_000, 10)
    assert (afresh.fresh_postings, afresh.shards) == (10_000_000, 100)  # 11 % gone and 11 % new


def test_few_matches_are_found_where_few_postings_are_eligible():
    counts, _ = counted(asked(postings=100, eligible_share=0.5), RETRIEVAL, constants())
    assert counts.matches == 100e6 * 50


def test_seconds_are_fixed_ones_the_drivers_and_the_cores():
    match = Stage(7.0, 0.8, {"askers": 0.003, "matches": 0.001, "pairs": 0.0006, "index_bytes": 1e-6}, {})
    one = stage_seconds("match", match, COUNTS, Machines(1, None), sent_bytes=0)
    assert (one.fixed_s, one.driver_s, one.cores_s) == pytest.approx((7.0, 1.6, 6.0 + 20.0 + 60.0))
    two = stage_seconds("match", match, COUNTS, Machines(2, None), sent_bytes=0)
    assert two.cores_s == pytest.approx(20 / (2 * 0.8) + 66 * (2 / 3) / 0.8)  # three tasks on two cores: two rounds
    assert two.total_s == pytest.approx(7.0 + 1.6 + 12.5 + 55.0)
    assert two.bound_by == "comparing products with limits"
    many = stage_seconds("match", match, COUNTS, Machines(100, 0.5), sent_bytes=0)
    assert many.cores_s == pytest.approx(20 / 50 + 66 / 3 / 0.5)
    assert many.bound_by == "comparing products with limits, in only 3 tasks"


def test_bytes_between_executors_take_time_beside_the_cores():
    rank = Stage(0.0, 1.0, {"matches": 0.001}, {})
    slow = Machines(2, None, network_bytes_per_s=1000)
    sent = stage_seconds("rank", rank, COUNTS, slow, sent_bytes=50_000)
    assert (sent.cores_s, sent.network_s, sent.total_s) == (10.0, 50.0, 50.0)
    assert sent.bound_by == "bytes between executors"
    assert stage_seconds("rank", rank, COUNTS, slow, sent_bytes=5_000).bound_by == "joining and sorting matches"


def test_vectors_of_members_move_twice_to_be_matched():
    match = Stage(0.0, 1.0, {}, {"askers": 100, "matches": 50})
    assert shuffled_bytes("match", match, COUNTS, dimension=256) == 2000 * 100 + 20_000 * 50 + 2 * 2000 * 1024


def test_the_fewest_executors_end_the_night_in_time():
    core_s = 0.001  # 100 million members: 100,000 seconds of one core, 6.9 cores for four hours
    planned = plan(
        asked(network_gbit=1e9), RETRIEVAL, constants(ingest_members=Stage(0.0, 1.0, {"members": core_s}, {}))
    )
    assert planned.executors == 2  # of four cores
    assert planned.hours == pytest.approx(100_000 / 8 / 3600)
    assert planned.core_hours == pytest.approx(100_000 / 3600)
    assert planned.cost == pytest.approx(100_000 / 3600 * 0.04)
    assert planned.stages["ingest_members"].one_core_s == pytest.approx(100_000)


def test_an_executor_less_would_be_too_late():
    given = constants(
        rank=Stage(60.0, 0.7, {"matches": 2e-5}, {"matches": 100}), index=Stage(1, 0.9, {"fresh_postings": 1e-4}, {})
    )
    planned = plan(asked(hours=1.5, network_gbit=1e9, changed_share=1), RETRIEVAL, given)
    cores = (planned.executors - 1) * 4
    fewer_s = 61 + 2e-5 * 1e10 / (cores * 0.7) + 1e-4 * 10e6 * -(-100 // cores) / 100 / 0.9
    assert planned.hours <= 1.5 < fewer_s / 3600


def test_what_executors_cannot_make_faster_is_said():
    slow = constants(publish=Stage(7200.0, 1.0, {}, {}))
    with pytest.raises(ConfigError, match=r"no number of executors ends this night in 1 hours: 65,536 take 2\.0"):
        plan(asked(hours=1), RETRIEVAL, slow)


def test_searches_and_postings_that_search_are_planned_where_they_are_asked_for():
    given = constants(
        rank_searches=Stage(60.0, 1.0, {"search_matches": 1e-5}, {}), rank_members=Stage(30.0, 1.0, {}, {})
    )
    plain = plan(asked(), RETRIEVAL, given)
    assert not {"ingest_searches", "rank_searches", "match_postings", "rank_members"} & set(plain.stages)
    more = plan(asked(searches_per_member=0.5, members_per_posting=50), RETRIEVAL, given)
    assert list(more.stages) == list(TERMS)
    assert more.stages["rank_searches"].one_core_s == pytest.approx(60 + 1e-5 * 50e6 * 100)
    assert (more.counts.askers, more.counts.search_matches) == (150e6, 50e8)
    assert more.counts.pairs == pytest.approx(1.5 * plain.counts.pairs)
    assert more.counts.posting_matches == 10e6 * 50
    assert more.counts.recommendations == 150e6 * 10 + 10e6 * 10
    assert more.counts.texts - plain.counts.texts == 50e6
    assert more.disk.matches_bytes == plain.disk.matches_bytes + (50e8 + 5e8) * 10


def test_memory_and_disk_are_sums_of_rows_times_bytes():
    given = asked(members=1_000_000, postings=100_000, changed_share=0.01, kept_nights=3)
    planned = plan(given, RETRIEVAL, constants())
    memory, disk = planned.memory, planned.disk
    assert memory.java_bytes == 4 * 1000 * MIB
    assert memory.workers_bytes == 4 * (500 * MIB + 32 * 1000 * 256)  # the fresh postings in one shard
    assert memory.page_cache_bytes == 100_000 * (256 * 2 + 64)
    assert disk.matches_bytes == 1_000_000 * 100 * 10
    assert disk.tables_bytes == 100_000 * 500 + 1_000_000 * 600 + disk.matches_bytes + 1_000_000 * 10 * 40
    assert disk.embeddings_bytes == 1_100_000 * 1024
    kept = disk.embeddings_bytes + 3 * disk.tables_bytes + disk.index_bytes * (1 + 2 * 0.01)
    assert disk.kept_bytes == pytest.approx(kept)
    shuffled = 1024 * (2 * 1_000_000 + 2 * 1000)  # only vectors, as constants are 0
    assert disk.local_bytes == disk.index_bytes + shuffled
    assert planned.shuffle_partitions == -(-2 * 1_000_000 * 1024 // (GIB // 8))


def test_a_worker_that_looks_fresh_postings_up_holds_hashes_of_all():
    def workers_bytes(share):
        return plan(asked(changed_share=share, cores_per_executor=1), RETRIEVAL, constants()).memory.workers_bytes

    assert workers_bytes(0.00001) == 500 * MIB + 32 * 10_000_000  # more than a shard of 100 postings
    assert workers_bytes(1) == 500 * MIB + 32 * 100_000 * 256  # nothing to look up


def test_constants_survive_their_file():
    given = replace(constants(match=Stage(1.5, 0.75, {"pairs": 2.5e-9}, {"members": 12.0})), nights=("1 x 1", "2 x 2"))
    again = parsed(as_toml(given))
    assert again.stages == given.stages
    assert (again.nights, again.row_bytes, again.memory) == (given.nights, given.row_bytes, given.memory)


def test_a_file_that_lacks_a_constant_is_refused():
    with pytest.raises(ValueError, match="fast_share"):
        parsed(as_toml(constants()).replace("fast_share", "fast_shard"))


def test_the_constants_that_ship_know_every_stage_of_a_night():
    assert list(measured().stages) == list(TERMS)
    assert set(TERMS) == (set(STAGES) - {"distill", "reorder_members", "audit"}) | {"start"}
    for name, stage in measured().stages.items():
        assert set(stage.core_s) == set(TERMS[name])


def test_the_constants_that_ship_agree_with_those_that_group_cohorts():
    match = measured().stages["match"].core_s
    assert measured().copied_per_product == pytest.approx(groups._COPY / groups._PRODUCT, rel=1e-3)
    assert 0.5 < match["multiply_adds"] * 256 / groups._PRODUCT < 2
