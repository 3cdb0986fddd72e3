"""Kernel: invented names of employers, a few of each kind large and many small."""

from functools import lru_cache

from pipelines.sample.draws import Draws, Odds
from pipelines.sample.places import Country

_LOCAL, _NATIONAL, _WORLDWIDE = 2, 30, 12  # how many employers of one kind: per city, per country, in the world

# kind: (shares of local, national and worldwide employers, patterns of names)
_KINDS: dict[str, tuple[tuple[int, int, int], str]] = {
    "hospital": (
        (8, 2, 0),
        "{city} General Hospital|St {saint} Hospital {city}|{surname} Memorial Hospital {city}|{stem} Hospitals",
    ),
    "clinic": ((5, 5, 0), "{surname} Clinic {city}|{stem}care Medical Centres|Praxis {surname}|{city} Health Centre"),
    "care provider": ((3, 7, 0), "{stem} Care Homes|{saint} House {city}|{surname} Home Care {legal}|{stem} Living"),
    "school": (
        (9, 1, 0),
        "{city} Community School|St {saint} School {city}|{surname} Academy {city}|{stem} Schools Trust",
    ),
    "university": ((10, 0, 0), "University of {city}|{city} University of Applied Sciences|{surname} College {city}"),
    "city council": ((10, 0, 0), "City of {city}|{city} Council|{city} Municipal Services"),
    "government agency": (
        (2, 8, 0),
        "{country} {bureau} Agency|{country} Office for {bureau}|{bureau} Department {city}",
    ),
    "construction firm": ((2, 7, 1), "{surname} Construction {legal}|{stem} Build {legal}|{surname} & Sons {legal}"),
    "manufacturer": ((1, 5, 4), "{stem} Industries {legal}|{surname} Manufacturing {legal}|{stem}tec {legal}"),
    "logistics company": ((1, 5, 4), "{stem} Logistics {legal}|{surname} Freight {legal}|{stem} Cargo {legal}"),
    "airline": ((0, 5, 5), "{stem} Air|Air {stem}|{stem} Airways"),
    "shipping line": ((0, 4, 6), "{stem} Line|{surname} Shipping {legal}|{stem} Maritime {legal}"),
    "railway": ((0, 9, 1), "{stem} Rail {legal}|{stem} Railways|{stem} Metro"),
    "hotel group": ((2, 4, 4), "{stem} Hotels|Hotel {surname} {city}|{stem} Resorts {legal}"),
    "restaurant group": ((4, 4, 2), "{surname}'s Kitchen|{stem} Restaurants {legal}|Bistro {surname} {city}"),
    "retailer": ((1, 5, 4), "{stem} Stores {legal}|{surname} Markets|{stem}mart {legal}|House of {surname}"),
    "bank": ((1, 6, 3), "{stem} Bank|{surname} & {other} Bank|{city} Savings Bank|{stem} Credit Union"),
    "insurer": ((0, 7, 3), "{stem} Insurance {legal}|{surname} Mutual|{stem} Assurance Group"),
    "consultancy": ((0, 6, 4), "{surname} & {other} Consulting {legal}|{stem} Advisory {legal}|{stem} Partners"),
    "law firm": ((3, 6, 1), "{surname} {other} LLP|{surname} & {other} Solicitors|{surname} Law {city}"),
    "agency": ((2, 7, 1), "{stem} Staffing {legal}|{stem} Creative {legal}|{surname} People {legal}|Studio {surname}"),
    "software company": ((0, 5, 5), "{stem}soft {legal}|{stem} Systems {legal}|{stem} Cloud {legal}|{stem}works"),
    "start-up": ((1, 9, 0), "{stem}ly|{stem}.io|get{stem}|{stem} Labs {legal}"),
    "media house": ((1, 7, 2), "{stem} Media {legal}|{city} Herald|{surname} Publishing {legal}|{stem} Studios"),
    "theatre": ((10, 0, 0), "{city} Playhouse|Theatre {surname} {city}|{city} Opera|{stem} Stage {city}"),
    "museum": ((10, 0, 0), "{city} Museum|{surname} Museum {city}|{city} Gallery of Art"),
    "laboratory": ((1, 7, 2), "{stem} Laboratories {legal}|{surname} Diagnostics {legal}|{stem}gen {legal}"),
    "energy company": ((1, 6, 3), "{stem} Energy {legal}|{stem} Power {legal}|{city} Utilities"),
    "farm": ((7, 3, 0), "{surname} Farms|{stem} Growers {legal}|{saint} Hill Farm {city}"),
    "engineering office": ((2, 6, 2), "{surname} Engineers {legal}|{surname} {other} Associates|{stem} Engineering"),
    "workshop": (
        (9, 1, 0),
        "{surname} Workshop {city}|{surname} & {other}, {city}|{stem} Garage {city}|{surname} Workshops",
    ),
    "security company": ((1, 6, 3), "{stem} Security {legal}|{surname} Protection {legal}|{stem} Guarding"),
    "facility services": ((1, 6, 3), "{stem} Facility Services {legal}|{surname} Cleaning {legal}|{stem} Services"),
    "property company": ((2, 7, 1), "{stem} Homes {legal}|{surname} Properties {legal}|{stem} Estates"),
    "charity": ((2, 7, 1), "{stem} Foundation|{saint} Trust|Hope for {city}|{surname} Fund"),
    "telecom company": ((0, 7, 3), "{stem} Telecom {legal}|{stem} Mobile|{stem}net {legal}"),
    "mining company": ((0, 6, 4), "{stem} Resources {legal}|{stem} Minerals {legal}|{surname} Quarries"),
}
_SCOPES = {kind: Odds(dict(zip(("local", "national", "worldwide"), shares, strict=True))) for kind, (shares, _) in
           _KINDS.items()}  # fmt: skip
