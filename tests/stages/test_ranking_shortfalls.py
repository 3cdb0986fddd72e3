"""Who got fewer recommendations than asked for, and why."""

from pipelines.ranking.stage import find_shortfalls
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from tests.rows import NIGHT, frame
from tests.stages.test_ranking_stage import CONFIG


def test_members_left_short_are_named_with_the_reason_and_others_are_not(spark):
    members = frame(
        spark,
        MEMBERS.schema,
        {"member_id": "blank"},
        *({"member_id": key, "content_hash": key} for key in ("full", "few", "none", "lost")),
    )
    found = {"full": 3, "few": 2, "lost": 2}
    listed = {"full": 3, "few": 2, "lost": 1}

    def pairs(counts: dict[str, int]) -> list[dict]:
        return [{"member_id": key, "posting_id": f"p{n}"} for key, count in counts.items() for n in range(count)]

    short = find_shortfalls(
        members,
        frame(spark, MATCHES.schema, *pairs(found)),
        frame(spark, RECOMMENDATIONS.schema, *pairs(listed)),
        good=None,
        night=NIGHT,
        config=CONFIG,
        matches_per_member=5,
    )
    SHORTFALLS.check(short.schema)
    assert [tuple(row) for row in short.orderBy("member_id").collect()] == [
        (NIGHT.run_date, NIGHT.run_id, "blank", 0, 0, "empty_profile"),
        (NIGHT.run_date, NIGHT.run_id, "few", 2, 2, "few_eligible_postings"),
        (NIGHT.run_date, NIGHT.run_id, "lost", 2, 1, None),  # a found match was not ranked: no shortage of postings
        (NIGHT.run_date, NIGHT.run_id, "none", 0, 0, "no_eligible_posting"),
    ]


def test_a_list_that_is_short_because_of_its_scores_says_so(spark):
    config = CONFIG.model_copy(update={"min_score": 0.5})
    members = frame(spark, MEMBERS.schema, *({"member_id": one, "content_hash": "h"} for one in ("m", "lost", "poor")))
    pair = {"member_id": "m", "posting_id": "p"}
    both = [pair, pair | {"posting_id": "q"}]
    matches = frame(
        spark, MATCHES.schema, *(one | {"member_id": member} for one in both for member in ("m", "lost", "poor"))
    )
    good = spark.createDataFrame([("m", 1), ("lost", 2)], "member_id string, good int")
    listed = frame(spark, RECOMMENDATIONS.schema, pair, pair | {"member_id": "lost"})
    short = find_shortfalls(members, matches, listed, good=good, night=NIGHT, config=config, matches_per_member=5)
    found = {row.member_id: (row.matches, row.recommendations, row.reason) for row in short.collect()}
    assert found == {
        "m": (2, 1, "few_good_postings"),
        "lost": (2, 1, None),  # two were good enough
        "poor": (2, 0, "few_good_postings"),
    }
