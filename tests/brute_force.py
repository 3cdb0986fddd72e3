"""Published matches held against brute force in numpy and plain Python, from the published tables alone."""

import numpy as np


def by_brute_force(catalog, night, members=None):
    """Ids of the members whose published matches are brute force over the eligible, row for row.

    Args:
        catalog: of the published tables.
        night: its date.
        members: ids of those who are compared; None: all.

    Raises:
        AssertionError: a member's are not.
    """

    def table(name, row_filter=f"run_date = '{night}'"):
        return catalog.load_table(f"recs.{name}").scan(row_filter=row_filter).to_pandas()

    embeddings = {
        kind: dict(zip(rows["content_hash"], rows["vector"], strict=True))
        for kind in ("posting", "member")
        for rows in [catalog.load_table(f"recs.{kind}_embeddings").scan().to_pandas()]
    }
    postings = table("postings")
    vectors = np.stack([embeddings["posting"][key] for key in postings["content_hash"]]).astype(np.float64)
    found = table("matches").sort_values(["member_id", "similarity", "posting_id"], ascending=[True, False, True])
    by_member = {
        key: list(zip(rows["posting_id"], rows["similarity"], strict=True)) for key, rows in found.groupby("member_id")
    }
    rows = postings.to_dict("records")
    compared = []
    for member in table("members").to_dict("records"):
        if members is not None and member["member_id"] not in members:
            continue
        if member["content_hash"] is None:
            assert member["member_id"] not in by_member
            continue
        vector = np.asarray(embeddings["member"][member["content_hash"]], dtype=np.float64)
        similarity = np.round((vectors * vector).sum(axis=1), 6)
        ranked = sorted((-s, p["posting_id"]) for s, p in zip(similarity, rows, strict=True) if may_take(member, p))
        assert by_member.get(member["member_id"], []) == [(posting, -s) for s, posting in ranked[:100]]
        compared.append(member["member_id"])
    return compared


def may_take(member, posting):
    """The rules, one pair at a time, in plain words; rows of the published tables."""

    def known(value):
        return value is not None and value == value and value is not np.ma.masked

    places = list(member["places"]) if member["places"] is not None else []
    if places and not any(
        (not known(posting["country"]) or posting["country"] == place["country"])
        and (
            not known(place["region"])
            or not known(posting["region"])
            or posting["region"] == place["region"]
            or posting["work_mode"] == "remote"
        )
        for place in places
    ):
        return False
    for wanted, value in (("work_modes", "work_mode"), ("employment_types", "employment_type")):
        if known(posting[value]) and len(member[wanted]) and posting[value] not in member[wanted]:
            return False
    if len(member["languages"]) and not set(posting["languages"]) <= set(member["languages"]):
        return False
    if known(posting["min_years"]) and known(member["years_of_experience"]):
        if posting["min_years"] > member["years_of_experience"]:
            return False
    if known(posting["salary_max"]) and known(member["min_salary"]) and known(posting["salary_currency"]):
        if posting["salary_currency"] == member["salary_currency"] and posting["salary_max"] < member["min_salary"]:
            return False
    return posting["company_key"] not in list(member["excluded_company_keys"]) and posting["posting_id"] not in list(
        member["excluded_posting_ids"]
    )
