"""Kernel: the least pay that a text asks for, and how recent its postings are to be."""

import re
from collections.abc import Iterator

from pipelines.ingest import vocabulary
from pipelines.ingest.cleaning import folded
from pipelines.wishes.numbers import WRITTEN, amount_of
from pipelines.wishes.reading import Mention, Reading
from pipelines.wishes.wish import Salary
from pipelines.wishes.words import either, phrases_of

_UNIT = rf"{either('salary', 'units')}\b"
_CODES = either("salary", "codes")
_SIGN = rf"(?:US\$|C\$|CA\$|A\$|AU\$|NZ\$|S\$|HK\$|[€£$₹]|\b(?:{_CODES})\b)"  # before an amount
_MARK = rf"(?:[€£$₹]|(?:{_CODES}|{either('salary', 'marks')})\b)"  # behind one
_NUMBER = r"(?:\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3}){1,2}(?!\d)|\d{1,7}(?:[.,]\d{1,2})?(?!\d))"
_AND = r"\band\b(?=\s[€£$]?(?:\d{1,3}k|\d[\d.,]{3,9})\b)"  # between 30k and 40k
_UP_TO = rf"(?:-|–|—|\bto\b|\bbis\b|\bà\b|\ba\b(?=\s\d)|{_AND})"
_HIGH = rf"\s{{0,2}}{_UP_TO}\s{{0,2}}{_SIGN}?\s?{_NUMBER}\s?(?P<high_k>k\b|k(?=[€£$]))?"
_EACH = (
    rf"(?:/\s?|\b(?:per|a|an|each|every|pro|par|al|a\sla|por|im|in\sder|die|the|de\sl['’]|l['’])\s?)(?P<period>{_UNIT})"
)
_ADVERB = rf"(?P<adverb>{either('salary', 'adverbs')})"
_GROSS = rf"(?:\s?{either('salary', 'beside')}(?=\s{either('salary', 'leads')}\b))?"
_MONEY = re.compile(
    rf"(?P<lead>{_SIGN})?\s{{0,2}}(?<![\w.,])(?P<low>{_NUMBER})\s?(?P<low_k>k\b|k(?=[€£$\-–])|grand\b)?"
    rf"(?P<lakh>\s?(?:lakhs?|lacs?|lpa)\b)?(?:\s?(?P<middle>{_MARK}))?(?:{_HIGH})?\s{{0,2}}(?P<behind>{_MARK})?"
    rf"(?P<plus>\s?\+)?{_GROSS}(?:\s{{0,2}}(?:{_EACH}|{_ADVERB}))?(?:\s(?P<last>{_MARK}))?",
    re.IGNORECASE,
)
_PERIOD_OF = phrases_of("salary.periods")
_LEAST = {"hour": 5, "day": 40, "week": 100, "month": 300, "year": 5_000}  # less is no pay
_MOST = {"hour": 1_000, "day": 5_000, "week": 20_000, "month": 5_000_000, "year": 100_000_000}
_HOURLY = 60  # below, an amount with pence or a demand and without a period is an hour's
_YEARLY = 10_000  # from here on an amount without a period is a year's
_NAMES = {
    name: code
    for code, names in {
        "EUR": "euro euros", "GBP": "pound pounds quid", "USD": "bucks", "CHF": "franc francs franken", "SEK": "kronor",
        "INR": "rupees", "PLN": "zloty zł zl",
    }.items()
    for name in names.split()
}  # fmt: skip
_DOLLARS = {"AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD"}
_WANTED = r"(?:a\s)?(?:minimum|min|starting)?\s?(?:salary|wage|pay)(?:\sof)?"
_EARNED = r"(?:pays?|paying|earn|earning|salary|wage)"
_AT_LEAST = either("salary", "at_least")
_EARNED_BEFORE = (
    r"(?P<rate>(?:weekly|monthly|annual|yearly|hourly|daily)(?=\s(?:pay|wage|salary|rate|income))|(?:day|hour|week|month)(?=\srate)|"
    r"stundenlohn|monatsgehalt|jahresgehalt|tagessatz)"
)
_RATE = re.compile(rf"\b{_EARNED_BEFORE}\b[^,;.!?\d]{{0,25}}$", re.IGNORECASE)
_NO_LESS = re.compile(
    rf"\b{either('salary', 'never')}\b[^,;:!?]{{0,45}}?\b{either('salary', 'less')}(?:\sthan|\sals|\sde|\sque)?\s?$",
    re.IGNORECASE,
)
_SPENT = re.compile(rf"\b(?:i\s(?:earn|make|get)|{either('salary', 'spent')})\b[^,;.!?]{{0,20}}$", re.IGNORECASE)
_ABOUT = frozenset({"around", "about", "roughly", "circa", "approx", "approx."})
_CUE = re.compile(
    rf"\b(?:{_WANTED}|{_EARNED}?\s?{_AT_LEAST}(?:\ssalary|\spay)?(?:\sof)?|{_EARNED})\s?:?\s?$", re.IGNORECASE
)
_MORE = re.compile(rf"\s?{either('salary', 'more')}", re.IGNORECASE)
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
_IN_WORDS = re.compile(
    rf"\b(?P<words>{WRITTEN})\s(?P<mark>euros?|pounds?|quid|dollars?|bucks|francs?|rupees|grand)\b(?:\s(?P<sign>euros?|pounds?|quid|dollars?))?"
    rf"(?:\s(?:and\s)?(?P<pence>(?!an?\b){WRITTEN})(?:\s(?:pence|cents|p))?)?(?:\s?(?:{_EACH}|{_ADVERB}))?",
    re.IGNORECASE,
)
_TOO_LITTLE = re.compile(rf"[^,;.!?]{{0,20}}\b{either('salary', 'too_little')}\b[^,;.!?]{{0,12}}", re.IGNORECASE)
_WINDOW = 60  # characters before an amount that can say what it is
DOLLAR = "$"  # whose, the place says


