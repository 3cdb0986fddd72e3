"""Wishes in plain words, made from templates with what is strict in them, and hostile ones without sense."""

from collections.abc import Iterator

from pipelines.sample.draws import Draws
from pipelines.sample.places import REGIONS
from pipelines.wishes.wish import Salary

_WORK = (
    "growing tomatoes",
    "mending clocks",
    "spreadsheets",
    "talking to people",
    "old maps",
    "bread",
    "rust and go",
    "bees",
    "x-rays",
)
_MODES = {
    "remote": "remote",
    "fully remote": "remote",
    "wfh": "remote",
    "hybrid": "hybrid",
    "on-site": "onsite",
    "Vor Ort": "onsite",
}
_TYPES = {
    "full time": "full_time", "part-time": "part_time", "Teilzeit": "part_time", "internship": "internship",
    "contract only": "contract", "temporary work": "temporary", "temps plein": "full_time",
}  # fmt: skip
_LEVELS = {
    "entry level": "entry",
    "no experience needed": "entry",
    "mid-level": "mid",
    "senior level": "senior",
    "director level": "executive",
}
_AGES = {
    "posted this week": 7,
    "posted in the last 3 days": 3,
    "not older than 2 weeks": 14,
    "published today": 1,
    "aus den letzten 5 Tagen": 5,
}
_LANGUAGES = {"must speak French": "fr", "German-speaking": "de", "fluent in Dutch": "nl", "hablo inglés": "en"}
_PAY = {
    "at least {}k EUR": ("EUR", 1000),
    "min. £{},000 a year": ("GBP", 1000),
    "{}000 € / Jahr": ("EUR", 1000),
    "{}k CHF or more": ("CHF", 1000),
}
_SEPARATORS = (", ", ". ", "; ", " - ", "\n", " / ", " | ")
_SHARDS = (
    "\x00", "\u202e", "\u200f", "مرحبا", "שלום", "漢字", "😀",
    "\ud800", "ß", "ﬁ", "½", "İ", "ſenior", "e\u0301" * 40, "\u2028",
    "no ", "not not ", "€€€", "40k", "40-", "-50k", "at ", '"""',
    "'", "in in in ", "or or ", "/h", "£", "$", "+", "\t\r\n",
    "remote ", "title: ", "company: ", "a" * 300, " " * 200,
    "1" * 200, "k" * 50, "-" * 100, "1.000.000.000.000", "—",
    "last last 3 ", "Berlin ", "no no Lyon or or ", "without ", "except ",
    "speak ", "German ", "<script>", "{}", "%s", "\\",
    "permanent or ", "is fine", "used to ", "i ",
    'titled "x" or "y"', 'with "a', "within 3 ", "no older than 3 ", "none",
    "sin ", "pas de ", ": no thanks", "anything but ", " in the title", "not required", "north of ",
)  # fmt: skip


def template_wishes(count: int, seed: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Text and, by kind, the one value that is strict in it; under "place" the words of one that may not be clear."""
    cities = [city for regions in REGIONS.values() for region in regions for city in region.cities]
    for number in range(count):
        draws = Draws(seed, "wish", number)
        parts = [draws.pick(_WORK)]
        said: dict[str, object] = {}
        for kind, table, chance in (
            ("work_mode", _MODES, 0.4), ("employment_type", _TYPES, 0.4), ("seniority", _LEVELS, 0.3),
            ("posted", _AGES, 0.3), ("language", _LANGUAGES, 0.25),
        ):  # fmt: skip
            if draws.chance(chance):
                words = draws.pick(tuple(table))
                parts.append(words)
                said[kind] = table[words]
        if draws.chance(0.4):
            words = draws.pick(tuple(_PAY))
            amount, (currency, times) = draws.between(20, 180), _PAY[words]
            parts.append(words.format(amount))
            said["salary"] = Salary(float(amount * times), currency, "year")
        if draws.chance(0.5):
            said["place"] = f"{draws.pick(('in', 'near', 'around'))} {draws.pick(cities)}"
            parts.append(str(said["place"]))
        yield draws.pick(_SEPARATORS).join(draws.some(parts, len(parts))), said


def hostile_wishes(count: int, seed: int) -> Iterator[str]:
    """Texts of up to thousands of characters out of shards that break readers."""
    for number in range(count):
        draws = Draws(seed, "hostile", number)
        yield "".join(draws.pick(_SHARDS) for _ in range(draws.between(0, 60)))
