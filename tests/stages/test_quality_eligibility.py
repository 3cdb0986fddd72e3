import itertools

import pytest
from pyspark.sql import functions as F

from pipelines.quality.eligibility import SUITS
from pipelines.quality.pairs import paired_rows
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS
from schemas.rules import WISHES
from tests.rows import NIGHT, frame

EUROS = {"salary_max": 50000.0, "salary_currency": "EUR"}


def judged(spark, rule: str, pairs: list[tuple[dict, dict]]) -> list[bool | None]:
    schema = f"nth int, posting {POSTINGS.schema.simpleString()}, member {MEMBERS.schema.simpleString()}"
    rows = [
        (
            nth,
            tuple(posting.get(name) for name in POSTINGS.columns),
            tuple(member.get(name) for name in MEMBERS.columns),
        )
        for nth, (posting, member) in enumerate(pairs)
    ]
    suits = SUITS[rule](F.col("posting"), F.col("member")).alias("suits")
    return [row.suits for row in spark.createDataFrame(rows, schema).select("nth", suits).orderBy("nth").collect()]


def may_take(posting: dict, places: list | None) -> bool:
    country, region, remote = posting["country"], posting["region"], posting["work_mode"] == "remote"
    if not places:
        return True
    return any(
        country in (None, named) and (within is None or region is None or within == region or remote)
        for named, within, _ in places
    )


def test_a_place_suits_where_it_was_named_or_is_unknown_or_can_be_worked_from_within_the_country(spark):
    wishes = [
        None,
        [],
        [("DE", None, None)],
        [("DE", "Hesse", None)],
        [("US", None, None), ("DE", "Hesse", None)],
        [("US", "Hesse", None)],
    ]
    values = itertools.product((None, "DE", "US"), (None, "Hesse", "Bavaria"), (None, "onsite", "remote"))
    postings = [dict(zip(("country", "region", "work_mode"), value, strict=True)) for value in values]
    pairs = [(posting, {"places": wish}) for posting in postings for wish in wishes]
    expected = [may_take(posting, member["places"]) for posting, member in pairs]
    assert [suits is not False for suits in judged(spark, "place", pairs)] == expected
    assert 0 < sum(expected) < len(expected)


@pytest.mark.parametrize(
    ("rule", "pairs"),
    [
        (
            "work_mode",
            [
                ({"work_mode": "onsite"}, {"work_modes": ["onsite", "hybrid"]}, True),
                ({"work_mode": "remote"}, {"work_modes": ["onsite", "hybrid"]}, False),
                ({}, {"work_modes": ["onsite"]}, None),
                ({"work_mode": "onsite"}, {"work_modes": []}, True),
                ({}, {}, True),
            ],
        ),
        (
            "employment_type",
            [
                ({"employment_type": "contract"}, {"employment_types": ["contract"]}, True),
                ({"employment_type": "contract"}, {"employment_types": ["full_time"]}, False),
                ({}, {"employment_types": ["full_time"]}, None),
                ({"employment_type": "contract"}, {}, True),
            ],
        ),
        (
            "language",
            [
                ({"languages": ["de", "en"]}, {"languages": ["en", "de", "fr"]}, True),
                ({"languages": ["de", "en"]}, {"languages": ["en"]}, False),
                ({"languages": []}, {"languages": ["en"]}, None),
                ({}, {"languages": ["en"]}, None),
                ({"languages": ["de"]}, {"languages": []}, True),
                ({"languages": ["de"]}, {}, True),
            ],
        ),
        (
            "experience",
            [
                ({"min_years": 3.0}, {"years_of_experience": 3.0}, True),
                ({"min_years": 3.5}, {"years_of_experience": 3.0}, False),
                ({}, {"years_of_experience": 3.0}, None),
                ({"min_years": 3.0}, {}, True),
            ],
        ),
        (
            "salary",
            [
                (EUROS, {"min_salary": 50000.0, "salary_currency": "EUR"}, True),
                (EUROS, {"min_salary": 50001.0, "salary_currency": "EUR"}, False),
                (EUROS, {"min_salary": 50001.0, "salary_currency": "USD"}, True),
                (EUROS, {"min_salary": 50001.0}, True),
                ({"salary_max": 1.0}, {"min_salary": 50001.0, "salary_currency": "EUR"}, True),
                ({"salary_currency": "EUR"}, {"min_salary": 1.0, "salary_currency": "EUR"}, None),
                (EUROS, {}, True),
            ],
        ),
    ],
)
def test_a_rule_is_true_false_or_unknown_as_the_fields_say(spark, rule, pairs):
    assert judged(spark, rule, [(posting, member) for posting, member, _ in pairs]) == [suits for *_, suits in pairs]


