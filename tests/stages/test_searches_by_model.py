"""Saved searches that a language model reads, asked over HTTP from Spark's workers."""

import hashlib
import json

import pytest

from pipelines.searches.config import SearchesConfig
from pipelines.searches.model_reading import read_by_model
from pipelines.teaching.config import EndpointConfig
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.model import reader_id
from schemas.searches import RULES, SAVED_SEARCHES
from tests.chat_server import chat_server, completion
from tests.rows import frame

CONFIG = SearchesConfig(wish_encoder="student", profile_weight=0.1, max_unseen_days=90)
TEXTS = {"s1": "baking, mornings at the latest from six", "s2": "welding near Lyon", "s3": "nonsense"}


def answer(_, body):
    """Lyon is a place, "mornings" is not understood, and of nonsense nothing can be made."""
    text = body["messages"][-1]["content"]
    if "nonsense" in text:
        return completion("I would rather not say")
    criteria = [{"kind": "place", "value": "Lyon", "words": "near Lyon"}] if "Lyon" in text else []
    lost = ["mornings at the latest from six"] if "mornings" in text else []
    return completion(json.dumps({"criteria": criteria, "not_understood": lost}))


@pytest.fixture
def accepted(spark):
    rows = [
        {"search_id": name, "member_id": "m", "text": text, "understood_as": "?", "wish": text, "read_by": RULES}
        for name, text in TEXTS.items()
    ]
    return frame(spark, SAVED_SEARCHES.schema, *rows)


def wishes_of(server, **more):
    settings = {"max_answer_tokens": 300, "malformed_retries": 0, "max_requests": 100, "attempts": 2} | more
    return WishesConfig(model=EndpointConfig(endpoint=server.url, model="m", first_wait_seconds=0.01, **settings))


def read(accepted, before, wishes):
    found = read_by_model(accepted, before, wishes=wishes, config=CONFIG)
    assert found.columns == SAVED_SEARCHES.columns
    return {row["search_id"]: row for row in found.collect()}


def test_each_is_read_once_and_what_gets_no_answer_stays_as_the_rules_have_it(spark, accepted):
    with chat_server(answer) as server:
        wishes = wishes_of(server)
        first = read(accepted, accepted.limit(0), wishes)
        assert len(server.asked) == 3
        assert ("FR", "Lyon") in {(one["country"], one["city"]) for one in first["s2"]["criteria"]["places"]}
        assert (first["s1"]["wish"], first["s1"]["not_understood"]) == ("baking", ["mornings at the latest from six"])
        assert first["s1"]["content_hash"] == hashlib.sha256(b"baking").hexdigest()
        assert [first[name]["read_by"] for name in TEXTS] == [reader_id(wishes)] * 2 + [RULES]
        assert (first["s3"]["wish"], first["s3"]["understood_as"]) == ("nonsense", "?")
        before = spark.createDataFrame(list(first.values()), SAVED_SEARCHES.schema)
        assert read(accepted, before, wishes) == first
        assert len(server.asked) == 4  # the one without an answer


def test_another_text_is_read_again_and_a_spent_budget_leaves_the_rules(spark, accepted):
    with chat_server(answer) as server:
        before = spark.createDataFrame(
            list(read(accepted, accepted.limit(0), wishes_of(server)).values()), SAVED_SEARCHES.schema
        )
        search = {"search_id": "s2", "member_id": "m", "text": "welding near Lyon, please", "read_by": RULES}
        changed = frame(spark, SAVED_SEARCHES.schema, search)
        assert read(changed, before, wishes_of(server))["s2"]["wish"] == "welding please"
        spent = read(accepted, accepted.limit(0), wishes_of(server, max_requests=1, concurrency=1))
        assert sorted(row["read_by"] == RULES for row in spent.values()) == [False, True, True]
