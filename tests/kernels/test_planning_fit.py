"""Constants that explain nights explain others."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.planning.constants import Stage
from pipelines.planning.fit import MeasuredNight, check_size, fit, predicted
from pipelines.planning.stages import TERMS, shuffled_bytes
from tests.kernels.test_planning import COUNTS, constants


def nights(true, sizes, noise=0.0):
    """Nights that took what these constants say, on two cores, and the first also on one."""
    rng, made = np.random.default_rng(3), []
    for members, postings, cores in [(*sizes[0], 1), *((*size, 2) for size in sizes)]:
        counts = replace(
            COUNTS, members=members, askers=1.5 * members, searches=0.5 * members, postings=postings,
            texts=members + postings, changed_texts=members, fresh_postings=postings,
            search_matches=30 * members, posting_matches=90 * postings, shards=1,
            matches=members * min(100, postings / 20), search_tasks=-(-members // 16_384),
        )  # fmt: skip
        night = MeasuredNight(f"{members}x{postings}", (members, postings), cores, 256, counts, {}, {})
        seconds = {name: one * (1 + noise * rng.standard_normal()) for name, one in predicted(night, true).items()}
        shuffled = {name: shuffled_bytes(name, stage, counts, 256) for name, stage in true.items()}
        made.append(replace(night, seconds=seconds, shuffle_bytes=shuffled))
    return made


TRUE = constants(
    embed=Stage(8.0, 0.9, {"texts": 1e-4, "changed_texts": 5e-4}, {"texts": 70.0, "changed_texts": 400.0}),
    match=Stage(3.0, 0.8, {"askers": 4e-4, "pairs": 2e-9, "matches": 1e-6}, {"askers": 300.0, "matches": 60.0}),
    rank_searches=Stage(2.0, 0.9, {"search_matches": 1e-5}, {"search_matches": 90.0}),
    rank=Stage(4.0, 0.7, {"members": 1e-3, "matches": 8e-6}, {"members": 500.0, "matches": 110.0}),
).stages
SIZES = [(20_000, 20_000), (5000, 5000), (80_000, 80_000), (20_000, 1000), (1000, 20_000)]


def test_constants_that_made_nights_are_found_again():
    found = fit(nights(TRUE, SIZES), {"match": {"pairs": 2e-9}})
    for name, stage in TRUE.items():
        assert found[name].fixed_s == pytest.approx(stage.fixed_s, abs=1e-3)
        for count, seconds in stage.core_s.items():
            assert found[name].core_s[count] == pytest.approx(seconds, rel=0.02)
        for count, written in stage.shuffle_bytes.items():
            assert found[name].shuffle_bytes[count] == pytest.approx(written, rel=1e-6)
    assert [found[name].efficiency for name in ("embed", "match", "rank")] == pytest.approx([0.9, 0.8, 0.7])


def test_constants_are_never_negative_whatever_the_noise():
    for stage in fit(nights(TRUE, SIZES, noise=0.3), {}).values():
        assert min([stage.fixed_s, *stage.core_s.values(), *stage.shuffle_bytes.values()]) >= 0


def test_a_size_is_checked_by_constants_that_know_no_night_of_it():
    (check,) = check_size(80_000, nights(TRUE, SIZES), {})
    assert check.night == "80000x80000"
    assert not [name for name in check.fitted_to if "80000" in name]
    assert abs(check.error) < 0.01
    (small,) = check_size(5000, nights(TRUE, SIZES, noise=0.05), {})
    assert 0 < abs(small.error) < 0.25


def test_stages_of_some_nights_are_fitted_to_those_nights():
    without = [
        replace(night, counts=replace(night.counts, searches=0, search_matches=0)) for night in nights(TRUE, SIZES)
    ]
    assert set(fit(without, {})) == set(TERMS) - {"ingest_searches", "rank_searches"}
