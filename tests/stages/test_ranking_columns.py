import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ranking.config import PlaceValues
from pipelines.ranking.explanation import posted_clause, profile_name, sentence, skills_clause
from pipelines.ranking.parts import place_value, recency_value, seniority_value, similarity_value, skills_value
from pipelines.ranking.places import ABROAD, is_remote, nearness
from pipelines.ranking.requirements import (
    languages_met,
    languages_unmet,
    place_unmet,
    salary_met,
    salary_unmet,
    wish_unmet,
    years_met,
    years_unmet,
)
from pipelines.ranking.similar_titles import compared_titles, similar_to, title_overlap, title_words
from pipelines.ranking.skills import distinct_skills, folded_skills, skills_beyond, skills_in
from schemas.members import MEMBERS
from schemas.postings import POSTINGS

TODAY = datetime.date(2026, 11, 2)
VALUES = PlaceValues(named_region=0.9, same_country=0.4, remote_same_country=0.8)


def of_each(spark, schema: str, rows: list[tuple], made: Column) -> list:
    frame = spark.createDataFrame([(place, *row) for place, row in enumerate(rows)], f"nth int, {schema}")
    return [row.made for row in frame.select("nth", made.alias("made")).orderBy("nth").collect()]


def of_pairs(spark, pairs: list[tuple[dict, dict]], made: Column) -> list:
    schema = f"posting {POSTINGS.schema.simpleString()}, member {MEMBERS.schema.simpleString()}"
    return of_each(
        spark,
        schema,
        [
            (tuple(posting.get(name) for name in POSTINGS.columns), tuple(member.get(name) for name in MEMBERS.columns))
            for posting, member in pairs
        ],
        made,
    )


def test_a_negative_cosine_is_worth_nothing(spark):
    assert of_each(spark, "s double", [(-0.2,), (0.0,), (0.7,)], similarity_value(F.col("s"))) == [0.0, 0.0, 0.7]


def test_recency_halves_with_each_half_life_and_the_future_counts_as_today(spark):
    days = [TODAY, TODAY - datetime.timedelta(21), TODAY - datetime.timedelta(42), TODAY + datetime.timedelta(5), None]
    values = of_each(spark, "d date", [(day,) for day in days], recency_value(F.col("d"), TODAY, 21.0))
    assert values == [1.0, 0.5, 0.25, 1.0, None]


def test_each_level_of_seniority_between_costs_a_quarter(spark):
    levels = [("senior", "senior"), ("mid", "senior"), ("executive", "entry"), (None, "mid"), ("mid", "wizard")]
    values = of_each(spark, "a string, b string", levels, seniority_value(F.col("a"), F.col("b")))
    assert values == [1.0, 0.75, 0.0, None, None]


def test_skills_are_worth_the_share_of_the_postings_skills_that_the_member_has(spark):
    lists = [(["sql", "spark"], ["sql", "excel"]), (["sql"], ["excel"]), ([], ["sql"]), (["sql"], []), (None, ["sql"])]
    values = of_each(spark, "a array<string>, b array<string>", lists, skills_value(F.col("a"), F.col("b")))
    assert values == [0.5, 0.0, None, None, None]


def test_a_place_is_worth_most_in_a_named_region_less_when_remote_least_elsewhere(spark):
    bavaria = {"places": [("DE", "Bavaria", "Munich"), ("FR", None, None)]}
    pairs = [
        ({"country": "DE", "region": "Bavaria", "city": "munich"}, bavaria),
        ({"country": "DE", "region": "Bavaria"}, bavaria),
        ({"country": "FR", "region": "Brittany"}, bavaria),
        ({"country": "DE", "region": "Hesse", "work_mode": "remote"}, bavaria),
        ({"country": "DE", "region": "Hesse", "work_mode": "onsite"}, bavaria),
        ({"country": "DE"}, bavaria),
        ({"country": "US", "region": "Bavaria", "work_mode": "remote"}, bavaria),
        ({}, bavaria),
        ({"region": "Bavaria"}, bavaria),
        ({"country": "DE"}, {"places": []}),
        ({"country": "DE"}, {}),
    ]
    posting = F.col("posting")
    values = of_pairs(spark, pairs, place_value(nearness(posting, F.col("member")), is_remote(posting), VALUES))
    assert values == [1.0, 0.9, 0.9, 0.8, 0.4, 0.4, 0.0, None, None, None, None]


