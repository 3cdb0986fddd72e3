import datetime

import pytest

from pipelines.ranking.config import (
    ExplorationConfig,
    ExposureConfig,
    FatigueConfig,
    PlaceValues,
    RankingConfig,
    RecruitingConfig,
    Weights,
)
from pipelines.ranking.gathered import gather
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.scoring import WeightedScoring
from pipelines.ranking.stage import recommend, score_matches
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from tests.kernels.test_ranking_learner import CONFIG as LEARNER
from tests.rows import NIGHT, frame

CONFIG = RankingConfig(
    recommendations_per_member=3,
    score_by="weights",
    learner=LEARNER,
    exposure=ExposureConfig(enabled=False, strength=0.1, rounds=1, max_loss=0.1, min_lists=2, max_lists=100),
    exploration=ExplorationConfig(share=0.0, first_rank=1, candidates=3, seed=7),
    fatigue=FatigueConfig(enabled=False, nights=14, half_point_nights=4.0),
    recruiting=RecruitingConfig(members_per_list=3, max_lists=10),
    weights=Weights(similarity=0.6, recency=0.1, place=0.05, seniority=0.1, skills=0.15),
    place_values=PlaceValues(named_region=1.0, same_country=0.4, remote_same_country=0.8),
    recency_half_life_days=21.0,
    unknown_value=0.5,
    min_score=0.0,
    per_company=1,
    per_cluster=1,
    diversity=0.0,
    close_similarity=0.5,
    max_unmet_skills=2,
)
UNKNOWN = 0.5 * (0.1 + 0.05 + 0.1 + 0.15)  # the four other parts where nothing is known


def ranked(
    spark, similarities: dict, postings: dict | None = None, member: dict | None = None, config=CONFIG, shown=None
) -> list:
    """Recommendations of member `m` whose matches have these similarities by posting id, best first."""
    matches = [
        {"member_id": "m", "posting_id": key, "similarity": value, "student_id": "s", "index_id": "i"}
        for key, value in similarities.items()
    ]
    known = [{"posting_id": key, **(postings or {}).get(key, {})} for key in similarities]
    frames = (
        frame(spark, MATCHES.schema, *matches),
        frame(spark, MEMBERS.schema, {"member_id": "m", **(member or {})}),
        frame(spark, POSTINGS.schema, *known),
    )
    result = rank(*frames, config, shown=shown)
    RECOMMENDATIONS.check(result.schema)
    return result.orderBy("rank").collect()


def rank(matches, members, postings, config, *, prices=None, vectors=None, shown=None, night=NIGHT):
    """All of the stage; nobody is interested in anything yet."""
    scoring = WeightedScoring(config)
    popularity = frame(matches.sparkSession, POSTING_POPULARITY.schema)
    scored = score_matches(
        matches, members, postings, popularity, night=night, scoring=scoring, shown=shown, fatigue=config.fatigue
    )
    listed = make_lists(gather(scored, min_score=config.min_score), Listing(config, prices, vectors), night)
    return recommend(listed, members, postings, night=night, config=config, config_hash="hash", scoring=scoring)


def places(rows: list) -> list[tuple[int, str]]:
    return [(row["rank"], row.posting_id) for row in rows]


def test_the_best_score_ranks_first_and_equal_ones_go_by_posting_id(spark):
    rows = ranked(spark, {"d": 0.1, "c": 0.9, "a": 0.2, "b": 0.9})
    assert places(rows) == [(1, "b"), (2, "c"), (3, "a")]
    assert [row.score for row in rows] == pytest.approx([0.54 + UNKNOWN, 0.54 + UNKNOWN, 0.12 + UNKNOWN])


def test_a_row_carries_its_night_its_models_and_its_configuration(spark):
    (row,) = ranked(spark, {"a": 0.9})
    assert (row.run_date, row.run_id, row.student_id, row.index_id, row.config_hash) == (
        NIGHT.run_date,
        NIGHT.run_id,
        "s",
        "i",
        "hash",
    )


def test_a_score_is_the_sum_of_each_value_times_its_weight(spark):
    posting = {
        "posted_on": NIGHT.run_date - datetime.timedelta(days=21),
        "country": "DE",
        "region": "Hesse",
        "work_mode": "remote",
        "seniority": "senior",
        "skills": ["SQL", "Spark", "sql", "Ada", "Go"],
    }
    member = {"places": [("DE", "Bavaria", None)], "seniority": "mid", "skills": ["sql", "go", "spark"]}
    (row,) = ranked(spark, {"a": 0.9}, {"a": posting}, member)
    assert row.score_parts == pytest.approx(
        {"similarity": 0.6 * 0.9, "recency": 0.1 * 0.5, "place": 0.05 * 0.8, "seniority": 0.1 * 0.75, "skills": 0.1125}
    )
    assert row.score == pytest.approx(0.54 + 0.05 + 0.04 + 0.075 + 0.1125, abs=1e-9)


def test_a_perfect_match_scores_one_and_not_more(spark):
    posting = {"posted_on": NIGHT.run_date, "country": "DE", "seniority": "mid", "skills": ["sql"]}
    member = {"places": [("DE", None, None)], "seniority": "mid", "skills": ["SQL"]}
    (row,) = ranked(spark, {"a": 1.0}, {"a": posting}, member)
    assert 1 - 1e-9 <= row.score <= 1


