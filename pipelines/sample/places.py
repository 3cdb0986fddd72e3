"""Kernel: countries, their regions and cities, and how likely a row is to be there."""

from dataclasses import dataclass

from pipelines.sample.draws import Draws, Odds


@dataclass(frozen=True, eq=False, slots=True)
class Country:
    """One country, as a feed writes of it."""

    code: str
    name: str
    spellings: tuple[str, ...]  # other ways in which feeds write it
    language: str
    others: tuple[str, ...]  # languages that many people speak beside it
    currency: str
    pay: float  # local currency paid where the United States pay one dollar
    weight: float


@dataclass(frozen=True, eq=False, slots=True)
class Region:
    """A state, province or other first division of a country."""

    country: Country
    name: str
    cities: tuple[str, ...]  # the first is the likeliest


_COUNTRIES = {
    code: Country(code, name, spellings, language, others, currency, pay, weight)
    for code, name, spellings, language, others, currency, pay, weight in (
        ("US", "United States", ("USA", "US"), "English", ("Spanish",), "USD", 1.0, 30),
        ("GB", "United Kingdom", ("UK", "GB"), "English", ("Polish",), "GBP", 0.55, 17),
        ("DE", "Germany", ("DE",), "German", ("Turkish",), "EUR", 0.68, 12),
        ("FR", "France", ("FR",), "French", ("Arabic",), "EUR", 0.57, 7),
        ("IN", "India", ("IN",), "English", ("Hindi",), "INR", 17.0, 7),
        ("CA", "Canada", ("CA",), "English", ("French",), "CAD", 1.1, 6),
        ("AU", "Australia", ("AU",), "English", ("Italian",), "AUD", 1.2, 5),
        ("NL", "Netherlands", ("NL",), "Dutch", ("German",), "EUR", 0.66, 4),
        ("ES", "Spain", ("ES",), "Spanish", ("Portuguese",), "EUR", 0.42, 4),
        ("PL", "Poland", ("PL",), "Polish", ("Ukrainian",), "PLN", 1.6, 3),
        ("IE", "Ireland", ("IE",), "English", ("Polish",), "EUR", 0.68, 3),
        ("SE", "Sweden", ("SE",), "Swedish", ("Finnish",), "SEK", 6.2, 2),
    )
}

