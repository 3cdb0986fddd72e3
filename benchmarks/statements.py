"""Every statement of an explanation, held against the posting's and the member's own fields.

It shares no code with what writes explanations; a row is a mapping with the tables' columns. A statement is true when a
field says so, and it is missing when two fields say it and the explanation does not.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

_GAZETTEER = Path(__file__).parent.parent / "pipelines" / "ingest" / "gazetteer.tsv"
_LABELS = {"work mode": ("work_mode", "work_modes"), "employment type": ("employment_type", "employment_types")}
_RELAXED = {"next_region": ("",), "remote_elsewhere": (", but remote",)}
_LETTER = r"[^\W_]"


class Checker:
    """What an explanation says, checked.

    Args:
        close_similarity: cosine from which a posting may be called close to a profile.
        run_date: the night, from which days since posting count.
    """

    def __init__(self, close_similarity: float, run_date: datetime.date) -> None:
        self._close, self._today = close_similarity, run_date
        lines = [line.split("\t") for line in _GAZETTEER.read_text(encoding="utf-8").splitlines()]
        self._phrases: dict[str, list[tuple[str, bool]]] = {}
        for phrase, skill, *exact in lines:
            self._phrases.setdefault(skill.lower(), []).append((phrase, bool(exact)))

    def problems(self, row: Row, posting: Row, member: Row) -> list[str]:
        """Each statement that no field backs, and each requirement about which nothing is said, in words."""
        told = row["explanation"]
        return [
            *self._skills(told, posting, member),
            *_requirements(told, posting, member),
            *_similar(told["similar_to"], posting, member),
            *self._sentence(row, posting, member),
        ]

    def _skills(self, told: Row, posting: Row, member: Row) -> Iterator[str]:
        asks, has = (_words_of_posting(posting), posting["skills"]), (_words_of_member(member), member["skills"])
        sides = {"matched": (True, True), "missing": (True, False), "surplus": (False, True)}
        for kind, (asked, held) in sides.items():
            for skill in told[f"{kind}_skills"]:
                if self._names(skill, *asks) != asked:
                    yield f"{kind} skill {skill}: the posting names it: {not asked}"
                if self._names(skill, *has) != held:
                    yield f"{kind} skill {skill}: the member names it: {not held}"

    def _names(self, skill: str, texts: Sequence[str], listed: Sequence[str] | None) -> bool:
        """Listed, under any of its phrases, or told by one of them; what is no phrase can be listed only."""
        phrases = self._phrases.get(skill.lower(), [])
        folded = {skill.lower(), *(phrase.lower() for phrase, _ in phrases)}
        if any(one.strip().lower() in folded for one in listed or []):
            return True
        return any(_stands_in(phrase, text, exact=exact) for phrase, exact in phrases for text in texts)

    def _sentence(self, row: Row, posting: Row, member: Row) -> Iterator[str]:
        told = row["explanation"]
        text = told["sentence"]
        if not text.endswith(".") or text[0] != text[0].upper():
            yield f"no sentence: {text}"
        days = (self._today - posting["posted_on"]).days if posting["posted_on"] else None
        ago = {0: "posted today", 1: "posted yesterday"}.get(days or 0, f"posted {days} days ago")
        if ("posted " in text.lower()) != (days is not None and days >= 0) or (
            "posted " in text and not text.endswith(ago + ".")
        ):
            yield f"day of posting: {text}"
        if ("lose to your profile" in text) != (row["similarity"] >= self._close):
            yield f"closeness {row['similarity']:.3f}: {text}"
        if (counted := re.search(r"(\d+) of (\d+) skills match", text)) and int(counted[1]) != len(
            told["matched_skills"]
        ):
            yield f"{len(told['matched_skills'])} skills match: {text}"
        if (place := re.search(r"(?:^I|; i)n ([^;]+), one of your places", text)) and not _named_place(
            place[1], posting, member
        ):
            yield f"no such place: {text}"
        if "emote, as you asked" in text and not (
            posting["work_mode"] == "remote" and "remote" in (member["work_modes"] or [])
        ):
            yield f"not remote, or not asked: {text}"
        if row["by_lot"] != ("rawn by lot" in text):
            yield f"drawn by lot: {row['by_lot']}: {text}"
        if _RELAXED.get(row["relaxation"], ()) != tuple(re.findall(r"utside your places(, but remote)?", text)):
            yield f"wish relaxed {row['relaxation']}: {text}"
        if (similar := told["similar_to"]) and " ".join(similar["title"].split()).lower() not in text.lower():
            yield f"similar title left out: {text}"


def _stands_in(phrase: str, text: str, *, exact: bool) -> bool:
    pattern = rf"(?<!{_LETTER})(?<!{_LETTER}-){re.escape(phrase)}(?!{_LETTER}|[+#])"
    return re.search(pattern, text, 0 if exact else re.IGNORECASE) is not None


def _words_of_posting(posting: Row) -> list[str]:
    return [text for text in (posting["title"], posting["description"]) if text]


def _words_of_member(member: Row) -> list[str]:
    held = [text for position in member["experiences"] or [] for text in (position["title"], position["description"])]
    return [text for text in (member["headline"], member["about"], *(member["wanted_titles"] or []), *held) if text]


def _similar(similar: Row | None, posting: Row, member: Row) -> Iterator[str]:
    if similar is None:
        return
    held = [position["title"] for position in member["experiences"] or []]
    titles = {"wanted_title": member["wanted_titles"] or [], "position": held}[similar["kind"]]
    if similar["title"] not in titles:
        yield f"{similar['kind']} {similar['title']}: the member has none"
    if not similar["shared_words"]:
        yield f"{similar['title']}: no word is shared"
    for word in similar["shared_words"]:
        if any(word not in (title or "").lower() for title in (similar["title"], posting["title"])):
            yield f"{word}: not in {similar['title']} and {posting['title']}"


def _requirements(told: Row, posting: Row, member: Row) -> Iterator[str]:
    met, unmet = list(told["requirements_met"]), list(told["requirements_unmet"])
    lacking = [one.removeprefix("skill: ") for one in unmet if one.startswith("skill: ")]
    if lacking != list(told["missing_skills"]):
        yield f"skills unmet {lacking}, missing {list(told['missing_skills'])}"
    unmet = [one for one in unmet if not one.startswith("skill: ")]
    told_by_fields = list(_agreements(posting, member))
    expected_met = [text for text, agrees in told_by_fields if agrees]
    expected_unmet = [text for text, agrees in told_by_fields if not agrees]
    for kind, said, expected in (("met", met, expected_met), ("unmet", unmet, expected_unmet)):
        if sorted(said) != sorted(expected):
            yield f"requirements {kind}: said {said}, the fields say {expected}"


def _agreements(posting: Row, member: Row) -> Iterator[tuple[str, bool]]:
    """What the posting asks for or offers, and whether the member's fields agree; not where one is silent."""
    asked, years = posting["min_years"], member["years_of_experience"]
    if asked and years is not None:
        yield f"{asked:g} year{'' if asked == 1 else 's'} of experience", years >= asked
    wanted, spoken = set(posting["languages"] or []), set(member["languages"] or [])
    if wanted and spoken:
        yield "languages: " + ", ".join(sorted(wanted - spoken or wanted)), wanted <= spoken
    if (place := _place(posting, member)) is not None:
        yield place
    for label, (offered, wished) in _LABELS.items():
        if posting[offered] and member[wished]:
            yield f"{label}: {posting[offered].replace('_', '-')}", posting[offered] in member[wished]
    pays, least = posting["salary_max"], member["min_salary"]
    currency = posting["salary_currency"]
    if pays is not None and least is not None and currency and currency == member["salary_currency"]:
        yield f"salary: up to {int(pays):,} {currency} a year", pays >= least


def _place(posting: Row, member: Row) -> tuple[str, bool] | None:
    places, country, region = member["places"] or [], posting["country"], posting["region"]
    if not places or not country:
        return None
    here = [place for place in places if place["country"] == country]
    if not here:
        return f"place: {country}", False
    regions = [place for place in here if place["region"] is not None and place["region"] == region]
    city = (posting["city"] or "").lower()
    if city and any((place["city"] or "").lower() == city for place in regions):
        return f"place: {posting['city']}", True
    if regions:
        return f"place: {region}", True
    if any(place["region"] is None for place in here):
        return f"place: {country}", True
    if posting["work_mode"] == "remote":
        return f"place: remote within {country}", True
    return (f"place: {region}", False) if region else None


def _named_place(name: str, posting: Row, member: Row) -> bool:
    place = _place(posting, member)
    return place == (f"place: {name}", True)
