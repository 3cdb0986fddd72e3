"""Kernel: a profiled source becomes thresholds and a suite of Great Expectations that it passes.

Nothing here is a value that only few rows have: bounds are rounded outwards, and enumerations need a minimum of rows
for each of their values.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations as gx

MAX_VALUES = 20  # an enumeration has at most so many values
MIN_ROWS_PER_VALUE = 20  # and each is that of at least so many rows
_SLACK = 0.05  # of rows; how many more may be null than were
_MORE_DAYS = 7
_THRESHOLDS = {
    "postings": ("min_postings", "posted_on", "max_days_since_posting"),
    "members": ("min_members", None, None),
    "interactions": (None, "occurred_at", "max_days_since_interaction"),
}


@dataclass(frozen=True)
class ColumnProfile:
    """What a column of a source is like.

    Args:
        name: the column.
        kind: text, flag, number, date, list or other.
        nulls: rows that have none.
        distinct: different values, about; None: not counted.
        low: of numbers, rounded outwards to two digits, like `high`.
        high: see `low`.
        shortest: characters of a text, elements of a list.
        longest: see `shortest`.
        days: from the newest date to the run date.
        values: all of them, where they are few and each is that of many rows.
    """

    name: str
    kind: str
    nulls: int
    distinct: int | None = None
    low: float | None = None
    high: float | None = None
    shortest: int | None = None
    longest: int | None = None
    days: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceProfile:
    """What a source is like."""

    source: str  # postings, members or interactions
    rows: int
    columns: tuple[ColumnProfile, ...]
    key: str | None = None
    key_repeats: int = 0  # rows whose key another row has


def outwards(value: float, *, up: bool) -> float:
    """The nearest number of two significant digits that is not below `value`, or with `up` false not above.

    >>> outwards(41_783.0, up=True), outwards(41_783.0, up=False), outwards(-3.14, up=False), outwards(0.0, up=True)
    (42000.0, 41000.0, -3.2, 0.0)
    """
    if not value or not math.isfinite(value):
        return value
    digits = 1 - math.floor(math.log10(abs(value)))
    scaled = value * 10.0**digits
    near = round(scaled)  # else 3.2 comes back as 3.3: floats are not exact
    whole = near if math.isclose(scaled, near, rel_tol=1e-12) else math.ceil(scaled) if up else math.floor(scaled)
    return round(whole / 10.0**digits, digits) if digits > 0 else float(whole * 10**-digits)


def enumerated(counts: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """The values, sorted, where they are few and each is that of many rows; else none at all.

    >>> enumerated([("remote", 40), ("onsite", 25)]), enumerated([("remote", 40), ("Ada's", 1)])
    (('onsite', 'remote'), ())
    """
    few = 0 < len(counts) <= MAX_VALUES and min(count for _, count in counts) >= MIN_ROWS_PER_VALUE
    return tuple(sorted(value for value, _ in counts)) if few else ()


def proposed_suite(profile: SourceProfile) -> dict[str, Any]:
    """A suite as JSON, which `great_expectations.ExpectationSuite(**it)` loads."""
    expect = gx.expectations
    expectations = [
        expect.ExpectTableColumnsToMatchSet(column_set=[one.name for one in profile.columns], exact_match=False),
        expect.ExpectTableRowCountToBeBetween(min_value=profile.rows // 2, max_value=2 * profile.rows),
    ]
    if profile.key and not profile.key_repeats:
        expectations.append(expect.ExpectColumnValuesToBeUnique(column=profile.key))
    for column in profile.columns:
        if column.nulls < profile.rows:
            expectations += _about(column, profile.rows)
    suite: dict[str, Any] = gx.ExpectationSuite(
        name=f"source_{profile.source}", expectations=expectations
    ).to_json_dict()
    return suite


def proposed_thresholds(profile: SourceProfile) -> str:
    """Lines of TOML for `conf/<env>.toml`."""
    rows, dated, days = _THRESHOLDS[profile.source]
    lines = ["[quality]"]
    if rows:
        lines.append(f"{rows} = {profile.rows // 2}  # half of what was read")
    for column in profile.columns:
        if column.name == dated and column.days is not None:
            lines.append(f"{days} = {column.days + _MORE_DAYS}  # the newest was {column.days} days old")
    return "\n".join([*lines, ""])


def _about(column: ColumnProfile, rows: int) -> Iterator[Any]:
    expect, name = gx.expectations, column.name
    mostly = math.floor(100 * max(0.0, 1 - column.nulls / rows - (_SLACK if column.nulls else 0))) / 100
    if mostly > 0:
        yield expect.ExpectColumnValuesToNotBeNull(column=name, mostly=mostly)
    if column.low is not None and column.high is not None:
        yield expect.ExpectColumnValuesToBeBetween(column=name, min_value=column.low, max_value=column.high)
    if column.values:
        yield expect.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values))
    elif column.kind == "text" and column.longest is not None:
        yield expect.ExpectColumnValueLengthsToBeBetween(
            column=name, min_value=min(1, column.shortest or 0), max_value=int(outwards(column.longest, up=True))
        )
