"""Saved searches find what brute force finds among the postings that are what they ask for, whatever the layout."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.retrieval.blending import Wishes, blended, similarities
from pipelines.retrieval.criteria import ANY_DAY, Criteria, Facts, Phrases
from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.eligibility import Cohort, Lists
from pipelines.retrieval.precision import BFLOAT16, prepare_worker
from pipelines.retrieval.relaxation import relaxed_cells
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index
from schemas.errors import ArtifactError
from tests.searched_world import COUNTRIES, REGIONS, make_members, make_postings, may_take, ragged, sharded, together

CITIES = ["", "port", "hill"]
WORDS = ["night", "nurse", "sales", "lead"]


def with_facts(rng, postings):
    for posting in postings:
        posting |= {
            "posted": int(rng.choice([ANY_DAY, 20_000, 20_005, 20_010])),
            "level": int(rng.choice([0, 1, 2, 4])),
            "city": str(rng.choice(CITIES)),
            "title": set(rng.choice(WORDS, size=rng.integers(1, 4)).tolist()),
        }
    return postings


def make_searches(rng, members):
    def some(values, share=0.3):
        return rng.choice(values, size=1).tolist() if rng.random() < share else []

    for member in members:
        places = [(str(rng.choice(COUNTRIES[1:])), str(rng.choice(REGIONS)), str(rng.choice(CITIES))) for _ in range(2)]
        wish = rng.normal(size=len(member["vector"])).astype(np.float32)
        member |= {
            "named": places if rng.random() < 0.5 else [],
            "not_in": [(str(rng.choice(COUNTRIES[1:])), str(rng.choice(REGIONS)), str(rng.choice(CITIES)))]
            if rng.random() < 0.3
            else [],
            "earliest": int(rng.choice([ANY_DAY, 20_003, 20_008])),
            "levels": int(rng.choice([0, 0, 1, 6])),
            "at": some([1, 2, 3]),
            "titled": [["night", "nurse"], ["lead"]] if rng.random() < 0.3 else [],
            "not_titled": [some(WORDS, 1.0), ["night", "lead"]] if rng.random() < 0.5 else [],
            "weight": float(rng.choice([0.0, 0.15, 1.0])),
            "wish": wish / np.linalg.norm(wish),
        }
        if member["named"]:
            member["places"] = frozenset((country, region) for country, region, _ in places)
    return members


def number_of_city(country, city):
    return 1 + (COUNTRIES.index(country) * 10 + CITIES.index(city)) if country and city else 0


def is_asked_for(search, posting):
    """The criteria, one pair at a time, in plain words."""
    here = (posting["country"], posting["city"])
    if search["named"] and all(here) and posting["mode"] != "remote":
        in_city = any((country, city) == here for country, _, city in search["named"])
        whole = [(country, region) for country, region, city in search["named"] if not city]
        if not in_city and not any(
            country == posting["country"] and (region in ("", posting["region"]) or not posting["region"])
            for country, region in whole
        ):
            free = {(country, region) for country, region, _ in search["named"]} == set(whole)
            if not free:
                return False
    for country, region, city in search["not_in"]:
        if city and (country, city) == here:
            return False
        if not city and country == posting["country"] and region in ("", posting["region"]):
            return False
    if posting["posted"] not in (ANY_DAY,) and posting["posted"] < search["earliest"]:
        return False
    if search["levels"] and posting["level"] and not posting["level"] & search["levels"]:
        return False
    if search["at"] and posting["company"] not in search["at"]:
        return False
    if search["titled"] and not any(set(phrase) <= posting["title"] for phrase in search["titled"]):
        return False
    return not any(set(phrase) <= posting["title"] for phrase in search["not_titled"])


def brute_force(search, postings, k):
    vector = (1 - np.float32(search["weight"])) * search["wish"] + np.float32(search["weight"]) * search["vector"]
    scored = [
        (-round(float(np.dot(vector.astype(np.float64), p["vector"].astype(np.float64))), 6), p["id"].decode())
        for p in postings
        if may_take(search, p) and is_asked_for(search, p)
    ]
    return [(posting_id, -score) for score, posting_id in sorted(scored)[:k]]


def facts_of(shard, postings):
    by_id = {p["id"].decode(): p for p in postings}
    rows = [by_id[one] for one in shard.ids.to_pylist()]
    return Facts(
        posted=np.array([p["posted"] for p in rows]),
        seniority=np.array([p["level"] for p in rows]),
        city=np.array([number_of_city(p["country"], p["city"]) for p in rows]),
        title=ragged([[1 + WORDS.index(word) for word in p["title"]] for p in rows]),
    )


def phrases_of(lists):
    words = [sorted(1 + WORDS.index(word) for word in phrase) for one in lists for phrase in one]
    return Phrases(np.cumsum([len(one) for one in lists]), ragged(words) if words else Lists(*[np.empty(0, int)] * 2))


def as_searches(members, is_search):
    asked = together(members)

    def regions(places, has_city):
        return frozenset((country, region) for country, region, city in places if bool(city) == has_city)

    cohorts = [
        replace(
            Cohort(m["places"], m["modes"], frozenset(), m["languages"]),
            excluded_places=regions(m["not_in"], False),
            whole_places=regions(m["named"], False) if m["named"] else m["places"],
            is_search=True,
        )
        if searching
        else Cohort(m["places"], m["modes"], frozenset(), m["languages"])
        for m, searching in zip(members, is_search, strict=True)
    ]
    mine = [m if searching else {} for m, searching in zip(members, is_search, strict=True)]

    def cities(name):
        return ragged([[number_of_city(a, city) for a, _, city in m.get(name, []) if city] for m in mine])

    criteria = Criteria(
        earliest=np.array([m.get("earliest", ANY_DAY) for m in mine]),
        seniorities=np.array([m.get("levels", 0) for m in mine]),
        cities=cities("named"),
        excluded_cities=cities("not_in"),
        companies=ragged([m.get("at", []) for m in mine]),
        titles=phrases_of([m.get("titled", []) for m in mine]),
        excluded_titles=phrases_of([m.get("not_titled", []) for m in mine]),
    )
    weight = np.array([m.get("weight", 1.0) for m in mine])
    wish = np.array([m.get("wish", np.zeros_like(asked.vectors[0])) for m in mine], dtype=np.float32)
    wishes = Wishes(np.array(is_search), criteria, wish, asked.vectors, weight)
    known = list(dict.fromkeys(cohorts))
    return replace(
        asked,
        vectors=blended(wish, asked.vectors, weight),
        cohorts=known,
        cohort=np.array([known.index(one) for one in cohorts]),
        wishes=wishes,
    )


def lists_of(asked, index, k):
    lists = [[] for _ in asked.cohort]
    for found in search(postings_for(asked, index), index, k=k, precision=BFLOAT16):
        ids = index.ids(found.row).to_pylist()
        for query, posting_id, similarity in zip(found.query, ids, found.similarity, strict=True):
            lists[query].append((posting_id, similarity))
    return lists


def an_index(postings, shards):
    opened = [sharded(postings[start::shards]) for start in range(shards)]
    return Index([replace(shard, facts=facts_of(shard, postings)) for shard in opened])


@pytest.mark.parametrize(("seed", "shards"), [(seed, shards) for seed in range(6) for shards in (1, 3)])
def test_searches_find_what_brute_force_finds_and_members_beside_them_what_they_always_do(seed, shards):
    rng = np.random.default_rng(seed)
    prepare_worker()
    postings = with_facts(rng, make_postings(rng, 200, 40))
    members = make_searches(rng, make_members(rng, 60, postings))
    is_search = (np.arange(60) % 3 > 0).tolist()
    index = an_index(postings, shards)
    lists = lists_of(as_searches(members, is_search), index, k=7)
    alone = lists_of(together(members), index, k=7)
    for member, searching, found, as_member in zip(members, is_search, lists, alone, strict=True):
        assert found == (brute_force(member, postings, 7) if searching else as_member)
    searched = [found for found, searching in zip(lists, is_search, strict=True) if searching]
    assert sum(map(len, searched)) > 80
    assert sum(len(found) < 7 for found in searched) > 3  # criteria leave little, and all of it is found


def test_a_wish_for_something_new_is_not_pulled_back_to_the_old_career():
    rng = np.random.default_rng(1)
    new, old = np.eye(8, dtype=np.float32)[:2]
    postings = with_facts(rng, make_postings(rng, 60, 2))
    for number, posting in enumerate(postings):
        posting["vector"] = new * 0.6 + np.eye(8, dtype=np.float32)[3] * 0.8 if number < 20 else old
    [member] = make_members(rng, 1, postings)
    nothing = {"named": [], "not_in": [], "titled": [], "not_titled": [], "at": [], "levels": 0, "earliest": ANY_DAY}
    anything = {"places": frozenset(), "modes": frozenset(), "languages": frozenset(), "companies": [], "applied": []}
    member |= nothing | anything | {"years": np.nan, "min_salary": np.nan, "vector": old, "wish": new, "weight": 0.15}
    prepare_worker()
    index = an_index(postings, 1)
    [found] = lists_of(as_searches([member], [True]), index, k=20)
    assert {posting_id for posting_id, _ in found} == {p["id"].decode() for p in postings[:20]}
    assert [similarity for _, similarity in found] == pytest.approx([0.85 * 0.6] * 20, abs=1e-6)


def test_a_blend_s_product_is_the_blend_of_the_products_and_both_are_told_apart():
    rng = np.random.default_rng(2)
    prepare_worker()
    postings = with_facts(rng, make_postings(rng, 200, 200))
    asked = as_searches(make_searches(rng, make_members(rng, 20, postings)), [True] * 20)
    index, weight = an_index(postings, 2), asked.wishes.profile_weight
    for found in search(postings_for(asked, index), index, k=5, precision=BFLOAT16):
        wish, profile = (similarities(found, one, index) for one in (asked.wishes.wish, asked.wishes.profile))
        both = (1 - weight[found.query]) * wish + weight[found.query] * profile
        assert np.abs(both - found.similarity).max() < 3e-6
        assert np.abs(wish - profile).max() > 0.1


def test_a_search_is_never_relaxed():
    rng = np.random.default_rng(3)
    cells = an_index(with_facts(rng, make_postings(rng, 100, 5)), 1).cells
    cohort = Cohort(frozenset([("DE", "north")]), frozenset(), frozenset(), frozenset())
    assert relaxed_cells("next_region", cohort, cells).any()
    for step in ("next_region", "remote_elsewhere"):
        assert not relaxed_cells(step, replace(cohort, is_search=True), cells).any()


def test_an_index_without_what_searches_ask_for_says_so():
    rng = np.random.default_rng(4)
    prepare_worker()
    postings = with_facts(rng, make_postings(rng, 50, 5))
    asked = as_searches(make_searches(rng, make_members(rng, 3, postings)), [True] * 3)
    with pytest.raises(ArtifactError, match="build it again"):
        lists_of(asked, Index([sharded(postings)]), k=3)