def test_postings_of_one_company_beyond_the_cap_come_after_all_others(spark):
    acme = {"company_key": "acme"}
    rows = ranked(spark, {"a": 0.9, "b": 0.8, "c": 0.3}, {"a": acme, "b": acme, "c": {"company_key": "other"}})
    assert places(rows) == [(1, "a"), (2, "c"), (3, "b")]
    assert rows[2].score > rows[1].score


def test_the_cap_leaves_no_member_short(spark):
    acme = {"company_key": "acme"}
    rows = ranked(spark, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}, dict.fromkeys("abcd", acme))
    assert places(rows) == [(1, "a"), (2, "b"), (3, "c")]


def test_one_of_a_cluster_of_duplicates_stands_before_the_others(spark):
    rows = ranked(spark, {"a": 0.9, "b": 0.8, "c": 0.3}, {"a": {"cluster_id": "a"}, "b": {"cluster_id": "a"}})
    assert places(rows) == [(1, "a"), (2, "c"), (3, "b")]


def test_what_scores_too_little_is_on_no_list(spark):
    config = CONFIG.model_copy(update={"min_score": 0.6 * 0.5 + UNKNOWN})
    assert places(ranked(spark, {"a": 0.9, "b": 0.5, "c": 0.499}, config=config)) == [(1, "a"), (2, "b")]


def test_postings_of_unknown_companies_are_not_capped(spark):
    rows = ranked(spark, {"a": 0.9, "b": 0.8, "c": 0.3}, {"c": {"company_key": "other"}})
    assert places(rows) == [(1, "a"), (2, "b"), (3, "c")]


def test_every_statement_of_an_explanation_is_a_field_of_the_row(spark):
    posting = {
        "title": "Nurse",
        "description": "UNSAID",
        "text": "UNSAID",
        "company": "Clinic",
        "posted_on": NIGHT.run_date - datetime.timedelta(days=4),
        "country": "DE",
        "region": "Bavaria",
        "work_mode": "onsite",
        "employment_type": "full_time",
        "min_years": 3.0,
        "languages": ["en", "de"],
        "salary_max": 60000.0,
        "salary_currency": "EUR",
        "skills": ["Wound care", "triage", "Excel", "IV", "CPR"],
    }
    member = {
        "experiences": [("Staff Nurse", "Clinic", None, datetime.date(2020, 1, 1), None)],
        "places": [("DE", "Bavaria", None)],
        "work_modes": ["onsite"],
        "employment_types": ["full_time", "part_time"],
        "years_of_experience": 6.0,
        "languages": ["de", "en"],
        "min_salary": 50000.0,
        "salary_currency": "EUR",
        "named_skills": ["suturing", "triage", "wound CARE "],
    }
    (row,) = ranked(spark, {"a": 0.9}, {"a": posting}, member)
    assert row.explanation.matched_skills == ["Wound care", "triage"]
    assert row.explanation.missing_skills == ["CPR", "Excel"]  # at most max_unmet_skills
    assert row.explanation.surplus_skills == ["suturing"]
    assert tuple(row.explanation.similar_to) == ("position", "Staff Nurse", ["nurse"])
    assert row.explanation.requirements_met == [
        "3 years of experience",
        "languages: de, en",
        "place: Bavaria",
        "work mode: onsite",
        "employment type: full-time",
        "salary: up to 60,000 EUR a year",
    ]
    assert row.explanation.requirements_unmet == ["skill: CPR", "skill: Excel"]  # at most max_unmet_skills
    assert row.explanation.sentence == (
        "Like your position as Staff Nurse; close to your profile; in Bavaria, one of your places; "
        "2 of 5 skills match; posted 4 days ago."
    )
    assert "UNSAID" not in str(row)


def test_nothing_is_said_of_what_is_unknown(spark):
    (row,) = ranked(spark, {"a": 0.4}, {"a": {"skills": ["SQL"]}}, {"headline": "Nurse"})
    explanation = row.explanation
    assert (explanation.matched_skills, explanation.requirements_met, explanation.requirements_unmet) == ([], [], [])
    assert explanation.sentence == "Among the open postings nearest to your profile."


def test_a_row_that_was_drawn_says_so_and_with_which_probability(spark):
    exploring = ExplorationConfig(share=0.999, first_rank=3, candidates=2, seed=7)
    config = CONFIG.model_copy(update={"exploration": exploring})
    first, second, drawn = ranked(spark, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.4, "e": 0.3, "f": 0.2}, config=config)
    assert [(row.posting_id, row.by_lot, row.propensity) for row in (first, second)] == [
        ("a", False, None),
        ("b", False, None),
    ]
    assert drawn.posting_id in ("d", "e")
    assert (drawn.by_lot, drawn.propensity) == (True, pytest.approx(0.999 / 2))
    assert drawn.explanation.sentence == "Drawn by lot from those next on your list."


def test_closeness_is_said_from_the_configured_similarity_on(spark):
    near, far = ranked(spark, {"a": 0.5, "b": 0.499})
    assert near.explanation.sentence == "Close to your profile."
    assert "Close" not in far.explanation.sentence


def test_a_remote_posting_is_called_as_asked_only_where_the_member_asked_for_remote_work(spark):
    remote = {"work_mode": "remote", "country": "DE", "region": "Hesse"}
    place = {"places": [("DE", "Bavaria", None)]}
    (asked,) = ranked(spark, {"a": 0.1}, {"a": remote}, {**place, "work_modes": ["remote"]})
    (offered,) = ranked(spark, {"a": 0.1}, {"a": remote}, place)
    assert asked.explanation.sentence == "Remote, as you asked."
    assert offered.explanation.sentence == "Remote within DE."
    assert offered.explanation.requirements_met == ["place: remote within DE"]