def test_a_region_of_the_same_name_in_another_country_is_not_the_named_one(spark):
    pairs = [({"country": "US", "region": "Georgia"}, {"places": [("GE", "Georgia", None)]})]
    assert of_pairs(spark, pairs, nearness(F.col("posting"), F.col("member"))) == [ABROAD]


def test_skills_are_one_where_only_case_blanks_or_repetition_differ(spark):
    lists = [([" SQL", "sql", "Ada", "", None],), ([],), (None,)]
    assert of_each(spark, "s array<string>", lists, folded_skills(F.col("s"))) == [["sql", "ada"], [], None]
    assert of_each(spark, "s array<string>", lists, distinct_skills(F.col("s"))) == [["Ada", "SQL"], [], None]


def test_skills_keep_the_postings_spelling_and_order(spark):
    lists = [(["Ada", "SQL"], ["sql"]), (["Ada"], None), (None, ["sql"])]
    schema = "s array<string>, f array<string>"
    assert of_each(spark, schema, lists, skills_in(F.col("s"), F.col("f"))) == [["SQL"], [], []]


def test_skills_beyond_the_other_side_are_named_only_where_that_side_names_some(spark):
    lists = [(["Ada", "C", "SQL"], ["sql"]), (["Ada"], []), (["Ada"], None), (None, ["sql"])]
    beyond = skills_beyond(F.col("s"), F.col("o"), 1)
    assert of_each(spark, "s array<string>, o array<string>", lists, beyond) == [["Ada"], [], [], []]


def test_years_count_as_met_only_where_both_sides_say_them(spark):
    pairs = [
        ({"min_years": 3.0}, {"years_of_experience": 3.0}),
        ({"min_years": 1.0}, {"years_of_experience": 9.5}),
        ({"min_years": 2.5}, {"years_of_experience": 4.0}),
        ({"min_years": 0.0}, {"years_of_experience": 4.0}),
        ({"min_years": 5.0}, {"years_of_experience": 4.0}),
        ({"min_years": 3.0}, {}),
        ({}, {"years_of_experience": 3.0}),
    ]
    met = of_pairs(spark, pairs, years_met(F.col("posting"), F.col("member")))
    assert met == ["3 years of experience", "1 year of experience", "2.5 years of experience", None, None, None, None]


def test_languages_count_as_met_only_where_the_member_has_all(spark):
    asked = {"languages": ["en", "de"]}
    pairs = [(asked, {"languages": ["de", "en", "fr"]}), (asked, {"languages": ["de"]}), (asked, {}), ({}, asked)]
    met = of_pairs(spark, pairs, languages_met(F.col("posting"), F.col("member")))
    assert met == ["languages: de, en", None, None, None]


def test_salary_counts_as_met_only_in_one_currency(spark):
    pays = {"salary_max": 60000.0, "salary_currency": "EUR"}
    wishes = [(60000.0, "EUR"), (60001.0, "EUR"), (50000.0, "USD"), (50000.0, None), (None, "EUR")]
    pairs = [(pays, {"min_salary": wish, "salary_currency": currency}) for wish, currency in wishes]
    met = of_pairs(spark, pairs, salary_met(F.col("posting"), F.col("member")))
    assert met == ["salary: up to 60,000 EUR a year", None, None, None, None]


def test_nothing_is_unmet_where_a_side_is_silent(spark):
    posting, member = F.col("posting"), F.col("member")
    asks = {"min_years": 3.0, "languages": ["de", "en"], "salary_max": 40000.0, "salary_currency": "EUR"}
    asks |= {"work_mode": "onsite", "country": "DE", "region": "Hesse"}
    less = {"years_of_experience": 2.9, "languages": ["en"], "min_salary": 40001.0, "salary_currency": "EUR"}
    less |= {"work_modes": ["remote", "hybrid"], "places": [("DE", "Bavaria", None)]}
    enough = {"years_of_experience": 3.0, "languages": ["en", "de"], "min_salary": 40000.0, "salary_currency": "EUR"}
    enough |= {"work_modes": ["onsite"], "places": [("DE", "Hesse", None)]}
    abroad = {"places": [("FR", None, None)]}
    dollars = {"min_salary": 90000.0, "salary_currency": "USD"}
    pairs = [(asks, less), (asks, enough), (asks, {}), ({}, less), (asks, abroad), (asks, dollars)]
    said = F.array(
        years_unmet(posting, member),
        languages_unmet(posting, member),
        place_unmet(posting, nearness(posting, member)),
        wish_unmet("work mode", posting["work_mode"], member["work_modes"]),
        salary_unmet(posting, member),
    )
    assert of_pairs(spark, pairs, F.array_compact(said)) == [
        [
            "3 years of experience",
            "languages: de",
            "place: Hesse",
            "work mode: onsite",
            "salary: up to 40,000 EUR a year",
        ],
        *([], [], []),
        ["place: DE"],
        [],
    ]


