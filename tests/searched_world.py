"""Postings and members of a small world, the search of it, and a brute force that shares no code with the search."""

import itertools

import numpy as np
import pyarrow as pa

from pipelines.retrieval.directions import Members, postings_for
from pipelines.retrieval.eligibility import Cells, Cohort, Lists, MemberTerms, PostingTerms
from pipelines.retrieval.precision import BFLOAT16, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index, make_shard

COUNTRIES = ["", "DE", "FR"]
REGIONS = ["", "north", "south"]
MODES = ["", "onsite", "remote"]
LANGUAGES = ["", "de", "de,en"]


def make_postings(rng, n, distinct, d=8):
    """Postings as dicts, in random order; few distinct vectors, so that there are many equal scores."""
    pool = rng.normal(size=(distinct, d)).astype(np.float32)
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    return [
        {
            "id": f"p{number:05d}".encode(),
            "vector": pool[rng.integers(distinct)],
            "country": str(rng.choice(COUNTRIES)),
            "region": str(rng.choice(REGIONS)),
            "mode": str(rng.choice(MODES)),
            "languages": str(rng.choice(LANGUAGES)),
            "min_years": float(rng.choice([np.nan, 0, 3, 8])),
            "salary_max": float(rng.choice([np.nan, 30_000, 60_000])),
            "currency": bytes(rng.choice([b"", b"EUR", b"USD"])),
            "company": int(rng.integers(0, 4)),
        }
        for number in rng.permutation(n)
    ]


def make_members(rng, n, postings, d=8):
    ids = [posting["id"] for posting in postings]
    members = []
    for _ in range(n):
        vector = rng.normal(size=d).astype(np.float32)
        members.append(
            {
                "vector": vector / np.linalg.norm(vector),
                "places": frozenset([("DE", str(rng.choice(REGIONS)))] if rng.random() < 0.7 else []),
                "modes": frozenset(["onsite"] if rng.random() < 0.3 else []),
                "languages": frozenset(rng.choice([["de"], ["de", "en"]][rng.integers(2)], size=2).tolist())
                if rng.random() < 0.5
                else frozenset(),
                "years": float(rng.choice([np.nan, 1, 5])),
                "min_salary": float(rng.choice([np.nan, 45_000])),
                "currency": bytes(rng.choice([b"", b"EUR"])),
                "companies": rng.choice(4, size=rng.integers(0, 2), replace=False).tolist(),
                "applied": rng.choice(ids, size=min(len(ids), int(rng.integers(0, 4))), replace=False).tolist(),
            }
        )
    return members


def may_take(member, posting):
    """The rules, one pair at a time, in plain words."""
    if member["places"]:
        fits = [
            posting["country"] in ("", country)
            and (region in ("", posting["region"]) or posting["region"] == "" or posting["mode"] == "remote")
            for country, region in member["places"]
        ]
        if not any(fits):
            return False
    if member["modes"] and posting["mode"] and posting["mode"] not in member["modes"]:
        return False
    if member["languages"] and posting["languages"]:
        if not set(posting["languages"].split(",")) <= member["languages"]:
            return False
    if posting["min_years"] > member["years"]:
        return False
    if posting["currency"] == member["currency"] != b"" and posting["salary_max"] < member["min_salary"]:
        return False
    return posting["company"] not in member["companies"] and posting["id"] not in member["applied"]


def brute_force(member, postings, k):
    scored = [
        (-round(float(np.dot(member["vector"].astype(np.float64), p["vector"].astype(np.float64))), 6), p["id"])
        for p in postings
        if may_take(member, p)
    ]
    return [(posting_id, -score) for score, posting_id in sorted(scored)[:k]]


def number(text):
    return int.from_bytes(text, "big") % (1 << 62)


def sharded(postings):
    def key(posting):
        return posting["country"], posting["region"], posting["mode"], posting["languages"]

    rows = sorted(postings, key=lambda p: (key(p), p.get("place", 0), p["id"]))
    runs = [(cell, len(list(group))) for cell, group in itertools.groupby(rows, key=key)]
    country, region, mode, languages = (np.array(values) for values in zip(*(cell for cell, _ in runs), strict=True))
    return make_shard(
        np.array([p["vector"] for p in rows], dtype=np.float32),
        pa.array([p["id"].decode() for p in rows]),
        PostingTerms(
            min_years=np.array([p["min_years"] for p in rows]),
            salary_max=np.array([p["salary_max"] for p in rows]),
            currency=np.array([number(p["currency"]) for p in rows]),
            company=np.array([p["company"] for p in rows]),
            posting=np.array([number(p["id"]) for p in rows]),
        ),
        Cells(country, region, mode, np.full(len(runs), ""), languages, np.cumsum([size for _, size in runs])),
        np.array([p.get("place", 0) for p in rows], dtype=np.int32),
    )


def ragged(lists):
    values = [value for one in lists for value in sorted(one)]
    return Lists(np.array(values, dtype=np.int64), np.cumsum([len(one) for one in lists]))


def together(members):
    wishes = [Cohort(m["places"], m["modes"], frozenset(), m["languages"]) for m in members]
    cohorts = list(dict.fromkeys(wishes))
    return Members(
        vectors=np.array([m["vector"] for m in members], dtype=np.float32),
        terms=MemberTerms(
            years=np.array([m["years"] for m in members]),
            min_salary=np.array([m["min_salary"] for m in members]),
            currency=np.array([number(m["currency"]) for m in members]),
            excluded_companies=ragged([m["companies"] for m in members]),
            excluded_postings=ragged([[number(one) for one in m["applied"]] for m in members]),
        ),
        cohorts=cohorts,
        cohort=np.array([cohorts.index(one) for one in wishes]),
    )


def searched(members, postings, shards, k, precision=BFLOAT16, unknown_excludes=(), effort=None):
    prepare_worker()
    asked = together(members)
    efforts = {} if effort is None else dict.fromkeys(asked.cohorts, effort)
    index = Index([sharded(postings[start::shards]) for start in range(shards) if postings[start::shards]])
    lists = [[] for _ in members]
    queries = postings_for(asked, index, unknown_excludes, efforts)
    for found in search(queries, index, k=k, precision=precision):
        ids = index.ids(found.row).to_pylist()
        for member, posting_id, similarity in zip(found.query, ids, found.similarity, strict=True):
            lists[member].append((posting_id.encode(), similarity))
    return lists
