"""What one wish asks of the index is the same with Spark and without."""

import datetime

import pytest
from pyspark.sql import functions as F

from pipelines.retrieval import asking
from pipelines.retrieval.blocks import cohort_of
from pipelines.retrieval.stage import asking_for
from pipelines.retrieval.words import number_of, words_of
from pipelines.searches import trying
from pipelines.searches.stage import as_members
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.searches import SAVED_SEARCHES
from tests.rows import NIGHT, frame
from tests.stages.test_searches_stage import NOTHING, PLACE, PROFILE

TITLES = ["Night Nurses (m/w/d), Köln", "C++ Developer", "ÉCOLE straße", "Boss' class", "", "看護師", "a_b-c"]


def test_words_and_numbers_are_the_same_with_spark_and_without(spark):
    row = (
        spark.createDataFrame([(TITLES,)], "titles array<string>")
        .select(
            F.transform("titles", asking.words_of).alias("words"),
            F.transform("titles", lambda title: F.xxhash64(title)).alias("numbers"),
            asking.city_hash(F.lit("DE"), F.lit("KÖLN")).alias("city"),
        )
        .first()
    )
    assert row["words"] == [words_of(title) for title in TITLES]
    assert row["numbers"] == [number_of(title) for title in TITLES]
    assert row["city"] == number_of("DE", "koln")


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {
            "places": [PLACE, ("DE", None, "Köln")],
            "excluded_places": [("FR", None, None), ("FR", None, "Nice")],
            "work_modes": ["hybrid"],
            "employment_types": ["contract"],
            "seniorities": ["entry", "lead"],
            "languages": ["de"],
            "min_salary": 1.5,
            "salary_currency": "USD",
            "company_keys": ["a", "b"],
            "excluded_company_keys": ["c"],
            "titles": ["night nurse", "...", "lead"],
            "excluded_titles": ["sales"],
            "posted_within_days": 3,
        },
    ],
)
def test_one_wish_asks_the_same_with_spark_and_without(spark, criteria):
    empty = {
        name: []
        for name, kind in zip(NOTHING, SAVED_SEARCHES.schema[c.CRITERIA].dataType, strict=True)
        if "Array" in str(kind.dataType)
    }
    full = NOTHING | empty | criteria
    search = {"search_id": "tried", "member_id": "m1", "criteria": tuple(full.values())}
    searchers = as_members(frame(spark, SAVED_SEARCHES.schema, search), frame(spark, MEMBERS.schema, PROFILE))
    beside = {name: F.lit(None).cast("array<float>") for name in (c.VECTOR, c.WISH_VECTOR)} | {
        c.PROFILE_WEIGHT: F.lit(0.5)
    }
    in_spark = asking_for(searchers.withColumns(beside), night=NIGHT).first().asDict(recursive=True)

    def places(name):
        return [dict(zip(("country", "region", "city"), place, strict=True)) for place in full[name]]

    as_read = full | {name: places(name) for name in ("places", "excluded_places")}
    member = PROFILE | {"places": [{"country": "FR", "region": None, "city": None}]}
    alone = {
        name: value.to_pylist()[0] if hasattr(value, "to_pylist") else value[0]
        for name, value in trying.asking_for(as_read, member, NIGHT.run_date).items()
    }

    def plain(row):
        sets = {name: sorted(row[name] or [], key=str) for name in row if isinstance(row[name], list)}
        return row | sets | {"cohort": cohort_of(row["cohort"])}

    wanted = {name: value for name, value in plain(in_spark).items() if name in alone}
    assert plain(alone) | {"title_phrases": sorted(alone["title_phrases"])} == wanted | {
        "title_phrases": sorted(wanted["title_phrases"] or [])
    }
    assert set(in_spark) - set(alone) == {c.MEMBER_ID, c.VECTOR, c.WISH_VECTOR, c.PROFILE_WEIGHT}
    assert datetime.date(1970, 1, 1) + datetime.timedelta(days=alone["earliest"] or 0) in (
        datetime.date(1970, 1, 1),
        datetime.date(2026, 10, 30),
    )