# country: (region, share within the country, cities by size)
_REGIONS: dict[str, tuple[tuple[str, float, str], ...]] = {
    "US": (
        ("CA", 17, "Los Angeles, San Francisco, San Diego, Sacramento, Fresno"),
        ("TX", 14, "Houston, Dallas, Austin, San Antonio, El Paso"),
        ("NY", 12, "New York, Buffalo, Rochester, Albany"),
        ("FL", 10, "Miami, Orlando, Tampa, Jacksonville"),
        ("IL", 8, "Chicago, Rockford, Peoria"),
        ("PA", 7, "Philadelphia, Pittsburgh, Harrisburg"),
        ("OH", 6, "Columbus, Cleveland, Cincinnati"),
        ("GA", 6, "Atlanta, Savannah, Augusta"),
        ("WA", 6, "Seattle, Spokane, Tacoma"),
        ("MA", 5, "Boston, Worcester, Springfield"),
        ("CO", 5, "Denver, Boulder, Colorado Springs"),
        ("AZ", 4, "Phoenix, Tucson, Mesa"),
    ),
    "GB": (
        ("London", 24, "London, Croydon, Ealing"),
        ("South East", 16, "Brighton, Southampton, Oxford, Reading"),
        ("North West", 14, "Manchester, Liverpool, Preston"),
        ("Yorkshire and the Humber", 10, "Leeds, Sheffield, Hull, York"),
        ("West Midlands", 10, "Birmingham, Coventry, Wolverhampton"),
        ("Scotland", 10, "Glasgow, Edinburgh, Aberdeen, Dundee"),
        ("South West", 8, "Bristol, Plymouth, Exeter"),
        ("Wales", 5, "Cardiff, Swansea, Newport"),
        ("Northern Ireland", 3, "Belfast, Derry, Lisburn"),
    ),
    "DE": (
        ("Nordrhein-Westfalen", 21, "Köln, Düsseldorf, Dortmund, Essen, Münster"),
        ("Bayern", 18, "München, Nürnberg, Augsburg, Regensburg"),
        ("Baden-Württemberg", 16, "Stuttgart, Karlsruhe, Mannheim, Freiburg"),
        ("Berlin", 12, "Berlin"),
        ("Hessen", 10, "Frankfurt am Main, Wiesbaden, Kassel"),
        ("Niedersachsen", 9, "Hannover, Braunschweig, Oldenburg"),
        ("Hamburg", 8, "Hamburg"),
        ("Sachsen", 6, "Leipzig, Dresden, Chemnitz"),
    ),
    "FR": (
        ("Île-de-France", 36, "Paris, Boulogne-Billancourt, Versailles"),
        ("Auvergne-Rhône-Alpes", 18, "Lyon, Grenoble, Clermont-Ferrand"),
        ("Provence-Alpes-Côte d'Azur", 14, "Marseille, Nice, Toulon"),
        ("Occitanie", 12, "Toulouse, Montpellier, Nîmes"),
        ("Hauts-de-France", 10, "Lille, Amiens, Dunkerque"),
        ("Nouvelle-Aquitaine", 10, "Bordeaux, Limoges, La Rochelle"),
    ),
    "IN": (
        ("Karnataka", 24, "Bengaluru, Mysuru, Mangaluru"),
        ("Maharashtra", 23, "Mumbai, Pune, Nagpur"),
        ("Delhi", 17, "New Delhi, Dwarka"),
        ("Tamil Nadu", 14, "Chennai, Coimbatore, Madurai"),
        ("Telangana", 13, "Hyderabad, Warangal"),
        ("West Bengal", 9, "Kolkata, Durgapur"),
    ),
    "CA": (
        ("Ontario", 44, "Toronto, Ottawa, Hamilton, Waterloo"),
        ("Quebec", 20, "Montreal, Quebec City, Laval"),
        ("British Columbia", 20, "Vancouver, Victoria, Kelowna"),
        ("Alberta", 16, "Calgary, Edmonton, Red Deer"),
    ),
    "AU": (
        ("New South Wales", 36, "Sydney, Newcastle, Wollongong"),
        ("Victoria", 30, "Melbourne, Geelong, Ballarat"),
        ("Queensland", 20, "Brisbane, Gold Coast, Cairns"),
        ("Western Australia", 14, "Perth, Bunbury, Kalgoorlie"),
    ),
    "NL": (
        ("Noord-Holland", 34, "Amsterdam, Haarlem, Hilversum"),
        ("Zuid-Holland", 32, "Rotterdam, Den Haag, Leiden, Delft"),
        ("Noord-Brabant", 18, "Eindhoven, Tilburg, Breda"),
        ("Utrecht", 16, "Utrecht, Amersfoort"),
    ),
    "ES": (
        ("Comunidad de Madrid", 34, "Madrid, Getafe, Alcalá de Henares"),
        ("Cataluña", 30, "Barcelona, Girona, Tarragona"),
        ("Andalucía", 20, "Sevilla, Málaga, Granada"),
        ("Comunitat Valenciana", 16, "Valencia, Alicante, Castellón"),
    ),
    "PL": (
        ("Mazowieckie", 40, "Warszawa, Radom, Płock"),
        ("Małopolskie", 24, "Kraków, Tarnów"),
        ("Dolnośląskie", 20, "Wrocław, Legnica"),
        ("Pomorskie", 16, "Gdańsk, Gdynia"),
    ),
    "IE": (
        ("Leinster", 64, "Dublin, Kilkenny, Drogheda"),
        ("Munster", 24, "Cork, Limerick, Waterford"),
        ("Connacht", 12, "Galway, Sligo"),
    ),
    "SE": (
        ("Stockholms län", 50, "Stockholm, Solna, Södertälje"),
        ("Västra Götalands län", 30, "Göteborg, Borås"),
        ("Skåne län", 20, "Malmö, Lund, Helsingborg"),
    ),
}

REGIONS: dict[Country, tuple[Region, ...]] = {
    country: tuple(Region(country, name, tuple(cities.split(", "))) for name, _, cities in _REGIONS[code])
    for code, country in _COUNTRIES.items()
}
_SHARES = Odds(
    {
        region: country.weight * share / sum(part for _, part, _ in _REGIONS[country.code])
        for country, regions in REGIONS.items()
        for region, (_, share, _) in zip(regions, _REGIONS[country.code], strict=True)
    }
)


def region_at(unit: float) -> Region:
    """The region at a point of [0, 1), of which each takes up its share of all rows."""
    return _SHARES.at(unit)


def some_city(region: Region, draws: Draws) -> str:
    """A city of the region; the first is the likeliest."""
    return region.cities[int(draws.unit() ** 2 * len(region.cities))]


def next_region(region: Region) -> Region:
    """The region that people of `region` look at besides their own."""
    regions = REGIONS[region.country]
    return regions[(regions.index(region) + 1) % len(regions)]


def spelled(country: Country, draws: Draws) -> str:
    """The country as one feed row writes it: mostly its name, sometimes a code."""
    return country.name if draws.chance(0.7) else draws.pick(country.spellings)
