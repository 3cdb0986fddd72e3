"""What is taken over from the index before."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from pipelines.publishing.artifacts import Manifest
from pipelines.retrieval.increment import FOUND, Before, bury
from pipelines.retrieval.quantiser import train


def index_of(bases, deltas):
    names = [f"shard-{number:06d}" for number in range(bases)] + [f"delta-{number:06d}" for number in range(deltas)]
    manifest = Manifest(
        kind="index", artifact_id="i", dimension=8, metric="inner_product", parents={}, recipe={},
        files={f"{name}/vectors.npy": "" for name in names}, libraries={}, written_at=datetime.datetime.now(),
    )  # fmt: skip
    return Before(Path("nowhere"), manifest)


@pytest.mark.parametrize(("bases", "deltas", "kept"), [(2, 7, 9), (2, 8, 2), (20, 19, 39), (20, 20, 20)])
def test_deltas_are_made_again_as_one_when_there_are_too_many(bases, deltas, kept):
    assert len(index_of(bases, deltas).shards) == kept


def test_rows_that_nobody_found_are_gone_and_only_shards_that_have_any_say_so(tmp_path):
    for name, rows in (("delta-0", 2), ("shard-0", 3)):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "fingerprint.npy", np.arange(rows))
    found = [np.array([4, 0], FOUND).tobytes(), np.array([1, 2], FOUND).tobytes()]
    tally = bury(tmp_path, ["delta-0", "shard-0"], found, fresh=5)
    assert (tally.kept, tally.gone, tally.added, tally.fresh) == (4, 1, 2, 5)
    assert np.load(tmp_path / "shard-0" / "gone.npy").tolist() == [False, True, False]
    assert not (tmp_path / "delta-0" / "gone.npy").exists()


def test_a_quantiser_fits_until_vectors_drift_or_there_should_be_twice_as_many_clusters():
    rng = np.random.default_rng(0)
    sample = rng.normal(size=(500, 8)).astype(np.float32)
    made = train(sample, clusters=10, seed=1)
    assert made.fits(sample, clusters=20)
    assert not made.fits(sample, clusters=21)
    assert not made.fits(sample + 3, clusters=10)
