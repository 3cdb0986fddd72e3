"""One wish against an index of the sample's postings is answered as brute force answers it, without Spark."""

import datetime
import json

import numpy as np
import pyarrow as pa
import pytest

from pipelines.config import load_config
from pipelines.embedding.student import load_student
from pipelines.ingest.members import read_embedded_member
from pipelines.ingest.postings import read_posting
from pipelines.retrieval.blocks import shard_of
from pipelines.retrieval.shards import Index, open_shard, write_shard
from pipelines.retrieval.words import folded, number_of, words_of
from pipelines.sample.members import member_feed
from pipelines.sample.postings import posting_feed
from pipelines.sample.searches import search_feed
from pipelines.sample.world import World
from pipelines.searches.reading import understood
from pipelines.searches.trying import answer
from schemas.values import SENIORITIES
from tests.asked_for import as_member, is_asked_for
from tests.brute_force import may_take
from tests.conftest import PROJECT

DAY = datetime.date(2026, 11, 2)
CONFIG = load_config(PROJECT / "conf", "sample", {})
WORLD = World(7, DAY, 600, 80)
STUDENT = load_student(PROJECT / "pipelines" / "embedding" / "default_student", 1024)
POSTING = {  # as conf/sample.toml maps the feed
    "posting_id": "jobRef",
    "title": "jobTitle",
    "company": "employer",
    "description": "body",
    "country": "countryName",
    "region": "state",
    "city": "town",
    "work_mode": "workplace",
    "employment_type": "contract",
    "seniority": "level",
    "min_years": "yearsRequired",
    "salary_max": "payTo",
    "salary_currency": "payCurrency",
    "posted_on": "datePosted",
}
MEMBER = {
    "member_id": "profileId",
    "headline": "tagline",
    "about": "summary",
    "wanted_titles": "lookingFor",
    "skills": "skills",
    "years_of_experience": "experienceYears",
    "seniority": "level",
    "work_modes": "workplaces",
    "min_salary": "payExpected",
    "employment_types": "contracts",
    "languages": "spokenLanguages",
    "salary_currency": "payCurrency",
}


def postings_of(rows):
    feeds = [posting_feed(WORLD, row) for row in rows]
    raw = [
        {name: feed[column] for name, column in POSTING.items()} | {"languages": (feed["languages"] or "").split(";")}
        for feed in feeds
    ]
    read = (read_posting(json.dumps(one, default=str), CONFIG.ingest) for one in raw)
    return [row for row in {row["posting_id"]: row for row in read}.values() if row["posting_id"] and row["title"]]


def member_of(row):
    feed = member_feed(WORLD, row)
    areas = feed["searchAreas"] or []
    raw = {name: feed[column] for name, column in MEMBER.items()} | {
        "places": [{"country": one["countryName"], "region": one["state"], "city": one["town"]} for one in areas],
        "blocked_companies": feed["blockedEmployers"],
    }
    read = read_embedded_member(json.dumps(raw, default=str), DAY, CONFIG.ingest, CONFIG.embedding)
    return read | {"excluded_posting_ids": [f"J-{row:08d}"]}


def index_of(postings, vectors, folder):
    """As the stage of the index asks for it, written and read again; two shards."""
    for half in (0, 1):
        some, columns = postings[half::2], {}
        for name in ("posting_id", "country", "region", "work_mode", "employment_type", "salary_currency"):
            columns[name] = pa.array([row[name] for row in some], pa.string())
        for name in ("min_years", "salary_max"):
            columns[name] = pa.array([row[name] for row in some], pa.float64())
        days = [row["posted_on"] and (row["posted_on"] - datetime.date(1970, 1, 1)).days for row in some]
        cities = [number_of(r["country"], folded(r["city"])) if r["country"] and r["city"] else None for r in some]
        columns |= {
            "languages": pa.array([",".join(row["languages"]) for row in some]),
            "company": pa.array([number_of(row["company_key"]) if row["company_key"] else 0 for row in some]),
            "posting": pa.array([number_of(row["posting_id"]) for row in some]),
            "posted": pa.array(days, pa.int64()),
            "seniority_bits": pa.array([1 << SENIORITIES.index(r["seniority"]) if r["seniority"] else 0 for r in some]),
            "city_hash": pa.array(cities, pa.int64()),
            "title_words": pa.array([sorted({number_of(word) for word in words_of(row["title"])}) for row in some]),
            "fingerprint": pa.array(range(len(some))),
            "content": pa.array(range(len(some))),
            "place": pa.array([0] * len(some), pa.int32()),
            "vector": pa.array(vectors[half::2].tolist(), pa.list_(pa.float32())),
        }
        write_shard(folder / f"{half}", shard_of(pa.record_batch(columns)))
    return Index([open_shard(folder / f"{half}") for half in (0, 1)])


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    postings = postings_of(range(WORLD.postings))
    vectors = STUDENT.encode([f"{row['title']}\n{row['description']}" for row in postings])
    return postings, vectors, index_of(postings, vectors, tmp_path_factory.mktemp("index"))


def asked(understanding, member, index, weight):
    given = {"run_date": DAY, "profile_weight": weight, "config": CONFIG.retrieval, "count": 10}
    return answer(understanding, member, STUDENT, STUDENT, index, **given)


def brute_force(understanding, member, postings, vectors, weight):
    wish, profile = understanding["wish"], member["text"]
    parts = [STUDENT.encode([text])[0] if text else None for text in (wish, profile)]
    blend = parts[1] if not wish else parts[0] if not profile else (1 - weight) * parts[0] + weight * parts[1]
    row = as_member(understanding, member)
    near = np.round(vectors.astype(np.float64) @ blend.astype(np.float64), 6)
    eligible = [
        (-near[place], posting["posting_id"])
        for place, posting in enumerate(postings)
        if may_take(row, posting) and is_asked_for(understanding["criteria"], posting, DAY)
    ]
    return [(name, -value) for value, name in sorted(eligible)[:10]]


OTHERS = (
    "in Berlin or Hamburg, not in Kassel, anything with people",
    "anywhere in the UK except Scotland, senior, care",
    "title must contain nurse, last 30 days",
    "no management, no internships, on site, at least 30k EUR",
)


def test_wishes_are_answered_as_brute_force_answers_them_and_nothing_breaks_a_criterion(town):
    postings, vectors, index = town
    texts = [search_feed(WORLD, row)["query"] for row in range(60)]
    found, kinds = 0, set()
    for number, text in enumerate([*OTHERS, *texts]):
        read, member = understood(text, None, CONFIG.wishes), member_of(number % WORLD.members)
        wanted = brute_force(read, member, postings, vectors, 0.25)
        answers = asked(read, member, index, 0.25)
        assert [one.similarity for one in answers] == pytest.approx([value for _, value in wanted], abs=2e-6), text
        least = min((value for _, value in wanted), default=0)
        sure = {name for name, value in wanted if value > least + 3e-6}
        assert sure <= {one.posting_id for one in answers}, text
        assert all((one.wish is None) == (read["wish"] is None) for one in answers)
        found += len(answers)
        kinds |= {name for name, value in read["criteria"].items() if value}
    assert found > 200
    assert len(kinds) >= 10


def test_nobody_in_particular_has_no_profile_and_a_wish_of_nothing_finds_nothing(town):
    _, _, index = town
    answers = asked(understood("baking", None, CONFIG.wishes), {}, index, 0.25)
    assert len(answers) == 10 and all(one.profile is None and one.wish == one.similarity for one in answers)
    assert asked(understood("remote", None, CONFIG.wishes), {}, index, 0.25) == []
