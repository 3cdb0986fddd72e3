"""Kernel: where a job or a person is, from columns or from one free text."""

import re
from typing import NamedTuple

from pipelines.ingest.cleaning import folded, is_blank
from pipelines.ingest.place_names import COUNTRY_CODES, COUNTRY_NAMES, STATE_CODES, STATE_NAMES

_MODES = re.compile(
    r"\b(?:(remote(?:ly)?|work from home|wfh|anywhere|telecommute|virtual)|(hybrid)|(on-?site|in-?office))\b", re.I
)
_SEVERAL = re.compile(r"[;|•\n]|\s*/\s*|\s+or\s+")
_PARTS = re.compile(r"\s*,\s*|\s+[-–—]\s+|[()]|(?<=\bUS)-|(?<=\bUS-[A-Z]{2})-")
_POSTCODE = re.compile(r"\s+\d{5}(?:-\d{4})?$")
_TRAILING_COUNTRY = re.compile(r"(.*\S)\s+(USA|US|UK)")
_NO_PLACE = frozenset(
    ("eu", "europe", "emea", "apac", "amer", "americas", "latam", "north america", "worldwide", "global", "various")
)
_ALSO_CITIES = frozenset({"new york", "washington"})


class Place(NamedTuple):
    """A place; None: not known."""

    country: str | None = None  # ISO 3166-1 alpha-2
    region: str | None = None
    city: str | None = None


def work_mode_of_place(text: str) -> str | None:
    """The work mode where the text that should name a city says it.

    >>> [work_mode_of_place(text) for text in ("Remote - US", "Hybrid", "Remote, OR")]
    ['remote', 'hybrid', 'remote']
    """
    named = {mode.lastindex for mode in _MODES.finditer(text)}
    return "remote" if 1 in named else "hybrid" if 2 in named else "onsite" if 3 in named else None


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a country's name or code; None: not known.

    >>> [country_code(text) for text in ("U.S.A.", "uk", "Deutschland", "br", "Atlantis")]
    ['US', 'GB', 'DE', 'BR', None]
    """
    name = folded(text)
    return COUNTRY_NAMES.get(name) or (name.upper() if name.upper() in COUNTRY_CODES else None)


def region_name(text: str, country: str | None) -> str:
    """A two-letter code for a US state; else the text, capitalised where it is all small or all large.

    >>> region_name("new york", "US"), region_name("ONTARIO", "CA"), region_name("nsw", "AU")
    ('NY', 'Ontario', 'NSW')
    """
    if country == "US" and (code := _state(text)):
        return code
    return text.upper() if len(text) <= 3 else _capitalised(text)


def place_of(country: str | None, region: str | None, city: str | None, default_country: str | None) -> Place:
    """The place that three columns name; a city text may carry everything: "Remote - US", "Boston, MA; Austin, TX".

    Of several places only what they have in common is known. Columns go before what the city text says.

    >>> place_of(None, None, "San Francisco, CA", None)
    Place(country='US', region='CA', city='San Francisco')
    >>> place_of(None, None, "Dublin, Ireland; London, England", None)
    Place(country=None, region=None, city=None)
    >>> place_of("Germany", "bayern", "MUNICH", None)
    Place(country='DE', region='Bayern', city='Munich')
    """
    code = country_code(country) if country else None
    if region:
        code = code or default_country
        town = next((part for part in _parts(city) if not country_code(part)), None) if city else None
        return Place(code, region_name(region, code), _capitalised(town) if town else None)
    if not city:
        return Place(code or default_country)
    named = _shared([_one_place(text, code or default_country) for text in _SEVERAL.split(city) if text.strip()])
    return named._replace(country=code or named.country)


def place_key(place: Place, region: str | None, city: str | None) -> str | None:
    """Equal for equal places within a country; where no city could be told, for equal texts. None: no place is named.

    >>> place_key(Place("US", "IL", "Chicago"), None, "Chicago, IL"), place_key(Place("US"), None, "Chicago; Austin")
    ('il chicago', 'chicago austin')
    """
    named = (place.region, place.city) if place.city else (region, city)
    return folded(" ".join(text for text in named if text)) or None


def _shared(places: list[Place]) -> Place:
    places = [place for place in places if any(place)]
    first = places[0] if places else Place()
    if any(place.country != first.country for place in places):
        return Place()
    if any(place.region != first.region for place in places):
        return Place(first.country)
    return first if len(places) < 2 else first._replace(city=None)


def _one_place(text: str, country_hint: str | None) -> Place:
    """One place in free text; `country_hint` holds where the text names no country."""
    country: str | None = None
    states: dict[str, str] = {}  # code to how it is written
    others: list[str] = []
    parts = _parts(text)
    for position, part in enumerate(parts):
        state = _state(part) if country_hint in (None, "US") else None
        if state and (len(part) == 2 or position > 0 or (len(parts) == 1 and folded(part) not in _ALSO_CITIES)):
            states[state] = part
        elif code := country_code(part):
            country = code
        else:
            others.append(part)
    if not states and country == "US" and others and folded(others[0]) not in _ALSO_CITIES and _state(others[0]):
        states[str(_state(others[0]))] = others.pop(0)
    country = country or ("US" if states else country_hint)
    if len(states) > 1:
        return Place(country)
    regions = [*states.values(), *others[1:]]  # a state's code may be a province's: Perth, WA, Australia
    region = region_name(regions[0], country) if regions else None
    return Place(country, region, _capitalised(others[0]) if others else None)


def _parts(text: str) -> list[str]:
    found: list[str] = []
    for part in _PARTS.split(_MODES.sub(" ", text)):
        part = _POSTCODE.sub("", part.strip(" -–—,."))
        trailing = _TRAILING_COUNTRY.fullmatch(part)
        found += [trailing[1], trailing[2]] if trailing else [part]
    return [part for part in found if not is_blank(part) and folded(part) not in _NO_PLACE]


def _state(text: str) -> str | None:
    name = folded(text)
    return STATE_NAMES.get(name) or (name.upper() if name.upper() in STATE_CODES else None)


def _capitalised(text: str) -> str:
    return text.title() if text.isupper() or text.islower() else text
