"""What saved searches ask for, one pair at a time and in plain words; shares no code with the search or the gate."""

import datetime
import re
import unicodedata


def plain(text):
    return "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))


def words(title):
    found = re.findall(r"[^\W_]+", plain(title).replace("ß", "ss"))
    return {word[:-1] if re.fullmatch(r".*[a-z]{3}[^s]s", word) else word for word in found}


def known(value):
    return value is not None and value == value


def in_city(place, posting):
    both = known(posting["city"]) and known(posting["country"]) and place["country"] == posting["country"]
    return both and plain(place["city"]) == plain(posting["city"])


def in_region(place, posting, unknown):
    country = posting["country"] == place["country"] if known(posting["country"]) else unknown
    region = place["region"] is None or (posting["region"] == place["region"] if known(posting["region"]) else unknown)
    return country and region


def is_asked_for(asked, posting, run_date):
    """What a search asks for beyond what it asks in its member's place."""
    named = asked["places"]
    if any(place["city"] for place in named) and known(posting["city"]) and known(posting["country"]):
        if posting["work_mode"] != "remote" and not any(
            in_city(place, posting) if place["city"] else in_region(place, posting, True) for place in named
        ):
            return False
    excluded = asked["excluded_places"]
    if any(in_city(one, posting) if one["city"] else in_region(one, posting, False) for one in excluded):
        return False
    if len(asked["seniorities"]) and known(posting["seniority"]) and posting["seniority"] not in asked["seniorities"]:
        return False
    if len(asked["company_keys"]) and posting["company_key"] not in asked["company_keys"]:
        return False
    title = words(posting["title"])
    if len(asked["titles"]) and not any(words(one) <= title for one in asked["titles"]):
        return False
    if any(words(one) and words(one) <= title for one in asked["excluded_titles"]):
        return False
    if known(asked["posted_within_days"]) and known(posting["posted_on"]):
        return posting["posted_on"] >= run_date - datetime.timedelta(days=int(asked["posted_within_days"]))
    return True


def as_member(search, member):
    """The member with the wishes that the search names in place of its own."""
    asked, row = search["criteria"], dict(member)
    for name in ("places", "work_modes", "employment_types", "languages"):
        row[name] = asked[name] if len(asked[name]) else member[name]
    if known(asked["min_salary"]):
        currency = asked["salary_currency"] or member["salary_currency"]
        row |= {"min_salary": asked["min_salary"], "salary_currency": currency}
    row["excluded_company_keys"] = [*member["excluded_company_keys"], *asked["excluded_company_keys"]]
    return row
