"""Kernel: values of whatever type a source gave, read as the canonical type, or `Unreadable`."""

import datetime
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pipelines.ingest.cleaning import clean, is_blank

UNREADABLE = "unreadable"  # the column that names those columns of a row that could not be read
MAX_ELEMENTS = 100  # of any list that a row carries
_MAX_ID_CHARS = 500
_MAX_SCALAR_CHARS = 60  # of a number or date, however written
_SURROGATE = re.compile("[\x00-\x1f\ud800-\udfff]")
_GROUPED = re.compile(r"(\d{1,3}(?:([ ,.'’\u00a0\u202f])\d{3})(?:\2\d{3})*)(?:[.,](\d{1,2}))?")
_MONEY = re.compile(r"(?:[A-Za-z]{2,3}\$?|[$€£¥₹])?\s*(\d.*?)\s*([kK])?\s*(?:[A-Za-z]{3}|[$€£¥₹])?")
_YEARS = re.compile(r"(\d+(?:\.\d+)?)\s*\+?\s*(?:years?|yrs?)?", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")
_WEEKDAY = re.compile(r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+|^(?:mon|tue|wed|thu|fri|sat|sun),\s+", re.I)
_WRITTEN = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y", "%Y/%m/%d", "%Y.%m.%d")
_TRUE, _FALSE = frozenset({"true", "t", "yes", "y", "1", "1.0"}), frozenset({"false", "f", "no", "n", "0", "0.0"})

V = TypeVar("V")


class Unreadable(ValueError):
    """Raised when a value is there and cannot be read as what it should be."""


def read(row: Mapping[str, object], name: str, as_type: Callable[[object], V | None], wrong: list[str]) -> V | None:
    """The value of column `name`, None where absent; an unreadable one is None too, and `name` joins `wrong`."""
    try:
        return as_type(row.get(name))
    except Unreadable:
        wrong.append(name)
        return None


def text_of(value: object) -> str | None:
    """A scalar as text, stripped; None where there is no value. A whole number loses its decimals: 12.0 is '12'."""
    if value is None or isinstance(value, Mapping | list):
        if value:
            raise Unreadable
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return None if is_blank(text) else text


def id_of(value: object) -> str | None:
    """An id, as it is but for blanks around it and characters that no table can hold."""
    text = text_of(value)
    if text is not None and len(text) > _MAX_ID_CHARS:
        raise Unreadable
    return text_of(_SURROGATE.sub("", text)) if text else None


def clean_of(value: object, max_chars: int, *, lines: bool = False) -> str | None:
    """A scalar as clean text."""
    text = text_of(value)
    return None if text is None else clean(text, max_chars, lines=lines)


def number_of(value: object) -> float | None:
    """A number of at least zero.

    >>> [number_of(text) for text in ("55000.5", "$55,000", "55k", "1.250,50 EUR", "NA")]
    [55000.5, 55000.0, 55000.0, 1250.5, None]
    """
    text = _scalar_of(value)
    if text is None:
        return None
    if not (money := _MONEY.fullmatch(text)):
        raise Unreadable
    number = _plain(money[1]) * (1000 if money[2] else 1)
    if not math.isfinite(number):
        raise Unreadable
    return number


def years_of(value: object) -> float | None:
    """A number of years from 0 to 80, "3+ years" included."""
    text = _scalar_of(value)
    if text is None:
        return None
    if not (match := _YEARS.fullmatch(text)) or float(match[1]) > 80:
        raise Unreadable
    return float(match[1])


def date_of(value: object) -> datetime.date | None:
    """A date (UTC) from ISO 8601, a written month or seconds or milliseconds since 1970.

    03/04/2015 is refused: only its source knows which is the day, and can say so in its column expression.

    >>> [str(date_of(text)) for text in ("2015-01-14 02:13:55 UTC", "Friday, September 19, 2025", 1421201635)]
    ['2015-01-14', '2025-09-19', '2015-01-14']
    """
    text = _scalar_of(value)
    if text is None:
        return None
    try:
        moment = _epoch(text) if text.isdecimal() and len(text) in (10, 13) else _moment(text)
        day = (moment.astimezone(datetime.UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError, OSError):
        raise Unreadable from None
    if day.year < 1900:
        raise Unreadable
    return day


def month_of(value: object) -> datetime.date | None:
    """A date, or the first day of a month or year: what people remember of a position held."""
    text = _scalar_of(value)
    if text and (match := _MONTH.fullmatch(text)):
        text = f"{match[1]}-{match[2] or '01'}-01"
    return date_of(text)


def flag_of(value: object) -> bool | None:
    """Yes or no."""
    text = _scalar_of(value)
    if text is None:
        return None
    if (word := text.lower()) not in _TRUE | _FALSE:
        raise Unreadable
    return word in _TRUE


def elements_of(value: object) -> Sequence[object]:
    """The elements of a list, a JSON list, one JSON object, or text separated by `|`, else `;`, else `,`."""
    if isinstance(value, str):
        if value.lstrip()[:1] in ("[", "{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise Unreadable from None
        else:
            separator = next((mark for mark in "|;" if mark in value), ",")
            value = value.split(separator)
    if value is None:
        return []
    return value[:MAX_ELEMENTS] if isinstance(value, list) else [value]


def texts_of(value: object, max_chars: int) -> list[str]:
    """Clean texts, each once (case apart), in the order given; elements that are no scalars are passed over.

    >>> texts_of("Java; SQL;java ;", 50), texts_of('["R, tidyverse"]', 50)
    (['Java', 'SQL'], ['R, tidyverse'])
    """
    found: dict[str, str] = {}
    for element in elements_of(value):
        if not isinstance(element, Mapping | list) and (text := clean_of(element, max_chars)):
            found.setdefault(text.casefold(), text)
    return list(found.values())


def _scalar_of(value: object) -> str | None:
    text = text_of(value)
    if text is not None and len(text) > _MAX_SCALAR_CHARS:
        raise Unreadable
    return text


def _plain(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        if grouped := _GROUPED.fullmatch(text):
            return float(re.sub(r"\D", "", grouped[1]) + "." + (grouped[3] or "0"))
        if re.fullmatch(r"\d+,\d+", text):
            return float(text.replace(",", "."))
        raise Unreadable from None


def _epoch(digits: str) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(digits) / (1000 if len(digits) == 13 else 1), datetime.UTC)


def _moment(text: str) -> datetime.datetime:
    text = re.sub(r"\s*(?:UTC|GMT)$", "", text)
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        written = " ".join(_WEEKDAY.sub("", text).replace(",", " ").split())
    for pattern in _WRITTEN:
        try:
            return datetime.datetime.strptime(written, pattern)
        except ValueError:
            continue
    raise ValueError
