"""Kernel: the least pay that a text asks for, and how recent its postings are to be."""

import re
from collections.abc import Iterator

from pipelines.ingest import vocabulary
from pipelines.ingest.cleaning import folded
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Salary

_UNIT = (
    r"(?:hours?|hrs?|h|days?|weeks?|months?|years?|annum|stunde|tag|monat|jahr|heure|jour|mois|an|"
    r"hora|d[ií]a|mes|a[nñ]o)\b"
)
_CODES = "EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|CAD|AUD|NZD|INR|ZAR|SGD|HKD|JPY|CZK|HUF|RON|AED|BRL|MXN"
_SIGN = rf"(?:US\$|C\$|CA\$|A\$|[€£$₹]|\b(?:{_CODES})\b)"  # before an amount
_MARK = rf"(?:[€£$₹]|(?:{_CODES}|euros?|pounds?|quid|dollars?|bucks|francs?|kronor|rupees|zloty)\b)"  # behind one
_NUMBER = r"(?:\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3}){1,2}(?!\d)|\d{1,7}(?:[.,]\d{1,2})?(?!\d))"
_AND = r"\band\b(?=\s[€£$]?(?:\d{1,3}k|\d[\d.,]{3,9})\b)"  # between 30k and 40k
_UP_TO = rf"(?:-|–|—|\bto\b|\bbis\b|\bà\b|\ba\b(?=\s\d)|{_AND})"
_HIGH = rf"\s{{0,2}}{_UP_TO}\s{{0,2}}{_SIGN}?\s?{_NUMBER}\s?(?P<high_k>k\b|k(?=[€£$]))?"
_EACH = rf"(?:/\s?|\b(?:per|a|an|each|every|pro|par|al|por|im|the)\s)(?P<period>{_UNIT})"
_ADVERB = r"(?P<adverb>p\.?\s?a\b\.?|p[hdw]\b|pcm\b|annually|yearly|monthly|hourly|daily|weekly)"
_MONEY = re.compile(
    rf"(?P<lead>{_SIGN})?\s{{0,2}}(?<![\w.,])(?P<low>{_NUMBER})\s?(?P<low_k>k\b|k(?=[€£$\-–]))?(?:\s?(?P<middle>{_MARK}))?"
    rf"(?:{_HIGH})?\s{{0,2}}(?P<behind>{_MARK})?(?P<plus>\s?\+)?(?:\s{{0,2}}(?:{_EACH}|{_ADVERB}))?(?:\s(?P<last>{_MARK}))?",
    re.IGNORECASE,
)
_PERIODS = {
    "hour": "hour hours hr hrs h stunde heure hora hourly ph",
    "day": "day days tag jour dia daily pd",
    "week": "week weeks weekly pw",
    "month": "month months monat mois mes monthly pcm",
    "year": "year years annum jahr an ano p a pa annually yearly",
}
_PERIOD_OF = {word: period for period, words in _PERIODS.items() for word in words.split()}
_LEAST = {"hour": 5, "day": 40, "week": 100, "month": 300, "year": 5_000}  # less is no pay
_MOST = {"hour": 1_000, "day": 5_000, "week": 20_000, "month": 5_000_000, "year": 100_000_000}
_YEARLY = 10_000  # from here on an amount without a period is a year's
_NAMES = {
    name: code
    for code, names in {
        "EUR": "euro euros", "GBP": "pound pounds quid", "USD": "bucks", "CHF": "franc francs", "SEK": "kronor",
        "INR": "rupees", "PLN": "zloty",
    }.items()
    for name in names.split()
}  # fmt: skip
_WANTED = r"(?:a\s)?(?:minimum|min|starting)?\s?(?:salary|wage|pay)(?:\sof)?"
_EARNED = r"(?:pays?|paying|earn|earning|salary|wage)"
_AT_LEAST = (
    r"(?:at\sleast|minimum|min\.?|between|more\sthan|over|above|from|starting\sat|mindestens|ab|au\smoins|m[ií]nimo|"
    r"(?:not|no)\sless\sthan)"
)
_CUE = re.compile(
    rf"\b(?:{_WANTED}|{_EARNED}?\s?{_AT_LEAST}(?:\ssalary|\spay)?(?:\sof)?|{_EARNED})\s?:?\s?$", re.IGNORECASE
)
_MORE = re.compile(
    r"\s?(?:or\s(?:more|better|above|over|higher)|and\s(?:up|above)|minimum|min\b|at\sleast|mindestens|plus\b(?=\s*$)|au\smoins)",
    re.IGNORECASE,
)
_MOST_CUE = re.compile(
    r"\b(?:max(?:imum)?\.?|up\sto|(?:no|not)\smore\sthan|under|below|less\sthan|around|about|roughly|circa|approx\.?|"
    r"budget(?:\sof)?|raised?|worth|raising|manag(?:e|ing)|than)\s?(?:of\s)?$",
    re.IGNORECASE,
)
_END = re.compile(
    r"\s*(?:$|[,;.!?:\n()|•]|[-–]\s|\b(?:or|and|plus|in|as|for|but|near|with|please|pls|plz|gross|brutto|net|netto|salary|base|"
    r"ote|would|remote|hybrid|full|part|onsite)\b)",
    re.IGNORECASE,
)
_WINDOW = 40  # characters before an amount that can say what it is
DOLLAR = "$"  # whose, the place says