def test_words_of_rank_make_titles_less_alike_than_words_of_work(spark):
    titles = [
        ("Nurse", "Staff Nurse"),  # 2 x 1 / (1 + 1.4)
        ("Store Managers (m/f/d)", "Project Manager"),  # m, f and d are no words: 2 x 0.4 / (1.4 + 1.4)
        ("Chef", "Chefs, part-time"),
        ("!", "Chef"),
        ("C++ Developer", "Developer of C"),
    ]
    overlap = F.round(title_overlap(title_words(F.col("a")), title_words(F.col("b"))), 4)
    assert of_each(spark, "a string, b string", titles, overlap) == [0.8333, 0.2857, 1.0, 0.0, 0.5]


def test_a_posting_is_like_the_first_of_the_titles_that_are_most_like_it(spark):
    def held(title: str | None) -> tuple:
        return (title, None, None, None, None)

    member = {"wanted_titles": ["Cook", "Night nurse"], "experiences": [held(None), held("Nurse"), held("Nurse!")]}
    pairs = [
        ({"title": "Nurse"}, member),
        ({"title": "Nurse"}, {"experiences": [held("Registered Nurse"), held("Nurse")]}),
        ({"title": "Judge"}, member),
        ({"title": None}, member),
        ({"title": "Nurse"}, {}),
    ]
    titles = compared_titles(F.col("member")["wanted_titles"], F.col("member")["experiences"])
    like = of_pairs(spark, pairs, similar_to(title_words(F.col("posting")["title"]), titles))
    assert [one and (one.kind, one.title, one.shared_words) for one in like] == [
        ("wanted_title", "Night nurse", ["nurse"]),  # night says when, not what
        ("position", "Nurse", ["nurse"]),
        *(None, None, None),
    ]


def test_a_profile_is_named_after_the_current_position_then_the_last_one_then_a_wish_then_the_headline(spark):
    def held(title: str | None, started: int | None, ended: int | None) -> tuple:
        return (title, None, None, started and datetime.date(started, 1, 1), ended and datetime.date(ended, 1, 1))

    members = [
        {"experiences": [held("Cook", 2020, 2026), held("Staff \n Nurse", 2015, None)], "wanted_titles": ["Judge"]},
        {"experiences": [held("Cook", 2010, 2012), held("Nurse", 2005, 2014)]},
        {"experiences": [held("First", None, None), held("Second", None, None)]},
        {"experiences": [held(" ", 2020, None)], "wanted_titles": ["Judge"], "headline": "At work"},
        {"experiences": [], "wanted_titles": [], "headline": "At work"},
        {"headline": "x" * 81},
        {},
    ]
    member = F.col("member")
    names = of_pairs(
        spark,
        [({}, one) for one in members],
        profile_name(member["experiences"], member["wanted_titles"], member["headline"]),
    )
    assert names == ["Staff Nurse", "Nurse", "First", "Judge", "At work", None, None]


def test_days_since_posting_are_said_as_a_person_would(spark):
    days = [(TODAY - datetime.timedelta(n),) for n in (0, 1, 4, -1)] + [(None,)]
    said = of_each(spark, "d date", days, posted_clause(F.col("d"), TODAY))
    assert said == ["posted today", "posted yesterday", "posted 4 days ago", None, None]


def test_skills_are_counted_in_words_that_agree_with_the_number(spark):
    counts = [(3, 5), (1, 5), (1, 1), (0, 5), (0, 0)]
    said = of_each(spark, "m int, n int", counts, skills_clause(F.col("m"), F.col("n")))
    assert said == ["3 of 5 skills match", "1 of 5 skills matches", "its one listed skill matches", None, None]


def test_only_the_first_letter_of_a_sentence_is_raised(spark):
    assert of_each(spark, "s string", [("in North Rhine; posted today",)], sentence(F.col("s"))) == [
        "In North Rhine; posted today."
    ]
