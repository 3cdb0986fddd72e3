"""Kernel: what is wrong with a row, in known shares; a row has one kind of mess at most."""

from collections.abc import Mapping

from pipelines.sample.draws import number, share

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
