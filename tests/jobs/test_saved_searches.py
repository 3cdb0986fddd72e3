"""Saved searches in a night: brute force row for row, no criterion broken, and the same answer without Spark."""

import datetime
import re

import numpy as np
import pytest

from jobs import ingest_searches, rank_searches, show_night, try_search
from tests.asked_for import as_member, is_asked_for, known
from tests.brute_force import may_take
from tests.jobs.conftest import NIGHT
from tests.jobs.test_run_nightly import catalog, table

DATE = datetime.date.fromisoformat(NIGHT)
WEIGHT = 0.1


@pytest.fixture(scope="module")
def night(town):
    searches = table(town, "saved_searches").to_dict("records")
    members = {row["member_id"]: row for row in table(town, "members").to_dict("records")}
    return searches, members, table(town, "postings").to_dict("records")


def test_every_search_read_is_accepted_or_rejected_with_a_reason(town, night):
    rejected = table(town, "saved_searches_rejected")
    assert len(night[0]) + len(rejected) == 90
    assert all(len(reasons) for reasons in rejected["reasons"])
    assert {row["member_id"] for row in night[0]} <= set(night[1])
    gone = {
        row["source_row"] for row in table(town, "members_rejected").to_dict("records") if "opted_out" in row["reasons"]
    }
    assert all(
        row is None for row, member in zip(rejected["row"], rejected["member_id"], strict=True) if member in gone
    )


def test_matches_of_searches_are_brute_force_over_what_they_ask_for_row_for_row(town, night):
    searches, members, postings = night
    tables = {
        kind: catalog(town).load_table(f"recs.{kind}_embeddings").scan().to_pandas() for kind in ("posting", "member")
    }
    vector = {
        kind: {key: np.asarray(one, np.float64) for key, one in zip(rows["content_hash"], rows["vector"], strict=True)}
        for kind, rows in tables.items()
    }
    matrix = np.stack([vector["posting"][row["content_hash"]] for row in postings])
    found = table(town, "search_matches").sort_values(
        ["search_id", "similarity", "posting_id"], ascending=[True, False, True]
    )
    by_search = {key: rows.to_dict("records") for key, rows in found.groupby("search_id")}
    for search in searches:
        member = members[search["member_id"]]
        wish, profile = (vector["member"].get(row["content_hash"]) for row in (search, member))
        if wish is None and profile is None:
            assert search["search_id"] not in by_search
            continue
        blend = wish if profile is None else profile if wish is None else (1 - WEIGHT) * wish + WEIGHT * profile
        similarity, row = matrix @ blend, as_member(search, member)
        eligible = [n for n, p in enumerate(postings) if may_take(row, p) and is_asked_for(search["criteria"], p, DATE)]
        mine = by_search.get(search["search_id"], [])
        assert len(mine) == min(100, len(eligible))
        best = sorted(eligible, key=lambda n: -similarity[n])[:100]
        assert [one["similarity"] for one in mine] == pytest.approx(similarity[best].tolist(), abs=2e-6)
        least = similarity[best[-1]] - 2e-6 if best else 0
        assert {one["posting_id"] for one in mine} <= {
            postings[n]["posting_id"] for n in eligible if similarity[n] >= least
        }
        apart = [(one["wish_similarity"], one["profile_similarity"]) for one in mine]
        assert all(known(near) == (wish is not None) and known(own) == (profile is not None) for near, own in apart)
    assert sum(map(len, by_search.values())) > 1_000


def test_no_list_breaks_a_criterion_and_many_kinds_are_asked_for(town, night):
    searches, members, postings = night
    by_id, of = {row["posting_id"]: row for row in postings}, {row["search_id"]: row for row in searches}
    listed = table(town, "search_recommendations").to_dict("records")
    wrong = [
        (row["search_id"], row["posting_id"])
        for row in listed
        if not may_take(as_member(of[row["search_id"]], members[row["member_id"]]), by_id[row["posting_id"]])
        or not is_asked_for(of[row["search_id"]]["criteria"], by_id[row["posting_id"]], DATE)
    ]
    assert wrong == []
    assert len(listed) > 300
    told = [
        {name for name, value in row["criteria"].items() if (len(value) if hasattr(value, "__len__") else known(value))}
        for row in searches
    ]
    kinds = (
        "places",
        "work_modes",
        "employment_types",
        "seniorities",
        "languages",
        "min_salary",
        "posted_within_days",
        "excluded_titles",
    )
    assert {kind for kind in kinds if sum(kind in one for one in told) >= 3} == set(kinds)