@pytest.mark.parametrize("rule", WISHES)
def test_an_unknown_value_breaks_a_rule_only_where_the_configuration_says_so(spark, rule):
    wishes = {
        "places": [("DE", None, None)],
        "work_modes": ["onsite"],
        "employment_types": ["full_time"],
        "languages": ["en"],
        "years_of_experience": 1.0,
        "min_salary": 1.0,
    }
    rows = paired_rows(
        frame(spark, RECOMMENDATIONS.schema, {"member_id": "m", "posting_id": "p"}),
        frame(spark, MEMBERS.schema, {"member_id": "m", **wishes}),
        frame(spark, POSTINGS.schema, {"posting_id": "p"}),
        night=NIGHT,
        unknown_excludes=[rule],
    )
    (row,) = rows.select(*[f"{name}_rule_kept" for name in WISHES]).collect()
    assert {name for name in WISHES if not row[f"{name}_rule_kept"]} == {rule}


MEMBER = {"member_id": "m", "places": [("DE", "Hesse", None)], "work_modes": ["remote", "onsite"]}
HERE, NEAR, FAR = (
    {"country": country, "region": region} for country, region in (("DE", "Hesse"), ("DE", "Bavaria"), ("FR", "Ain"))
)


@pytest.mark.parametrize(
    ("posting", "relaxation", "kept"),
    [
        (HERE, None, True),
        (HERE, "next_region", False),  # it is not what the row says
        (NEAR, None, False),
        (NEAR, "next_region", True),
        (NEAR, "remote_elsewhere", False),
        (NEAR, "any", False),
        (FAR, "next_region", False),
        (FAR, "remote_elsewhere", False),
        (FAR | {"work_mode": "onsite"}, "remote_elsewhere", False),
        (FAR | {"work_mode": "remote"}, "remote_elsewhere", True),
        (FAR | {"work_mode": "remote"}, None, False),
        (NEAR | {"work_mode": "remote"}, "remote_elsewhere", False),  # as was asked for
        ({"region": "Ain"}, "next_region", True),  # it may be in their country
        ({}, "next_region", False),  # it may be in their region
    ],
)
def test_a_relaxed_row_reaches_as_far_as_its_step_and_no_further(spark, posting, relaxation, kept):
    pair = {"member_id": "m", "posting_id": "p", "relaxation": relaxation}
    rows = paired_rows(
        frame(spark, RECOMMENDATIONS.schema, pair),
        frame(spark, MEMBERS.schema, MEMBER),
        frame(spark, POSTINGS.schema, {"posting_id": "p", **posting}),
        night=NIGHT,
        unknown_excludes=(),
    )
    (row,) = rows.collect()
    assert row["place_rule_kept"] == kept
    assert all(row[f"{name}_rule_kept"] for name in WISHES if name != "place")


def test_a_relaxed_row_keeps_all_other_rules(spark):
    pair = {"member_id": "m", "posting_id": "p", "relaxation": "next_region"}
    rows = paired_rows(
        frame(spark, RECOMMENDATIONS.schema, pair),
        frame(spark, MEMBERS.schema, {**MEMBER, "years_of_experience": 1.0}),
        frame(spark, POSTINGS.schema, {"posting_id": "p", **NEAR, "work_mode": "hybrid", "min_years": 2.0}),
        night=NIGHT,
        unknown_excludes=(),
    )
    (row,) = rows.collect()
    assert {name for name in WISHES if not row[f"{name}_rule_kept"]} == {"work_mode", "experience"}