def find_salaries(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; one without a value is of an amount that is not surely a least pay."""
    text, end = reading.text, 0
    for money in _MONEY.finditer(text):
        before = text[max(end, money.start() - _WINDOW) : money.start()]
        cue = _CUE.search(before)
        start = money.start() - (len(before) - cue.start() if cue else 0)
        more = _MORE.match(text, money.end())
        stop = more.end() if more else money.end()
        sign = money["lead"] or money["middle"] or money["behind"] or money["last"]
        thousand = bool(money["low_k"] or money["high_k"])
        period = _PERIOD_OF.get(folded(money["period"] or money["adverb"] or "").split(" ")[0])
        amount = _amount(money["low"]) * (1_000 if thousand else 1)
        period = period or ("year" if amount >= _YEARLY and (sign or thousand or cue) else None)
        if not (sign or thousand or (period and (money["period"] or money["adverb"] or cue))):
            continue
        if not (sign or cue or more or money["plus"] or money["period"] or _END.match(text, stop)):
            continue
        first, last = reading.between(start, stop)
        end = stop
        limited = _MOST_CUE.search(text[max(0, start - _WINDOW) : start])
        if limited or not period or not _LEAST[period] <= amount <= _MOST[period]:
            if sign or limited:
                begin = reading.between(start - len(limited[0].lstrip()), stop)[0] if limited else first
                yield Mention("salary", (), begin, last)
            continue
        yield Mention("salary", (Salary(amount, _currency(sign), period),), first, last, settled=_settled(cue))


def _settled(cue: re.Match[str] | None) -> bool:
    return bool(cue and "less" in cue[0].lower())


def _amount(number: str) -> float:
    """The number; marks before three digits group them.

    >>> _amount("60 000"), _amount("55.000"), _amount("2.5"), _amount("1,200,000")
    (60000.0, 55000.0, 2.5, 1200000.0)
    """
    grouped = re.sub(r"[ .,'’\u00a0\u202f](?=\d{3}(?:\D|$))", "", number)
    return float(grouped.replace(",", "."))


def _currency(sign: str | None) -> str | None:
    if sign is None:
        return None
    return (
        DOLLAR if sign in (DOLLAR, "dollar", "dollars") else _NAMES.get(sign.lower()) or vocabulary.currency(sign, None)
    )


def salary_said(words: str) -> Salary | None:
    """The least pay that words which speak of nothing else ask for; None: none."""
    values = [
        value for mention in find_salaries(Reading(words)) for value in mention.values if isinstance(value, Salary)
    ]
    return values[0] if len(values) == 1 else None