def test_every_search_has_a_full_list_or_a_reason(town, night):
    counts = table(town, "search_recommendations").groupby("search_id").size()
    found = table(town, "search_matches").groupby("search_id").size()
    short = {row["search_id"]: row for row in table(town, "search_shortfalls").to_dict("records")}
    for search in night[0]:
        key, listed = search["search_id"], counts.get(search["search_id"], 0)
        if listed == 10:
            assert key not in short
            continue
        assert (short[key]["member_id"], short[key]["recommendations"]) == (search["member_id"], listed)
        assert short[key]["matches"] == found.get(key, 0)
        nothing = "no_eligible_posting", "empty_profile"
        assert short[key]["reason"] == "few_eligible_postings" if listed else short[key]["reason"] in nothing
    assert 3 < len(short) < len(night[0])


def test_lists_say_what_was_understood_and_what_brought_each_posting(town):
    listed = table(town, "search_recommendations")
    assert (listed.groupby("search_id")["rank"].max() == listed.groupby("search_id").size()).all()
    assert listed["understood_as"].str.len().min() > 0
    assert set(listed["brought_by"]) == {"wish", "profile"}
    shares = (1 - WEIGHT) * listed["wish_similarity"], WEIGHT * listed["profile_similarity"]
    of_profile = listed["wish_similarity"].isna() | (shares[1] > shares[0])
    assert (of_profile == (listed["brought_by"] == "profile")).all()
    said = {"wish": "ound by what you wish for", "profile": "ound by your profile"}
    assert all(said[by] in one["sentence"] for by, one in zip(listed["brought_by"], listed["explanation"], strict=True))
    assert not any("close to your profile" in one["sentence"] for one in listed["explanation"])
    assert listed["is_new"].all()  # there was no night before


def test_a_wish_is_answered_without_spark_as_the_night_answers_it(town, night, monkeypatch, capsys):
    searches, matches = night[0], table(town, "search_matches")
    seen, shown = [], try_search.show
    monkeypatch.setattr(
        try_search, "show", lambda read, answers, *rest: (seen.append(answers), shown(read, answers, *rest))
    )
    compared = 0
    for search in searches[:12]:
        assert town.run(try_search.main, search["text"], "--member", search["member_id"]) == 0
        mine = matches[matches["search_id"] == search["search_id"]]
        best = mine.sort_values(["similarity", "posting_id"], ascending=[False, True]).head(10)
        answers = seen.pop()
        assert [one.posting_id for one in answers] == best["posting_id"].tolist()
        assert [one.similarity for one in answers] == best["similarity"].tolist()
        compared += len(answers)
    assert compared > 60
    told = capsys.readouterr().out
    assert "understood as" in told and "found by your wish" in told


def test_a_wish_of_nobody_in_particular_is_answered_and_an_unknown_member_is_not(town, capsys, caplog):
    assert town.run(try_search.main, "nursing, night shifts are fine") == 0
    assert "your profile" not in capsys.readouterr().out
    assert town.run(try_search.main, "nursing", "--member", "nobody") == 2
    assert "has no member 'nobody'" in caplog.text
    assert town.run(try_search.main, "nursing", run_date="2026-11-01") == 5
    assert "no night of 2026-11-01 is published" in caplog.text


def test_a_night_shows_a_few_searches(town, capsys):
    assert town.run(show_night.main, "--show-members", "2") == 0
    assert capsys.readouterr().out.count("saved search S-") == 2


def test_without_a_source_the_stages_say_so(own_town, caplog):
    path = own_town.conf / "town.toml"
    path.write_text(
        re.sub(r"\[sources\.saved_searches\.inputs.*?(?=\n\[distillation\])", "", path.read_text(), flags=re.S)
    )
    for job in (ingest_searches, rank_searches):
        assert own_town.run(job.main) == 2
        assert own_town.run(job.main, "--in-night") == 99
    assert "there are no saved searches to" in caplog.text