_PATTERNS = {kind: patterns.split("|") for kind, (_, patterns) in _KINDS.items()}
KINDS = frozenset(_KINDS)

_STEMS = (
    "Alta Arden Aster Avon Bering Boreal Brava Brio Calder Cardo Cedar Celer Cirrus Corvo Cresta Delta Dorn Elm Ember "
    "Fable Falk Fenno Ferro Finch Gale Garda Glen Grove Halo Harbor Haven Helio Indra Iris Jade Juno Kestrel Kite Lark "
    "Levant Linden Lumen Lyra Maple Meridian Mira Monte Nimbus Nord Nova Oak Onda Orbit Orla Osprey Pallas Pavo Petra "
    "Pine Polar Prisma Quanta Quill Raven Ridge Rill Rowan Sable Sage Saffron Silva Sol Strada Summit Talo Tamar "
    "Terra Thorn Tidal Tira Umbra Vale Vanta Vela Verde Vero Vesta Volt Wren Yarrow Zephyr Zeta"
).split()
_SAINTS = "Anne Mary Luke John Clare Martin Helena George Lucy Brigid Thomas Elisabeth Joseph Cecilia Florian".split()
_BUREAUS = ("Transport", "Revenue", "Public Health", "Environment", "Labour", "Housing", "Statistics", "Justice",
            "Borders", "Emergency Services", "Education", "Food Safety", "Digital Services", "Energy")  # fmt: skip
_SURNAMES = {
    "US": "Walker Brooks Hayes Alvarez Bennett Coleman Reyes Foster Grant Whitaker Jennings Ortiz Sullivan Tran Vaughn",
    "GB": "Ashworth Barlow Clarke Davies Ellison Fairfax Hargreaves Khan Lowe Mackay Okafor Pritchard Reid Shaw Thorne",
    "DE": "Becker Brandt Fischer Hartmann Keller Krüger Lange Neumann Özdemir Richter Schäfer Schröder Vogel Weiß",
    "FR": "Bernard Bonnet Chevalier Dubois Faure Garnier Lambert Lefèvre Marchand Mercier Moreau Perrin Renard Roux",
    "IN": "Agarwal Banerjee Chopra Desai Gupta Iyer Joshi Kapoor Khanna Menon Nair Patel Rao Reddy Shah Singh",
    "CA": "Bouchard Campbell Fraser Gagnon Gill Hebert Lavoie MacLeod Martel Nguyen Pelletier Ross Stewart Wong",
    "AU": "Barton Callaghan Chandler Doyle Fletcher Hollis Kearney Lawson McKenzie Nolan Papas Quinn Rossi Whelan",
    "NL": "Bakker Bos Dekker de Vries Hendriks Jansen Kok Kuiper Mulder Postma Smit van Dijk Visser Vos",
    "ES": "Alonso Castro Delgado Domínguez Fuentes Herrera Iglesias Morales Navarro Ortega Prieto Rubio Serrano Vidal",
    "PL": "Adamski Bielak Dudek Grabowski Jankowski Kamiński Kowal Lis Mazur Nowicki Pawlak Sikora Wilk Zieliński",
    "IE": "Brennan Byrne Casey Daly Doherty Flynn Gallagher Keane Kelleher Lynch Moran Nolan O'Brien Quigley",
    "SE": "Bergström Dahl Ekström Forsberg Hedlund Holm Lindqvist Lund Nyström Sandberg Sjöberg Wallin",
}
_FAMILIES = {code: names.replace("de Vries", "de_Vries").replace("van Dijk", "van_Dijk").split()
             for code, names in _SURNAMES.items()}  # fmt: skip
_LEGAL = {
    "US": "Inc. LLC Corp.", "GB": "Ltd plc", "DE": "GmbH AG", "FR": "SAS SA", "IN": "Pvt_Ltd Ltd", "CA": "Inc. Ltd.",
    "AU": "Pty_Ltd", "NL": "B.V.", "ES": "S.L. S.A.", "PL": "Sp._z_o.o. S.A.", "IE": "Ltd DAC", "SE": "AB",
}  # fmt: skip


def some_company(kind: str, country: Country, city: str, draws: Draws) -> str:
    """The name of an employer of the kind that hires there; the first of each list hires by far the most."""
    scope = _SCOPES[kind].draw(draws)
    if scope == "local":
        return _name(kind, country, city, _rank(_LOCAL, draws))
    if scope == "national":
        return _name(kind, country, "", _rank(_NATIONAL, draws))
    return _name(kind, country, "*", _rank(_WORLDWIDE, draws))


def _rank(count: int, draws: Draws) -> int:
    return int((count + 1) ** draws.unit())  # rank r as likely as log((r + 1) / r): Zipf with exponent 1


@lru_cache(maxsize=50_000)
def _name(kind: str, country: Country, city: str, rank: int) -> str:
    home = "" if city == "*" else country.code
    draws = Draws("company", kind, home, city, rank)
    patterns = [each for each in _PATTERNS[kind] if city not in ("", "*") or "{city}" not in each]
    families = _FAMILIES[country.code if home else draws.pick(sorted(_FAMILIES))]
    surname, other = draws.some(families, 2)
    name = draws.pick(patterns).format(
        city=city,
        country=country.name,
        surname=surname,
        other=other,
        stem=draws.pick(_STEMS),
        saint=draws.pick(_SAINTS),
        bureau=draws.pick(_BUREAUS),
        legal=draws.pick(_LEGAL[home or "DE"].split()) if home else draws.pick(("Group", "plc", "AG", "International")),
    )
    return name.replace("_", " ")
