import datetime
import itertools

import numpy as np
import pyarrow as pa
import pytest

from pipelines.ingest.clusters import leaders
from pipelines.ingest.config import IngestConfig
from pipelines.ingest.fingerprints import COMPARED, duplicates, fingerprint
from pipelines.ingest.minhash import signatures, similarities
from schemas import columns as c

WORDS = [f"w{number}" for number in range(400)]
CONFIG = IngestConfig(
    max_title_chars=50,
    max_description_chars=5000,
    max_age_days=30,
    interest_days=180,
    duplicate_similarity=0.85,
    shingle_words=3,
    minhash_permutations=128,
)


def sign(texts: list[list[str]], permutations: int = 128) -> np.ndarray:
    return signatures(texts, shingle_words=3, permutations=permutations, seed=7)


def changed(text: list[str], *at: int) -> list[str]:
    return [f"{word}x" if position in at else word for position, word in enumerate(text)]


def shingles(text: list[str]) -> set[tuple[str, ...]]:
    return {tuple(text[at : at + 3]) for at in range(len(text) - 2)}


def jaccard(one: list[str], other: list[str]) -> float:
    return len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))


@pytest.mark.parametrize("changes", [(), (50,), (20, 90), (10, 30, 60, 80), tuple(range(0, 100, 4))])
def test_agreement_of_signatures_estimates_the_share_of_common_shingles(changes):
    text = WORDS[:100]
    truth = jaccard(text, changed(text, *changes))
    first, second = sign([text, changed(text, *changes)], permutations=2048)
    # five standard deviations of a mean of 2,048 draws
    assert abs(similarities(first, second[None])[0] - truth) <= 5 * np.sqrt(truth * (1 - truth) / 2048)


def test_a_signature_does_not_depend_on_the_texts_beside_it():
    texts = [WORDS[:50], WORDS[30:33], WORDS[100:300], WORDS[:50]]
    together = sign(texts)
    assert (together == np.vstack([sign([text]) for text in texts])).all()


def test_a_chain_of_small_changes_does_not_drift_away_from_its_leader():
    texts = [WORDS[:200]]
    for step in range(10):  # 3 of 198 shingles a step: neighbours share 195 / 201, the ends 170 / 226
        texts.append(changed(texts[-1], 20 * step))
    assert jaccard(texts[0], texts[-1]) == 170 / 226
    assert min(jaccard(one, next_one) for one, next_one in itertools.pairwise(texts)) == 195 / 201
    signed = sign(texts)
    found = leaders([bytes([n]) for n in range(11)], [row.tobytes() for row in signed], threshold=0.9)
    assert all(similarities(signed[n], signed[[leader]])[0] >= 0.9 for n, leader in enumerate(found) if n != leader)
    assert found[1] == 0
    assert found[10] != 0


def test_every_text_follows_the_most_similar_leader_as_in_a_comparison_of_all_pairs():
    rng = np.random.default_rng(3)
    origins = [[WORDS[n] for n in rng.integers(0, 400, 150)] for _ in range(6)]
    texts = [changed(origins[n % 6], *rng.integers(0, 150, n % 5)) for n in range(60)]
    signed = sign(texts)
    expected: list[int] = []
    for row in range(60):
        before = [n for n in range(row) if expected[n] == n]
        alike = similarities(signed[row], signed[before]) if before else np.zeros(1)
        expected.append(before[int(alike.argmax())] if alike.max() >= 0.85 else row)
    found = leaders([str(n).encode() for n in range(60)], [row.tobytes() for row in signed], threshold=0.85)
    assert found.tolist() == expected
    assert len(set(expected)) < 60


def test_texts_without_a_signature_follow_only_their_equals():
    assert leaders([b"a", b"b", b"a"], [None, None, None], threshold=0.5).tolist() == [0, 1, 0]


def rows(*changes: dict[str, object]) -> list[dict[str, object]]:
    given = {
        **dict.fromkeys(COMPARED),
        c.TITLE: "Cook",
        c.COMPANY_KEY: "acme",
        "place_key": "tx austin",
        c.DESCRIPTION: " ".join(WORDS[:100]),
        c.POSTED_ON: datetime.date(2026, 1, 1),
    }
    return [{**given, c.SOURCE_ROW: f"p{n}", **change} for n, change in enumerate(changes)]


def found(given: list[dict[str, object]]) -> dict[str, str]:
    pairs = duplicates(pa.Table.from_batches([fingerprint(given, CONFIG)]), CONFIG.duplicate_similarity).to_pylist()
    return {pair[c.SOURCE_ROW]: pair[c.DUPLICATE_OF] for pair in pairs}


NEAR = {c.DESCRIPTION: " ".join(changed(WORDS[:100], 50))}  # 95 of 101 shingles


def test_the_latest_posted_stands_for_its_duplicates_and_the_smallest_id_among_equals():
    later = {c.POSTED_ON: datetime.date(2026, 1, 2)}
    given = rows({}, later, NEAR | later, {c.POSTED_ON: None})
    assert found(given) == {"p0": "p1", "p2": "p1", "p3": "p1"}
    assert found(given[::-1]) == found(given)


@pytest.mark.parametrize(
    "other",
    [
        {"place_key": "tx dallas"},
        {c.COUNTRY: "MX"},
        {c.COMPANY_KEY: "other"},
        {c.TITLE: "Waiter"},
        {c.EMPLOYMENT_TYPE: "part_time"},
        {c.WORK_MODE: "remote"},
        {c.SENIORITY: "lead"},
    ],
)
def test_equal_texts_of_another_company_place_title_or_kind_are_no_duplicates(other):
    assert found(rows({}, other)) == {}


def test_a_title_is_equal_apart_from_case_punctuation_and_calls_to_apply():
    titles = (
        {c.TITLE: "Nurse (Title 32)"},
        {c.TITLE: "NURSE - TITLE32"},
        {c.TITLE: "Urgent: Nurse (Title 32) - apply now!"},
    )
    assert found(rows(*titles)) == {"p1": "p0", "p2": "p0"}


@pytest.mark.parametrize("unknown", [{c.COMPANY_KEY: None}, {"place_key": None}])
def test_without_company_or_place_only_equal_texts_are_duplicates(unknown):
    assert found(rows(unknown, unknown | NEAR, unknown)) == {"p2": "p0"}


def test_a_short_description_is_a_duplicate_only_when_equal():
    short = " ".join(WORDS[:19])
    assert found(rows({c.DESCRIPTION: short}, {c.DESCRIPTION: short + " more"}, {c.DESCRIPTION: short.upper()})) == {
        "p2": "p0"
    }
    assert found(rows({c.DESCRIPTION: None}, {c.DESCRIPTION: None})) == {"p1": "p0"}