def find_salaries(reading: Reading) -> Iterator[Mention]:
    """Mentions in the order of the text; one without a value is of an amount that is not surely a least pay."""
    text, end = reading.text, 0
    for money in _MONEY.finditer(text):
        before = text[max(end, money.start() - _WINDOW) : money.start()]
        cue = _NO_LESS.search(before) or _CUE.search(before)
        start = money.start() - (len(before) - cue.start() if cue else 0)
        more = _MORE.match(text, money.end())
        stop = more.end() if more else money.end()
        behind = money["middle"] or money["behind"] or money["last"]
        sign = behind if behind and money["lead"] == DOLLAR else money["lead"] or behind
        thousand = bool(money["low_k"] or money["high_k"] or money["lakh"])
        rate = _RATE.search(before)
        period = _PERIOD_OF.get(_plain(money["period"] or money["adverb"] or (rate and rate["rate"]) or ""))
        amount = _amount(money["low"]) * (100_000 if money["lakh"] else 1_000 if thousand else 1)
        period = period or ("year" if amount >= _YEARLY and (sign or thousand or cue) else None)
        hourly = amount < _HOURLY and (cue or more or money["plus"] or re.search(r"[.,]\d\d$", money["low"]))
        period = period or ("hour" if sign and hourly and not thousand else None)
        if not (sign or thousand or (period and (money["period"] or money["adverb"] or cue or rate))) or _SPENT.search(
            before
        ):
            continue
        if not (sign or cue or more or money["plus"] or money["period"] or _END.match(text, stop)):
            continue
        first, last = reading.between(start, stop)
        end = stop
        limited = _MOST_CUE.search(text[max(0, start - _WINDOW) : start])
        if limited and (more or money["plus"]) and limited[0].split()[0].lower() in _ABOUT:
            limited = None
        if limited or not period or not _LEAST[period] <= amount <= _MOST[period]:
            if (
                limited
                and period
                and (enough := _TOO_LITTLE.match(text, stop))
                and _LEAST[period] <= amount <= _MOST[period]
            ):
                first, last = reading.clause_of(first)[0], reading.between(start, enough.end())[1]
                yield Mention("salary", (Salary(amount, _currency(sign), period),), first, last, settled=True)
            elif sign or limited:
                begin = reading.between(start - len(limited[0].lstrip()), stop)[0] if limited else first
                yield Mention("salary", (), begin, last)
            continue
        currency = _currency(sign) or ("INR" if money["lakh"] else None)
        yield Mention("salary", (Salary(amount, currency, period),), first, last, settled=_settled(cue))
    yield from _written(reading)


def _written(reading: Reading) -> Iterator[Mention]:
    """Amounts in words: "twelve pounds fifty an hour", "forty grand"."""
    for money in _IN_WORDS.finditer(reading.text):
        amount = amount_of(money["words"])
        pence = amount_of(money["pence"]) if money["pence"] else None
        grand = money["mark"].lower() == "grand"
        before = reading.text[max(0, money.start() - _WINDOW) : money.start()]
        if amount is None or _SPENT.search(before):
            continue
        amount = amount * (1_000 if grand else 1) + (pence or 0) / 100
        period = _PERIOD_OF.get(_plain(money["period"] or money["adverb"] or "")) or (
            "year" if amount >= _YEARLY else None
        )
        cue = _NO_LESS.search(before) or _CUE.search(before)
        limited = not cue and _MOST_CUE.search(before)
        if period is None or limited or not _LEAST[period] <= amount <= _MOST[period]:
            continue
        more = _MORE.match(reading.text, money.end())
        start = money.start() - (len(before) - cue.start() if cue else 0)
        first, last = reading.between(start, more.end() if more else money.end())
        currency = _currency(money["sign"] if grand else money["mark"])
        yield Mention("salary", (Salary(amount, currency, period),), first, last, settled=_settled(cue))


def _plain(word: str) -> str:
    """The word for a period as the table has it: "p/h" is "ph"."""
    return folded(re.sub(r"[./\s]", "", word))


def _settled(cue: re.Match[str] | None) -> bool:
    return bool(cue and re.search(r"less|under|below|lower|fewer|weniger|moins|menos|unter", cue[0], re.IGNORECASE))


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
    if sign.upper() in _DOLLARS:
        return _DOLLARS[sign.upper()]
    return (
        DOLLAR if sign in (DOLLAR, "dollar", "dollars") else _NAMES.get(sign.lower()) or vocabulary.currency(sign, None)
    )


def salary_said(words: str) -> Salary | None:
    """The least pay that words which speak of nothing else ask for; None: none."""
    values = [
        value for mention in find_salaries(Reading(words)) for value in mention.values if isinstance(value, Salary)
    ]
    return values[0] if len(values) == 1 else None
