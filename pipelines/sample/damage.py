"""Kernel: what each kind of mess does to a feed row."""

import datetime
import re
from collections.abc import Callable
from html import escape

from pipelines.sample.draws import Draws
from pipelines.sample.mess import DUPLICATE_ID, NEAR_DUPLICATE

Feed = dict[str, object]
Damage = Callable[[Feed, datetime.date, Draws], Feed]

_BLANKS = ("NA", "N/A", "", " ", "-", "null", "n/a", "None")
_POSTING_BLANKABLE = (
    "countryName state town level yearsRequired contract workplace tags languages payCurrency".split()
)  # fmt: skip
_MEMBER_BLANKABLE = "tagline summary level experienceYears payExpected payCurrency".split()


def damaged_posting(mess: str | None, feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    """The feed row of a posting with its mess; a repost is left as it is."""
    return feed | _POSTING[mess](feed, as_of, draws) if mess in _POSTING else feed


def damaged_member(mess: str | None, feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    """The feed row of a member with its mess."""
    return feed | _MEMBER[mess](feed, as_of, draws) if mess in _MEMBER else feed


def _near_duplicate(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    body, title = str(feed["body"]), str(feed["jobTitle"])
    swap = draws.pick((("We are", "We're"), (" and ", " & "), ("years", "yrs"), (" you ", " YOU ")))
    added = draws.pick((" Apply now!", " Start: immediately.", "\n*** Repost ***", "\nStill open."))
    return {
        "body": body.replace(*swap, 1) + added,
        "jobTitle": draws.pick((title, title, f"{title} *", title.upper(), f"{title} - apply now")),
    }


def _expired(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"datePosted": _day(as_of, -draws.between(60, 150)), "closingDate": _day(as_of, -draws.between(1, 40))}


def _closed(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"vacancyState": "Closed"}


def _future_dated(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"datePosted": _day(as_of, draws.between(2, 30)), "closingDate": _day(as_of, draws.between(40, 80))}


def _missing_title(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"jobTitle": draws.pick((None, *_BLANKS))}


def _html_posting(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"body": _as_html(str(feed["body"])), "jobTitle": f"<b>{escape(str(feed['jobTitle']))}</b>&nbsp;"}


def _wrong_types(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    pay = draws.pick(("competitive", "DOE", "by agreement", "up to a lot", "see text"))
    return {
        "payFrom": pay,
        "payTo": pay,
        "datePosted": draws.pick(("soon", "yesterday", "31/31/2026")),
        "yearsRequired": draws.pick(("several", "3+ or so", "plenty")),
    }


def _contradicting_dates(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"datePosted": _day(as_of, -draws.between(1, 20)), "closingDate": _day(as_of, -draws.between(40, 90))}


def _unknown_currency(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"payFrom": "1000", "payTo": "2000", "payCurrency": draws.pick(("XXX", "credits", "??", "gold"))}


def _blank_posting(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {column: draws.pick(_BLANKS) for column in draws.some(_POSTING_BLANKABLE, 4)}


def _without_history(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"positions": draws.pick(([], None))}


def _empty_profile(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return dict.fromkeys(("tagline", "summary", "positions", "lookingFor", "skills"))


def _opted_out(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"unsubscribed": "true"}


def _future_experience(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    held = feed["positions"]
    if not isinstance(held, list):
        raise ValueError("a member's positions are a list until they are damaged")
    return {"positions": [held[0] | {"fromDate": _day(as_of, draws.between(60, 900)), "toDate": None}, *held[1:]]}


def _duplicate_id(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {"summary": None, "lookingFor": None, "tagline": draws.pick(("profile (old)", "my profile", None))}


def _html_member(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    summary = str(feed["summary"] or "Ask me & I will tell.")
    return {"summary": _as_html(summary), "tagline": escape(f"{feed['tagline'] or 'Me'} & more")}


def _blank_member(feed: Feed, as_of: datetime.date, draws: Draws) -> Feed:
    return {column: draws.pick(_BLANKS) for column in draws.some(_MEMBER_BLANKABLE, 4)}


_POSTING: dict[str | None, Damage] = {
    NEAR_DUPLICATE: _near_duplicate,
    "expired": _expired,
    "closed": _closed,
    "future_dated": _future_dated,
    "missing_title": _missing_title,
    "html": _html_posting,
    "wrong_types": _wrong_types,
    "contradicting_dates": _contradicting_dates,
    "unknown_currency": _unknown_currency,
    "blanks": _blank_posting,
}
_MEMBER: dict[str | None, Damage] = {
    "without_history": _without_history,
    "empty_profile": _empty_profile,
    "opted_out": _opted_out,
    "future_experience": _future_experience,
    DUPLICATE_ID: _duplicate_id,
    "html": _html_member,
    "blanks": _blank_member,
}


def _day(day: datetime.date, days: int) -> str:
    return (day + datetime.timedelta(days=days)).isoformat()


def _as_html(text: str) -> str:
    """The text as a page would show it: paragraphs, lists, entities.

    >>> _as_html("Tea & cake")
    '<div><p class="x">Tea &amp; cake</p></div>'
    """
    lines = [escape(line) for line in text.split("\n") if line]
    marked = "".join(f"<li>{line[2:]}</li>" if line.startswith("- ") else f'<p class="x">{line}</p>' for line in lines)
    listed = re.sub(r"(?:<li>.*?</li>)+", r"<ul>\g<0></ul>", marked)
    return f"<div>{listed.replace(' and ', '&nbsp;and ', 2)}</div>"
