import datetime
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import check_explanations
from benchmarks.statements import Checker
from jobs import run_nightly
from tests.identities import person, told_by
from tests.jobs.conftest import NIGHT, Town

PERSISTENCE = 0.9  # of the rank-biased overlap: nine readers of ten go on to the next place


def test_every_statement_of_the_towns_explanations_is_backed_by_a_field(town: Town, capsys):
    assert town.run(check_explanations.main, "--rows", "100000", "--show", "1") == 0
    said = capsys.readouterr().out
    assert "0 statements that no field backs" in said
    for kind in ("matched", "missing", "surplus"):
        assert f"'{kind}_skills'" in said
    for kind in ("requirements_met", "requirements_unmet", "similar_to"):
        assert f"'{kind}'" in said


POSTING = {
    **{"title": "Staff Nurse", "description": "Wound care at night.", "skills": ["MS Excel"], "posted_on": None},
    **{"country": "DE", "region": "Hesse", "city": None, "work_mode": "onsite", "employment_type": None},
    **{"min_years": 3.0, "languages": [], "salary_max": None, "salary_currency": None},
}
MEMBER = {
    **{"headline": "Nurse, SQL", "about": None, "wanted_titles": [], "skills": ["excel"], "years_of_experience": 5.0},
    **{"experiences": [{"title": "Nurse", "description": None}], "places": [], "work_modes": [], "languages": []},
    **{"employment_types": [], "min_salary": None, "salary_currency": None},
}
TOLD = {
    **{"matched_skills": ["Excel"], "missing_skills": ["wound care"], "surplus_skills": ["SQL"]},
    **{"requirements_met": ["3 years of experience"], "requirements_unmet": ["skill: wound care"]},
    "similar_to": {"kind": "position", "title": "Nurse", "shared_words": ["nurse"]},
    "sentence": "Like your position as Nurse.",
}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, None),
        ({"matched_skills": ["SQL"]}, "matched skill SQL: the posting names it"),
        ({"missing_skills": ["Excel"], "requirements_unmet": ["skill: Excel"]}, "missing skill Excel: the member"),
        ({"surplus_skills": ["Excel"]}, "surplus skill Excel: the posting"),
        ({"requirements_met": []}, "requirements met"),
        ({"requirements_unmet": ["skill: wound care", "place: Hesse"]}, "requirements unmet"),
        ({"similar_to": {"kind": "wanted_title", "title": "Nurse", "shared_words": ["nurse"]}}, "the member has none"),
        ({"similar_to": {"kind": "position", "title": "Nurse", "shared_words": ["staff"]}}, "staff: not in"),
        ({"sentence": "Like your position as Nurse; 2 of 2 skills match."}, "1 skills match"),
        ({"sentence": "Like your position as Nurse; close to your profile."}, "closeness"),
        ({"sentence": "Like your position as Nurse; in Hesse, one of your places."}, "no such place"),
        ({"sentence": "Like your position as Nurse; posted today."}, "day of posting"),
        ({"sentence": "Drawn by lot from those next on your list; like your position as Nurse."}, "drawn by lot"),
        ({"sentence": "Outside your places: nearest we found; like your position as Nurse."}, "wish relaxed None"),
    ],
)
def test_the_checker_finds_a_statement_that_no_field_backs(change, found):
    row = {"similarity": 0.4, "by_lot": False, "relaxation": None, "explanation": TOLD | change}
    problems = Checker(0.5, datetime.date.fromisoformat(NIGHT)).problems(row, POSTING, MEMBER)
    assert [problem for problem in problems if found and found in problem] or (found is None and problems == [])


def rank_biased_overlap(left: list[str], right: list[str]) -> float:
    """Of two lists of one length, in [0, 1] (Webber, Moffat and Zobel 2010), the places that exist taken as all."""
    shares = [len(set(left[:depth]) & set(right[:depth])) / depth for depth in range(1, len(left) + 1)]
    weights = [PERSISTENCE**place for place in range(len(shares))]
    return sum(share * weight for share, weight in zip(shares, weights, strict=True)) / sum(weights)


def lists_of(town: Town, attempt: int) -> dict[str, list[str]]:
    path = town.project / "var" / "warehouse"
    rows = [
        row
        for file in sorted(path.rglob("recommendations/**/*.parquet"))
        for row in pq.ParquetFile(file).read(columns=["run_id", "member_id", "rank", "posting_id"]).to_pylist()
        if row["run_id"].endswith(f"-{attempt}")
    ]
    lists: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row["rank"]):
        lists.setdefault(row["member_id"], []).append(row["posting_id"])
    return lists


def test_lists_are_the_same_whoever_tells_the_profiles(own_town: Town):
    """One night on the same profiles told by other people each time."""
    feeds = sorted((own_town.project / "var" / "sample" / "members").rglob("*.parquet"))
    tables = [pq.read_table(feed) for feed in feeds]
    published = []
    for attempt in (1, 2):
        for feed, table in zip(feeds, tables, strict=True):
            told = []
            for place, row in enumerate(table.to_pylist()):
                who = person(random.Random(f"{attempt} {place}"))
                told.append(told_by(row, who, random.Random(place)))
            feed.with_name(f".{feed.name}.crc").unlink(missing_ok=True)
            pq.write_table(pa.Table.from_pylist(told, schema=table.schema), feed)
        assert own_town.run(run_nightly.main, "--attempt", str(attempt)) == 0
        published.append(lists_of(own_town, attempt))
    first, second = published
    assert first.keys() == second.keys()
    assert len(first) > 200
    assert {rank_biased_overlap(first[member], second[member]) for member in first} == {1.0}
