"""A night whose postings search for members as well, and one of the same date that no longer does."""

import numpy as np

from jobs import check_quality, run_nightly
from tests.brute_force import may_take
from tests.jobs.test_run_nightly import catalog, stages, table

ASKED = """
[retrieval]
members_per_posting = 7

[ranking.recruiting]
members_per_list = 7
max_lists = 1_000
"""
PAIR = ["posting_id", "member_id"]
LISTS = ["member_id", "rank", "posting_id", "score"]


def lists(town):
    return table(town, "recommendations")[LISTS].sort_values(["member_id", "rank"]).reset_index(drop=True)


def brute_force(town, k):
    """In numpy and plain Python, from the published tables alone."""
    embeddings = {
        kind: dict(zip(rows["content_hash"], rows["vector"], strict=True))
        for kind in ("posting", "member")
        for rows in [catalog(town).load_table(f"recs.{kind}_embeddings").scan().to_pandas()]
    }
    open_ones = [one for one in table(town, "members").to_dict("records") if one["open_to_recruiters"]]
    members = [one for one in open_ones if one["content_hash"] is not None]
    vectors = np.stack([embeddings["member"][one["content_hash"]] for one in members]).astype(np.float64)
    for posting in table(town, "postings").to_dict("records"):
        vector = np.asarray(embeddings["posting"][posting["content_hash"]], dtype=np.float64)
        scored = zip(np.round((vectors * vector).sum(axis=1), 6), members, strict=True)
        ranked = sorted((-score, one["member_id"]) for score, one in scored if may_take(one, posting))
        for score, member in ranked[:k]:
            yield posting["posting_id"], member, -score


def the_lists_hold_who_was_found_by_the_score_that_the_posting_has_for_them(town, found):
    listed = table(town, "posting_recommendations").sort_values(["posting_id", "rank"])
    assert set(map(tuple, listed[PAIR].to_numpy())) == set(map(tuple, found[PAIR].to_numpy()))
    for _, rows in listed.groupby("posting_id"):
        assert list(rows["rank"]) == list(range(1, len(rows) + 1))
        assert rows["score"].is_monotonic_decreasing
    both = listed.merge(table(town, "recommendations"), on=PAIR, suffixes=("", "_of_posting"))
    assert len(both) > 100
    assert (both["score"] == both["score_of_posting"]).all()
    assert (both["similarity"] == both["similarity_of_posting"]).all()
    sentences = listed["explanation"].map(lambda explanation: explanation["sentence"])
    assert sentences.str.contains("their profile|their position|they look for|their places").sum() > 100
    assert not sentences.str.contains(r"\b[Yy]ou\b|\b[Yy]our\b").any()
    consent = table(town, "members").set_index("member_id")["open_to_recruiters"]
    assert consent[listed["member_id"]].all()
    assert not consent.all()


def test_postings_find_members_only_where_the_configuration_asks_for_it(town, own_town, capsys):
    assert len(table(town, "posting_matches")) == 0
    assert "match_postings" not in stages(town)

    conf = own_town.conf / "town.toml"
    without = conf.read_text()
    conf.write_text(without + ASKED)
    assert own_town.run(run_nightly.main) == 0
    found = table(own_town, "posting_matches").sort_values(
        ["posting_id", "similarity", "member_id"], ascending=[True, False, True]
    )
    rows = list(zip(found["posting_id"], found["similarity"], found["member_id"], strict=True))
    expected = sorted(brute_force(own_town, 7), key=lambda row: (row[0], -row[2], row[1]))
    assert rows == [(posting, score, member) for posting, member, score in expected]
    assert len(rows) > 1_000
    assert stages(own_town)["match_postings"]["counts"]["rows_out"] == len(rows)
    results = table(own_town, "quality_results").set_index("gate")
    assert results.loc["posting_matches", "passed"].all()
    assert not list((own_town.project / "var" / "member_indexes").iterdir())
    assert lists(own_town).equals(lists(town))
    the_lists_hold_who_was_found_by_the_score_that_the_posting_has_for_them(own_town, found)

    conf.write_text(without)
    assert own_town.run(run_nightly.main) == 0
    assert len(table(own_town, "posting_matches")) == len(table(own_town, "posting_recommendations")) == 0
    assert lists(own_town).equals(lists(town))
    capsys.readouterr()
    assert own_town.run(check_quality.main, "--gate", "matches") == 0
