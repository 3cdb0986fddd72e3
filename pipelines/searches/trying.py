"""Kernel: one wish against a finished index, by the kernels of the night and without Spark."""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.embedding.student import Student
from pipelines.retrieval.blending import similarities
from pipelines.retrieval.blocks import members_of
from pipelines.retrieval.config import RetrievalConfig
from pipelines.retrieval.directions import postings_for
from pipelines.retrieval.precision import Floats, chosen, prepare_worker
from pipelines.retrieval.search import search
from pipelines.retrieval.shards import Index
from pipelines.retrieval.words import folded, number_of, words_of
from schemas import columns as c
from schemas.searches import BROUGHT_BY
from schemas.values import SENIORITIES

Row = Mapping[str, Any]
_SETS = (c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES)


@dataclass(frozen=True)
class Answer:
    """A posting found for a wish.

    Args:
        similarity: to the blend of wish and profile.
        wish: similarity to the wish alone; None: it names no work.
        profile: to the profile alone; None: there is none, or it has no weight.
        brought_by: see there.
    """

    posting_id: str
    similarity: float
    wish: float | None
    profile: float | None
    brought_by: str


def answer(
    understood: Row,
    member: Row,
    student: Student,
    wishes: Student,
    index: Index,
    *,
    run_date: datetime.date,
    profile_weight: float,
    config: RetrievalConfig,
    count: int,
) -> list[Answer]:
    """The nearest postings that are what the wish asks for and that its member may take, best first.

    Args:
        understood: `reading.understood` of the wish.
        member: a row of the members table; empty: nobody in particular.
        student: that made the index.
        wishes: what encodes wishes, in its space.
        index: of the night's postings.
        run_date: from which the age of a posting counts.
        profile_weight: of the member's profile, beside the wish.
        config: how unknown values count, and how to search.
        count: most postings.
    """
    asked_for, told = understood[c.WISH], member.get(c.TEXT)
    if not asked_for and not told:
        return []
    wish = wishes.encode([asked_for]) if asked_for else None
    profile = student.encode([told]) if told else None
    weight = 1.0 if wish is None else 0.0 if profile is None else profile_weight
    query = asking_for(understood[c.CRITERIA], member, run_date) | {c.PROFILE_WEIGHT: [weight]}
    batch = pa.record_batch(
        {**query, c.VECTOR: _vector(profile, wish), c.WISH_VECTOR: _vector(wish, profile)}  # as the night fills them
    )
    prepare_worker()
    asked = members_of(batch)
    queries = postings_for(asked, index, config.unknown_excludes)
    parts = search(queries, index, k=count, precision=chosen(config.first_pass))
    if not parts or asked.wishes is None:
        return []
    [found] = parts  # one query has one part
    near = [
        [None] * len(found.row) if unsaid else similarities(found, vectors, index).tolist()
        for vectors, unsaid in ((asked.wishes.wish, weight == 1), (asked.wishes.profile, weight == 0))
    ]
    ids, both = index.ids(found.row).to_pylist(), found.similarity.tolist()
    wished, profiled = near
    brought = [brought_by(*pair, weight) for pair in zip(wished, profiled, strict=True)]
    return [Answer(*one) for one in zip(ids, both, wished, profiled, brought, strict=True)]


def brought_by(wish: float | None, profile: float | None, profile_weight: float) -> str:
    """Which of wish and profile adds more to the similarity of their blend; of equal ones the wish.

    >>> brought_by(0.4, 0.6, 0.1), brought_by(0.04, 0.6, 0.1), brought_by(None, 0.2, 1.0), brought_by(-0.1, None, 0.0)
    ('wish', 'profile', 'profile', 'wish')

    Args:
        wish: similarity to the wish alone; None: it names no work.
        profile: to the profile alone; None: it has no weight.
        profile_weight: of the profile in the blend.
    """
    of_wish, of_profile = BROUGHT_BY
    if wish is None or profile is None:
        return of_wish if profile is None else of_profile
    return of_profile if profile_weight * profile > (1 - profile_weight) * wish else of_wish


def asking_for(criteria: Row, member: Row, run_date: datetime.date) -> dict[str, Any]:
    """A row of what the search asks of saved searches, without vectors, as `retrieval.asking` makes it of columns.

    Args:
        criteria: `schemas.searches.CRITERIA` of the search.
        member: a row of the members table, which holds where the search says nothing; may be empty.
        run_date: from which the age of a posting counts.
    """
    said = criteria[c.PLACES] or member.get(c.PLACES) or []
    whole = [one for one in criteria[c.PLACES] if one[c.CITY] is None] if criteria[c.PLACES] else said
    excluded = [one for one in criteria[c.EXCLUDED_PLACES] if one[c.CITY] is None]
    cohort = {
        **{name: criteria[name] or member.get(name) or [] for name in _SETS},
        **{c.PLACES: _regions(said), "whole_places": _regions(whole), c.EXCLUDED_PLACES: _regions(excluded)},
        "is_search": True,
    }
    days = criteria[c.POSTED_WITHIN_DAYS]
    earliest = None if days is None else (run_date - datetime.date(1970, 1, 1)).days - days
    blocked = [*(member.get(c.EXCLUDED_COMPANY_KEYS) or []), *criteria[c.EXCLUDED_COMPANY_KEYS]]
    pay = member if criteria[c.MIN_SALARY] is None else criteria
    hashes = {
        "companies": map(number_of, blocked),
        "excluded_postings": map(number_of, member.get(c.EXCLUDED_POSTING_IDS) or []),
        "cities": _cities(criteria[c.PLACES]),
        "excluded_cities": _cities(criteria[c.EXCLUDED_PLACES]),
        "wanted_companies": map(number_of, criteria[c.COMPANY_KEYS]),
    }
    phrases = {"title_phrases": criteria[c.TITLES], "excluded_title_phrases": criteria[c.EXCLUDED_TITLES]}
    return {
        c.SEARCH_ID: ["tried"],
        "cohort": [json.dumps(cohort)],
        c.YEARS_OF_EXPERIENCE: _column(member.get(c.YEARS_OF_EXPERIENCE), pa.float64()),
        c.MIN_SALARY: _column(pay.get(c.MIN_SALARY), pa.float64()),
        c.SALARY_CURRENCY: _column(pay.get(c.SALARY_CURRENCY) or member.get(c.SALARY_CURRENCY), pa.string()),
        "earliest": _column(earliest, pa.int64()),
        "seniority_bits": [sum(1 << SENIORITIES.index(name) for name in criteria[c.SENIORITIES])],
        **{name: _column(sorted(set(numbers)), pa.list_(pa.int64())) for name, numbers in hashes.items()},
        **{name: _column(_phrases(titles), pa.list_(pa.list_(pa.int64()))) for name, titles in phrases.items()},
    }


def _phrases(titles: Iterable[str]) -> list[list[int]]:
    worded = (sorted({number_of(word) for word in words_of(title)}) for title in titles)
    return [words for words in worded if words]


def _cities(places: Iterable[Row]) -> list[int]:
    return [number_of(place[c.COUNTRY], folded(place[c.CITY])) for place in places if place[c.CITY] is not None]


def _regions(places: Sequence[Row]) -> list[dict[str, str]]:
    return [{name: place[name] for name in (c.COUNTRY, c.REGION) if place[name] is not None} for place in places]


def _column(value: object, kind: pa.DataType) -> pa.Array:
    return pa.array([value], kind)


def _vector(one: Floats | None, other: Floats | None) -> pa.Array:
    vector = one if one is not None else other
    return pa.array([] if vector is None else vector.tolist(), pa.list_(pa.float32()))
