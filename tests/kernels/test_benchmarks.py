"""The pure parts of the benchmarks of the search."""

import json
import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.lineup import Entrant, lineup
from benchmarks.night_tables import found_rows
from benchmarks.ours import VARIANTS, retrieval_config
from benchmarks.page import publish
from benchmarks.peers.arrays import Queries, brute_force
from benchmarks.peers.contract import Result
from benchmarks.peers.memory import private_mib, worker_memory
from benchmarks.peers.quality import recall_of, short_share_of, violations_of
from benchmarks.race import Race, eligible_postings, measured, middle, with_rates
from benchmarks.stored import store
from benchmarks.truth import share_rules

FAST = Result("fast", "unfiltered", members=10, postings=1000, k=5, members_per_s=200.0, recall=1.0, note="so")


def test_recall_short_lists_and_violations_are_those_counted_by_hand():
    truth = np.array([[3, 1], [2, -1], [0, 1]])
    found = np.array([[1, 7], [2, -1], [0, -1]])
    assert recall_of(found, truth) == 3 / 5
    assert short_share_of(found, truth) == 1 / 3
    eligible = np.packbits([[0, 1, 0, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]], axis=1, bitorder="little")
    assert violations_of(found, np.array([0, 1, 1]), eligible) == 1  # 7 of the first member


def test_brute_force_leaves_out_what_a_member_may_not_take():
    postings = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    members = np.array([[1, 0], [1, 0]], dtype=np.float32)
    eligible = np.packbits([[1, 1, 1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0]], axis=1, bitorder="little")
    asked = Queries(members, np.array([0, 1], dtype=np.int32), np.empty((0, 2), np.int64))
    assert brute_force(asked, postings, eligible, 2).tolist() == [[0, 2], [1, -1]]


def test_matches_are_read_as_rows_best_first_of_the_members_asked_for(tmp_path):
    columns = {
        "member_id": ["m000000004", "m000000009", "m000000004", "m000000004"],
        "posting_id": ["p000000001", "p000000002", "p000000003", "p000000005"],
        "similarity": [0.5, 0.9, 0.7, 0.1],
    }
    pq.write_table(pa.table(columns), tmp_path / "part-0.parquet")
    assert found_rows(tmp_path, np.array([2, 4]), 2).tolist() == [[-1, -1], [3, 1]]


def test_regions_hold_their_shares_of_the_postings():
    rules = share_rules(members=100, postings=1000, shares=(0.5, 0.1, 0.03), seed=1)
    assert np.bincount(rules.postings).tolist() == [500, 100, 30, 370]
    assert set(rules.members.tolist()) == {0, 1, 2}


def test_members_may_take_on_average_what_their_cohorts_may(tmp_path):
    np.save(tmp_path / "eligible.npy", np.array([[0b1011], [0b0001]], dtype=np.uint8))
    np.save(tmp_path / "member_cohort.npy", np.array([0, 1, 1, 1]))
    assert eligible_postings(tmp_path) == (3 + 1 + 1 + 1) / 4


@pytest.mark.skipif(private_mib() is None, reason="this kernel does not tell")
def test_the_memory_of_a_child_is_sampled():
    held = "import time; held = bytearray(50 << 20); print(flush=True); time.sleep(60)"
    with worker_memory("marked-child") as samples:
        child = subprocess.Popen([sys.executable, "-c", held, "marked-child"], stdout=subprocess.PIPE)
        assert child.stdout.readline()
        deadline = time.monotonic() + 10
        while not any(sample > 50 for sample in samples) and time.monotonic() < deadline:
            time.sleep(0.05)
        child.kill()
        child.wait()
    assert 50 < max(samples) < 100


def test_the_run_of_median_speed_counts_and_says_how_far_apart_they_lay():
    runs = [Result("x", "rules", members_per_s=rate, build_s=rate) for rate in (30.0, 10.0, 20.0)]
    assert middle(runs).build_s == 20.0
    assert "3 of 3 rounds ended, 10 to 30 members/s" in middle(runs).note
    assert "1 of 2 rounds ended" in middle([runs[0], Result("x", "rules", note="failed")]).note


def test_an_engine_that_fails_is_a_result_without_figures(tmp_path):
    result = measured(Entrant("gone", "benchmarks.peers.gone", "gone", "rules"), Race(tmp_path, k=1, threads=1))
    assert (result.engine, result.workload, result.members_per_s) == ("gone", "rules", None)
    assert result.note.startswith("failed: exit code 1") and "benchmarks.peers.gone" in result.note


def test_pairs_and_share_of_peak_follow_from_the_rate():
    entrant = Entrant("fast", "", "", "unfiltered", precision="float32")
    rated = with_rates(FAST, entrant, eligible=50, dimension=4, peaks={"float32": 8e6})
    assert rated.pairs_per_s == 200 * 1000
    assert rated.share_of_peak == 200 * 1000 * 4 * 2 / 8e6
    under_rules = Result(**{**vars(FAST), "workload": "rules", "recall": 0.9})
    rated = with_rates(under_rules, entrant, eligible=50, dimension=4, peaks={"float32": 8e6})
    assert (rated.pairs_per_s, rated.share_of_peak) == (200 * 50, None)  # it did not find all: it may not have looked


def test_every_entrant_has_a_label_of_its_own_and_a_script():
    everybody = lineup(members=10, slow_members=1, avx512=True)
    assert len({(one.label, one.workload) for one in everybody}) == len(everybody)
    assert [one.module for one in everybody if find_spec(one.module) is None] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_a_configuration(variant):
    assert retrieval_config(variant, 7).matches_per_member == 7


def test_the_page_has_a_section_for_what_was_measured(tmp_path):
    failed = Result("broken", "unfiltered", note="failed: exit code 1")
    store(tmp_path, "retrieval", [vars(failed), vars(FAST)], {"cores": "2"})
    page = publish(tmp_path, tmp_path).read_text()
    assert page.index("| fast | 200 | 1.0000 |") < page.index("| broken |  |  |")
    assert "- cores: 2" in page and "Scaling" not in page
    assert (tmp_path / "plots" / "retrieval-unfiltered.svg").exists()
    figure = {"figure": "time", "value": 2.0, "unit": "times", "goal": "at most 2.2", "note": ""}
    assert json.loads(store(tmp_path, "scaling", [figure], {}).read_text()) == [figure]
    assert "| time | 2 times | at most 2.2 |  |" in publish(tmp_path, tmp_path).read_text()
