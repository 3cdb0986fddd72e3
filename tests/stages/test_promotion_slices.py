"""Which slices a member belongs to, and which texts are sampled."""

from pipelines.promotion.stage import member_slices, sample_texts
from schemas.members import MEMBERS
from tests.rows import frame

POSITION = ("Cook", None, None, None, None)


def test_a_member_is_in_one_slice_of_each_kind_that_is_known(spark):
    rows = [
        {"member_id": "a", "seniority": "senior", "text": "word " * 19, "experiences": [POSITION]},
        {"member_id": "b", "text": " ".join(["word"] * 20), "experiences": []},
        {"member_id": "c", "text": "\n".join(["word"] * 61)},
    ]
    found = {row["member_id"]: row["slices"] for row in member_slices(frame(spark, MEMBERS.schema, *rows)).collect()}
    assert found == {
        "a": ["seniority senior", "text under 20 words", "with work history"],
        "b": ["text of 20-60 words", "without work history"],
        "c": ["text over 60 words", "without work history"],
    }


def test_sampled_texts_are_distinct_and_those_of_the_lowest_hash(spark):
    rows = [
        {"member_id": str(n), "text": text, "content_hash": key}
        for n, (text, key) in enumerate([("z", "3"), ("y", "2"), ("y", "2"), ("x", "1"), (None, None)])
    ]
    sampled = sample_texts(frame(spark, MEMBERS.schema, *rows), count=2).collect()
    assert [row["text"] for row in sampled] == ["x", "y"]
