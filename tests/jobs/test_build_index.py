"""An index that takes over what has not changed gives what brute force gives over tonight's postings."""

import json
import os

import pytest

from pipelines.publishing import artifacts
from tests.jobs.house import (
    FIRST,
    SECOND,
    THIRD,
    House,
    changed,
    first_night,
    posting,
    shards,
)


@pytest.fixture(scope="module")
def house(spark, tmp_path_factory):
    """Two nights, the second built upon the first; tests read them and leave them as they are."""
    made = House(spark, tmp_path_factory.mktemp("house"))
    made.first, _ = made.night(FIRST, first_night())
    made.second, made.counts = made.night(SECOND, changed(first_night()))
    return made


@pytest.fixture
def own(spark, tmp_path):
    return House(spark, tmp_path)


@pytest.mark.parametrize("fast", [False, True])
def test_matches_of_a_renewed_index_are_brute_force_over_tonights_postings(house, fast):
    assert house.matches(house.second, fast) == house.expected(changed(first_night()))


def test_only_what_changed_is_new_in_a_renewed_index(house):
    notes = house.counts.notes
    assert {name: notes[name] for name in ("kept", "fresh", "gone")} == {"kept": "260", "fresh": "35", "gone": "40"}
    assert house.counts.rows_out == 295


def test_a_shard_that_was_kept_is_the_same_files(house):
    assert shards(house.first) < shards(house.second)
    for path in house.first.rglob("*/*"):
        assert os.path.samefile(path, house.second / path.relative_to(house.first))


def test_a_renewed_index_is_whole_without_the_one_before(house):
    manifest = artifacts.verify(house.second, kind="index")
    before = artifacts.verify(house.first, kind="index")
    assert manifest.parents["index"] == before.artifact_id
    assert (before.recipe["quantiser"], manifest.recipe["quantiser"]) == ("trained", "reused")


def test_a_posting_that_comes_back_is_found_where_it_lay(own):
    own.night(FIRST, first_night())
    own.night(SECOND, changed(first_night()))
    third, counts = own.night(THIRD, first_night())
    assert (counts.notes["kept"], counts.notes["fresh"]) == ("300", "0")
    assert own.matches(third) == own.expected(first_night())


def test_past_the_share_of_stale_rows_all_is_built_afresh_with_the_same_quantiser(own):
    own.night(FIRST, first_night())
    second, counts = own.night(SECOND, changed(first_night()), max_stale_share=0.25)  # (40 + 35) / 295 = 0.254
    assert "0.254 of the rows is gone or new" in counts.notes["afresh"]
    assert all(name.startswith("shard-") for name in shards(second))
    assert not list(second.rglob("gone.npy"))
    assert artifacts.verify(second, kind="index").recipe["quantiser"] == "reused"
    assert own.matches(second) == own.expected(changed(first_night()))


def damage_a_byte(index):
    path = next(index.glob("*/vectors.npy"))
    bytes_ = bytearray(path.read_bytes())
    bytes_[-1] ^= 1
    path.write_bytes(bytes_)


def lose_a_file(index):
    next(index.glob("*/ids.arrow")).unlink()


def lose_the_quantiser(index):
    (index / "quantiser.npz").unlink()


@pytest.mark.parametrize("damage", [damage_a_byte, lose_a_file, lose_the_quantiser])
def test_a_damaged_index_is_not_built_upon_and_that_is_said(own, caplog, damage):
    first, _ = own.night(FIRST, first_night())
    damage(first)
    second, counts = own.night(SECOND, changed(first_night()))
    assert counts.notes["afresh"].endswith("is damaged")
    assert any("is damaged:\n" in message for message in caplog.messages)  # Spark may format caplog.text as JSON
    artifacts.verify(second, kind="index")
    assert not shards(first) & shards(second)


def test_an_index_of_another_student_is_never_built_upon(own):
    own.night(FIRST, first_night())
    _, counts = own.night(SECOND, first_night(), student_id="other")
    assert counts.notes["afresh"] == "there is no other index of this student"


def test_an_index_that_was_never_finished_is_not_built_upon(own):
    first, _ = own.night(FIRST, first_night())
    (first / "manifest.json").unlink()
    _, counts = own.night(SECOND, first_night())
    assert counts.notes["afresh"] == "there is no other index of this student"


def test_an_index_of_another_format_is_not_built_upon(own):
    first, _ = own.night(FIRST, first_night())
    manifest = json.loads((first / "manifest.json").read_text())
    del manifest["recipe"]["format"]
    (first / "manifest.json").write_text(json.dumps(manifest))
    _, counts = own.night(SECOND, first_night())
    assert counts.notes["afresh"].endswith("has another format")


def test_clusters_that_the_index_before_lacks_are_made(own):
    own.night(FIRST, first_night(), fast_min_postings=1000)
    second, counts = own.night(SECOND, first_night())
    assert counts.notes["afresh"].endswith("has no clusters of near postings")
    assert (second / "quantiser.npz").exists()


def test_a_text_that_was_encoded_on_an_earlier_night_and_is_in_no_index_has_its_vector(own):
    new = posting(400, text="known long ago")
    own.night(FIRST, first_night(), encoded=[new])
    second, counts = own.night(SECOND, [*first_night(), new, posting(401)])
    assert counts.notes["fresh"] == "2"
    assert len(list(second.glob("delta-*"))) == 1
    assert own.matches(second) == own.expected([*first_night(), new, posting(401)])


def test_a_posting_without_a_text_is_in_no_index(own):
    mute = posting(400) | {"content_hash": None}
    own.night(FIRST, [*first_night(), mute])
    _, counts = own.night(SECOND, [*first_night(), mute])
    assert (counts.rows_out, counts.notes["fresh"]) == (300, "0")
