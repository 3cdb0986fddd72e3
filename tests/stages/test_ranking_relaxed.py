"""What lies beyond a wish comes after all that was asked for, and says so."""

from pyspark.sql import functions as F

from pipelines.ranking.relaxed import relaxation_clause
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rules import RELAXATIONS
from tests.rows import frame
from tests.stages.test_ranking_stage import CONFIG, rank


def ranked(spark, matches, company=None):
    """(posting, step) of member `m`, best first; matches are (posting, similarity, step)."""
    rows = [
        {
            "member_id": "m",
            "posting_id": key,
            "similarity": value,
            "relaxation": step,
            "student_id": "s",
            "index_id": "i",
        }
        for key, value, step in matches
    ]
    postings = [{"posting_id": key, "company_key": company} for key, *_ in matches]
    result = rank(
        frame(spark, MATCHES.schema, *rows),
        frame(spark, MEMBERS.schema, {"member_id": "m"}),
        frame(spark, POSTINGS.schema, *postings),
        CONFIG,
    )
    RECOMMENDATIONS.check(result.schema)
    return [(row["posting_id"], row["relaxation"]) for row in result.orderBy("rank").collect()]


def test_relaxed_matches_rank_after_all_others_however_well_they_score(spark):
    matches = [("a", 0.9, "next_region"), ("b", 0.2, None), ("c", 0.8, "remote_elsewhere"), ("d", 0.1, None)]
    assert ranked(spark, matches) == [("b", None), ("d", None), ("a", "next_region")]


def test_a_relaxed_match_takes_no_place_of_its_company_from_one_that_was_asked_for(spark):
    matches = [("a", 0.9, "next_region"), ("b", 0.2, None), ("c", 0.1, None)]
    assert ranked(spark, matches, company="acme") == [("b", None), ("c", None), ("a", "next_region")]


def test_every_step_has_a_clause_and_a_row_without_one_has_none(spark):
    steps = spark.createDataFrame([(step,) for step in (*RELAXATIONS, None)], "step string")
    clauses = {row[0]: row[1] for row in steps.select("step", relaxation_clause(F.col("step"))).collect()}
    assert clauses == {
        "next_region": "outside your places: nearest we found",
        "remote_elsewhere": "outside your places, but remote: nearest we found",
        None: None,
    }
