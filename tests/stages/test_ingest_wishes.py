"""Who asks to be left alone is read as ingest reads it."""

import pytest

from pipelines.ingest.wishes import who_opted_out
from schemas import columns as c


@pytest.mark.parametrize("kind", ["string", "boolean"])
def test_whoever_says_so_in_any_row_is_told_once(spark, kind):
    said = [("a", "true"), ("a", "false"), ("b", "false"), ("c", None), (None, "true"), ("a", "true"), (" d ", "true")]
    rows = spark.createDataFrame(said, "member_id string, opted_out string").selectExpr(
        "member_id", f"CAST(opted_out AS {kind}) AS opted_out", "'x' AS headline"
    )
    assert sorted(row[c.MEMBER_ID] for row in who_opted_out(rows).collect()) == ["a", "d"]


def test_an_answer_that_cannot_be_read_counts_as_one_who_does(spark):
    rows = spark.createDataFrame(
        [("a", "perhaps"), ("b", "no"), ("c", "ja"), ("d", "0")], "member_id string, opted_out string"
    )
    assert "a" in {row[c.MEMBER_ID] for row in who_opted_out(rows).collect()}
    assert not {"b", "d"} & {row[c.MEMBER_ID] for row in who_opted_out(rows).collect()}
