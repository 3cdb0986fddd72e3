"""Write `pipelines/ingest/gazetteer.tsv`: phrases that name skills, from O*NET and the sample's catalogue.

A line holds a phrase, the skill that it names, and `exact` where the phrase counts in its own capitals alone. Whether a
phrase is also an ordinary word is read from public texts: O*NET's task statements and federal vacancies.

    python -m benchmarks.make_gazetteer
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from pipelines.sample.catalogue import catalogue

_DATA = Path("../shared/data")
_FILE = Path(__file__).parent.parent / "pipelines" / "ingest" / "gazetteer.tsv"

_MIN_OCCUPATIONS = 2  # of O*NET that list a product; names seen once are mostly of one firm's own tool
_MIN_OCCUPATIONS_PLAIN = 10  # for a lone word like any name: Flex, Travis and Chef are products of a few
_MIN_CHARS = 3  # R, C, Go: a letter or two are initials and grades more often than languages
_ORDINARY = 0.05  # share of small letters among a word's uses, from which it is a word of everyday as well
_VENDORS = (
    "Adobe Systems Adobe|Adobe Systems|Adobe|Apache|Apple|Atlassian|Autodesk|Bentley|Blackbaud|Cisco Systems|Cisco|"
    "Corel|Dassault Systemes|ESRI|Google|Hewlett-Packard HP|IBM|Intuit|JetBrains|Microsoft Office|Microsoft|"
    "National Instruments|Oracle|PTC|Qlik Tech|Red Hat|SAP|Siemens|StataCorp|The MathWorks|Trimble|Yardi"
).split("|")
_NO_SKILL = frozenset(  # employers, and where a firm asks to be followed; too wide to say anything
    "facebook linkedin youtube twitter instagram google apple microsoft oracle amazon ibm sap cisco eko pandora flickr "
    "mcafee adp experian linkedin nortonlifelock social pinterest wordsmith sage epic delphi ecommerce blackboard "
    "chef ant bamboo blink hive domino maven helm fireworks groovy internet website websites intranet "
    "email e-mail".split()
) | {
    "web browser",
    "social media sites",
    "web page",
    "microsoft operating system",
    "the internet",
    "operating system",
    "work order",
}
_LONG_AND_SHORT = re.compile(r"(?P<long>.+) (?P<short>[A-Z][A-Z&/]{1,6})$")
_JOINED = re.compile(r" (?:and|or|of|for|with|in|at|by|the) |[(),]")


def onet_phrases(technologies: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Phrase and skill of each product or kind of software: as listed, without its maker, and its short form."""
    spread = technologies.groupby("Example")["O*NET-SOC Code"].nunique()
    for listed in sorted(spread[spread >= _MIN_OCCUPATIONS].index):
        name = re.sub(r" software$", "", listed)
        forms = _LONG_AND_SHORT.match(name)
        if forms and _initials(forms["long"]) == forms["short"].replace("/", "").replace("&", ""):
            rare = spread[listed] < _MIN_OCCUPATIONS_PLAIN  # DOE and MIS are offices as well
            skill = name if rare else forms["short"]
            yield from ((form, skill) for form in dict.fromkeys([forms["long"], name, skill]))
            continue
        maker = next((vendor for vendor in _VENDORS if name.startswith(f"{vendor} ")), None)
        own = name.removeprefix(f"{maker} ") if maker else name
        rare = spread[listed] < _MIN_OCCUPATIONS_PLAIN
        forms_of_it = [form for form in (name, listed, own) if not (rare and re.fullmatch("[A-Z][a-z]+", form))]
        yield from ((form, name) for form in dict.fromkeys(forms_of_it))
        if maker == "Microsoft":
            yield f"MS {own}", name


def catalogue_phrases() -> Iterator[tuple[str, str]]:
    """The catalogue's skills that name one thing: of several words, or spelled with a capital or a digit."""
    for skill in sorted({skill for occupation in catalogue().values() for skill in occupation.skills}):
        if not _JOINED.search(skill) and (" " in skill or skill != skill.lower()):
            yield skill, skill


def unambiguous(phrases: Iterable[tuple[str, str]], texts: Iterable[str]) -> list[tuple[str, str, str]]:
    """Phrase, skill and `exact` or nothing, without what an ordinary text would say by chance.

    Dropped: fewer than three characters; a phrase of two skills; a single word that texts also write in small letters.
    """
    skills: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for phrase, skill in phrases:
        skills[phrase.lower()].setdefault(skill, phrase)
    words = {phrase for phrase in skills if re.fullmatch(r"[a-z]+", phrase)}
    small, seen = Counter[str](), Counter[str]()
    for text in texts:
        for word in re.findall(r"[A-Za-z]+", text):
            if (lower := word.lower()) in words:
                seen[lower] += 1
                small[lower] += word == lower
    kept = []
    for phrase, named in skills.items():
        ordinary = small[phrase] / seen[phrase] if seen[phrase] else 0.0
        alone = " " not in phrase
        if len(phrase) < _MIN_CHARS or len(named) > 1 or phrase in _NO_SKILL or (alone and ordinary > _ORDINARY):
            continue
        skill, spelt = next(iter(named.items()))
        exact = alone and phrase.isalpha() and (len(phrase) <= 4 or not seen[phrase] or small[phrase] > 0)
        kept.append((spelt, skill, "exact" if exact else ""))
    return sorted(_shortly_named(kept), key=lambda row: (row[1].lower(), row[0].lower()))


def _shortly_named(rows: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """A skill is called by its shortest phrase, so that it meets the skill that people list."""
    shortest: dict[str, str] = {}
    for spelt, skill, _ in rows:
        shortest[skill] = min(spelt, shortest.get(skill, spelt), key=lambda name: (len(name), name))
    return ((spelt, shortest[skill], exact) for spelt, skill, exact in rows)


def _initials(words: str) -> str:
    return "".join(word[0].upper() for word in re.split(r"[ -]", words) if word)


def main() -> int:
    """Exit code."""
    technologies = pd.read_csv(_DATA / "onet" / "technology_skills.tsv.gz", sep="\t", keep_default_na=False)
    tasks = pd.read_csv(_DATA / "onet" / "task_statements.tsv.gz", sep="\t", keep_default_na=False)
    federal = pd.read_parquet(_DATA / "federal" / "postings.parquet")
    texts = [*tasks["Task"], *federal.select_dtypes("object").astype(str).agg(" ".join, axis=1)]
    products = list(onet_phrases(technologies))
    known = {phrase.lower() for phrase, _ in products}
    trades = [(phrase, skill) for phrase, skill in catalogue_phrases() if phrase.lower() not in known]
    rows = unambiguous([*products, *trades], texts)
    _FILE.write_text("".join("\t".join(row).rstrip("\t") + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} phrases of {len({row[1] for row in rows})} skills")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
