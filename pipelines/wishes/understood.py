"""Kernel: a wish read back in words, for the person who wrote it."""

from pipelines.ingest.places import Place
from pipelines.wishes.wish import KINDS, Criterion, Salary, Value, Wish

_NAMES = {
    "place": "place",
    "work_mode": "work mode",
    "employment_type": "employment",
    "seniority": "seniority",
    "salary": "pay at least",
    "language": "languages that may be asked for",
    "company": "company",
    "title": "words of the title",
    "posted": "posted within",
}


def understood_as(wish: Wish) -> str:
    r"""One line per kind of criterion, then the remaining wish, what is not held, and what else must be known.

    >>> from pipelines.wishes.wish import Span, tiled
    >>> remote = Criterion("work_mode", "remote", False, Span(0, 6))
    >>> said = tiled("remote baking, no nights", [remote], [Span(15, 24)], language=None, known=True, cut=False)
    >>> print(understood_as(said))
    work mode: remote ("remote")
    found by meaning: "baking"
    not understood, and not held: "no nights"
    """
    lines = [
        f"{'not ' if excluded else ''}{_NAMES[kind]}: {' or '.join(_told(one, wish) for one in those)}"
        for kind in KINDS
        for excluded in (False, True)
        if (those := [one for one in wish.criteria if (one.kind, one.excluded) == (kind, excluded)])
    ]
    meaning = wish.remaining_text()
    lines.append(f'found by meaning: "{meaning}"' if meaning else "nothing is left to find by meaning")
    if wish.not_understood:
        quoted = ", ".join(f'"{wish.words(span)}"' for span in wish.not_understood)
        lines.append(f"not understood, and not held: {quoted}")
    if wish.language and not wish.language_known:
        lines.append(f"written in a language ({wish.language}) in which meaning is not found well")
    if wish.cut:
        lines.append(f"only the first {len(wish.text):,} characters were read")
    return "\n".join(lines)


def _told(criterion: Criterion, wish: Wish) -> str:
    return f'{value_told(criterion.value)} ("{wish.words(criterion.span)}")'


def value_told(value: Value) -> str:
    """A criterion's value in words.

    >>> value_told(Place("FR", None, "Lyon")), value_told(Salary(40000, "EUR", "year")), value_told(1)
    ('Lyon, FR', '40,000 EUR a year', '1 day')
    """
    if isinstance(value, Place):
        return ", ".join(part for part in reversed(value) if part)
    if isinstance(value, Salary):
        article = "an" if value.period == "hour" else "a"
        return f"{value.amount:,.10g} {value.currency or '(currency not said)'} {article} {value.period}"
    if isinstance(value, int):
        return f"{value} day{'' if value == 1 else 's'}"
    return value.replace("_", " ")
