"""Kernel: what is wrong with a row, in known shares; a row has one kind of mess at most."""

import datetime
import re
from collections.abc import Mapping
from html import escape

from pipelines.sample.draws import Draws, number, share

Feed = dict[str, object]

REPOST, NEAR_DUPLICATE, DUPLICATE_ID = "repost", "near_duplicate", "duplicate_id"
COPIES = frozenset((REPOST, NEAR_DUPLICATE, DUPLICATE_ID))

POSTING_SHARES: Mapping[str, float] = {
    REPOST: 0.03,  # word for word, under another id and date
    NEAR_DUPLICATE: 0.03,  # a few words edited
    "expired": 0.025,  # closing date before the sample's day
    "closed": 0.01,
    "future_dated": 0.008,
    "missing_title": 0.01,
    "html": 0.03,  # tags and entities in title and body
    "wrong_types": 0.01,  # "competitive" for a salary, "soon" for a date
    "contradicting_dates": 0.005,  # closes before it was posted
    "unknown_currency": 0.007,
    "blanks": 0.015,  # "NA", "-", "null" in several columns
}
MEMBER_SHARES: Mapping[str, float] = {
    "without_history": 0.04,
    "empty_profile": 0.01,
    "opted_out": 0.01,
    "future_experience": 0.01,
    DUPLICATE_ID: 0.005,  # an older, shorter export of another row's profile
    "html": 0.01,
    "blanks": 0.01,
}
_BLANKS = ("NA", "N/A", "", " ", "-", "null", "n/a", "None")
_FIRST_COPY = 100  # rows before this one are no copies: there is little to copy from


def mess_of(shares: Mapping[str, float], seed: int, kind: str, row: int) -> str | None:
    """What is wrong with the row, or None; each kind of mess is as likely as its share."""
    drawn = share(seed, kind, "mess", row)
    for mess, part in shares.items():
        drawn -= part
        if drawn < 0:
            return None if mess in COPIES and row < _FIRST_COPY else mess
    return None


def original_of(shares: Mapping[str, float], seed: int, kind: str, row: int) -> int:
    """The row without mess before `row` that it is a copy of."""
    start = number(seed, kind, "original", row) % row
    rows = (at % row for at in range(start + row, start, -1))
    return next(at for at in rows if mess_of(shares, seed, kind, at) is None)


def messy_posting(mess: str | None, feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    """The feed row of a posting with its mess; copies differ by what `near_duplicate` edits."""
    change: Feed = {}
    if mess == NEAR_DUPLICATE:
        change = {"body": _edited(str(feed["body"]), draws), "jobTitle": _retitled(str(feed["jobTitle"]), draws)}
    elif mess == "expired":
        change = {"datePosted": _days(as_of, -draws.between(60, 150)), "closingDate": _days(as_of, -draws.between(1, 40))}
    elif mess == "closed":
        change = {"vacancyState": "Closed"}
    elif mess == "future_dated":
        change = {"datePosted": _days(as_of, draws.between(2, 30)), "closingDate": _days(as_of, draws.between(40, 80))}
    elif mess == "missing_title":
        change = {"jobTitle": draws.pick((None, *_BLANKS))}
    elif mess == "html":
        change = {"body": _as_html(str(feed["body"])), "jobTitle": f"<b>{escape(str(feed['jobTitle']))}</b>&nbsp;"}
    elif mess == "wrong_types":
        pay = draws.pick(("competitive", "DOE", "by agreement", "up to a lot", "see text"))
        change = {"payFrom": pay, "payTo": pay, "datePosted": draws.pick(("soon", "yesterday", "31/31/2026"))}
        change["yearsRequired"] = draws.pick(("several", "3+ or so", "none"))
    elif mess == "contradicting_dates":
        change = {"datePosted": _days(as_of, -draws.between(1, 20)), "closingDate": _days(as_of, -draws.between(40, 90))}
    elif mess == "unknown_currency":
        change = {"payFrom": "1000", "payTo": "2000", "payCurrency": draws.pick(("XXX", "credits", "??", "gold"))}
    elif mess == "blanks":
        columns = ("countryName", "state", "town", "level", "yearsRequired", "contract", "workplace", "tags", "languages")
        change = {column: draws.pick(_BLANKS) for column in draws.some(columns, 4)}
    return feed | change


def messy_member(mess: str | None, feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    """The feed row of a member with its mess."""
    change: Feed = {}
    if mess == "without_history":
        change = {"positions": draws.pick(([], None))}
    elif mess == "empty_profile":
        change = dict.fromkeys(("tagline", "summary", "positions", "lookingFor", "skills"))
    elif mess == "opted_out":
        change = {"unsubscribed": "true"}
    elif mess == "future_experience":
        positions = feed["positions"]
        assert isinstance(positions, list)
        future = positions[0] | {"fromDate": _days(as_of, draws.between(60, 900)), "toDate": None}
        change = {"positions": [future, *positions[1:]]}
    elif mess == DUPLICATE_ID:
        change = {"summary": None, "lookingFor": None, "tagline": draws.pick(("profile (old)", "my profile", None))}
    elif mess == "html":
        change = {"summary": _as_html(str(feed["summary"])), "tagline": escape(f"{feed['tagline']} & more")}
    elif mess == "blanks":
        columns = ("tagline", "summary", "level", "experienceYears", "payExpected", "payCurrency")
        change = {column: draws.pick(_BLANKS) for column in draws.some(columns, 4)}
    return feed | change


def _days(day: datetime.date, days: int) -> str:
    return (day + datetime.timedelta(days=days)).isoformat()


def _edited(text: str, draws: Draws) -> str:
    swap = draws.pick((("We are", "We're"), (" and ", " & "), ("years", "yrs"), (" you ", " YOU ")))
    return text.replace(*swap, 1) + draws.pick(("", " Apply now!", " Start: immediately.", "\n*** Repost ***"))


def _retitled(title: str, draws: Draws) -> str:
    return draws.pick((title, title, f"{title} *", title.upper(), f"{title} - apply now"))


def _as_html(text: str) -> str:
    lines = [escape(line) for line in text.split("\n") if line]
    marked = "".join(
        f"<li>{line[2:]}</li>" if line.startswith("- ") else f'<p class="x">{line}</p>' for line in lines
    )
    return "<div>" + re.sub(r"(?:<li>.*?</li>)+", r"<ul>\g<0></ul>", marked).replace(" and ", "&nbsp;and ", 2) + "</div>"
