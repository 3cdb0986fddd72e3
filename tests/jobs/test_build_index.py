"""An index that takes over what has not changed gives what brute force gives over tonight's postings."""

import datetime
import hashlib
import json
import os

import numpy as np
import pytest
from pyspark.sql import types as T

from jobs.build_index import build
from jobs.start import Context
from pipelines.config import load_config
from pipelines.night import Night
from pipelines.publishing import artifacts
from pipelines.publishing.catalog import open_catalog
from pipelines.publishing.contents import PUBLISHED
from pipelines.publishing.progress import Counts
from pipelines.publishing.store import Store
from pipelines.publishing.tables import Tables
from pipelines.retrieval.stage import by_cohort, find_matches, searching
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from tests.conftest import PROJECT
from tests.rows import frame
from tests.stages.test_retrieval_stage import STATES, brute_force, unit

SMALL = {
    "matches_per_member": 5, "shard_postings": 120, "cluster_postings": 20, "fast_min_postings": 100,
    "max_stale_share": 0.3,
}  # fmt: skip
FIRST, SECOND, THIRD = (datetime.date(2026, 11, day) for day in (2, 3, 4))


def vector(text):
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return unit(np.random.default_rng(seed), 1)[0].tolist()


def posting(number, **other):
    given = {
        "posting_id": f"p{number:03d}", "country": "US", "region": STATES[number % 3], "text": f"text {number}",
        "min_years": [None, 2.0, 9.0][number % 7 % 3], "company_key": f"company {number % 11}",
    } | other  # fmt: skip
    return given | {"content_hash": given["text"]}


def changed(postings):
    """Of each four of the first 40, one has another text, region or company, or is gone; five are new."""
    now = {one["posting_id"]: one for one in postings}
    for number in range(0, 40, 4):
        now[f"p{number:03d}"] |= {"text": f"new text {number}", "content_hash": f"new text {number}"}
        now[f"p{number + 1:03d}"] |= {"region": STATES[number % 3]}
        now[f"p{number + 2:03d}"] |= {"company_key": f"company {number}"}
        del now[f"p{number + 3:03d}"]
    return [*now.values(), *(posting(number) for number in range(300, 305))]


def first_night():
    return [posting(number) for number in range(300)]


class House:
    """A store, and nights in it."""

    def __init__(self, spark, folder):
        self.spark, self.folder = spark, folder
        rng = np.random.default_rng(5)
        self.members = [
            {
                "member_id": f"m{row:03d}", "places": [{"country": "US", "region": STATES[row % 2]}],
                "years_of_experience": [None, 4.0][row % 2], "excluded_company_keys": [f"company {row % 13}"],
                "excluded_posting_ids": [f"p{row:03d}"], "vector": query.tolist(),
            }
            for row, query in enumerate(unit(rng, 40))
        ]  # fmt: skip

    def night(self, date, postings, student_id="s", encoded=None, **retrieval):
        """The index of one night: its folder and the stage's counts."""
        config = load_config(PROJECT / "conf", "sample", {})
        config = config.model_copy(update={"retrieval": config.retrieval.model_copy(update=SMALL | retrieval)})
        store = Store.at(config.storage, self.folder)
        tables = Tables(self.spark, open_catalog(config.storage, store), store, f"{date}-{student_id}-1")
        run = Context("town", Night(date, tables.run_id), config, PROJECT / "conf", store, tables)
        tables.check_contracts(PUBLISHED)
        read = tables.stage(POSTINGS, frame(self.spark, POSTINGS.schema, *(without(one) for one in postings)))
        known = {row[c.CONTENT_HASH] for row in tables.read(POSTING_EMBEDDINGS, student_id=student_id).collect()}
        vectors = [
            {"student_id": student_id, "content_hash": text, "vector": vector(text), "run_date": date}
            for text in sorted({one["text"] for one in [*postings, *(encoded or [])]} - known)
        ]
        tables.stage(POSTING_EMBEDDINGS, frame(self.spark, POSTING_EMBEDDINGS.schema, *vectors))
        tables.append(POSTING_EMBEDDINGS)
        run.progress.once("ingest_postings", lambda: Counts(rows_out=read))
        run.progress.once("embed", lambda: Counts(notes={"student_id": student_id}))
        counts = build(run)
        return store.indexes / counts.notes["folder"], counts

    def matches(self, index, fast=False):
        """Rows as of `brute_force`, searched exactly or fast with an effort that leaves nothing out."""
        config = load_config(PROJECT / "conf", "sample", {}).retrieval.model_copy(update=SMALL)
        schema = T.StructType([*MEMBERS.schema.fields, T.StructField(c.VECTOR, T.ArrayType(T.FloatType()))])
        members = frame(self.spark, schema, *self.members)
        cohorts = by_cohort(members, expected=40, config=config).select("cohort").distinct().collect() if fast else []
        search = searching(
            index=index, index_id="i", student_id="s", night=Night(FIRST, "run"), config=config,
            efforts={row["cohort"]: 1e6 for row in cohorts},
        )  # fmt: skip
        rows = find_matches(members, expected=40, search_batches=search, config=config).collect()
        found = [(row[c.MEMBER_ID], row[c.POSTING_ID], row[c.SIMILARITY]) for row in rows]
        return sorted(found, key=lambda row: (row[0], -row[2], row[1]))

    def expected(self, postings):
        """What brute force finds."""
        given = [one | {"vector": vector(one["text"])} for one in postings]
        return [row for member in self.members for row in brute_force(given, member, 5)]


def without(one):
    return {name: value for name, value in one.items() if name != "vector"}


def shards(index):
    return {path.name for path in index.iterdir() if path.is_dir()}


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
