"""The methods that jobs.evaluate_run puts beside a published night: their lists, and their figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.find_answers import VIEWS, Answers, answers, check_key, liked, sectors
from jobs.start import Context, log
from pipelines.evaluation.baselines import Document
from pipelines.evaluation.contest import (
    EVERYONE,
    NIGHT,
    Documents,
    Liked,
    Logged,
    Vectors,
    baseline_lists,
    logged_figures,
    member_metrics,
    popularities,
    spread_figures,
    spread_of,
    tied_accuracy,
)
from pipelines.evaluation.history import (
    EXPOSURES,
    POSTINGS_SHOWN,
    exposure_counts,
    history_slices,
    like_counts,
    logged_places,
    posting_vectors,
)
from pipelines.evaluation.metrics import Lists, Relevant
from pipelines.evaluation.night_figures import NightFigure, member_figures, member_rows
from pipelines.evaluation.stage import (
    PLACES,
    RIGHT,
    SLICES,
    member_documents,
    posting_documents,
    published_lists,
    sample_members,
)
from schemas import columns as c
from schemas.embeddings import POSTING_EMBEDDINGS
from schemas.errors import ArtifactError, ConfigError
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS


@dataclass(frozen=True)
class Terms:
    """How a night is evaluated.

    Args:
        key: what is right.
        days: how far the key `later` reaches.
        cuts: the metrics look at the first so many places; what lists are like is told at the first cut.
        members: at most so many members, chosen by hash.
        against: run id of the earlier ranker; None: the last night before.
        min_slice: members below which a slice is not told.
        clip: largest weight of an off-policy estimate.
    """

    key: str
    days: int
    cuts: Sequence[int]
    members: int
    against: str | None
    min_slice: int
    clip: float


class Published(NamedTuple):
    """A published night, and the members whose lists are evaluated."""

    members: DataFrame
    postings: DataFrame
    recommendations: DataFrame


def compare(given: Context, terms: Terms) -> list[NightFigure]:
    """Every figure of the night and of what it is compared with.

    Raises:
        ArtifactError: the night, or the run that it is compared with, was not published.
        ConfigError: the environment has no such key, or nothing is right for any member.
    """
    check_key(given, terms.key)
    night = published(given, terms)
    pairs = liked(given, night.postings, terms.key)
    if pairs is not None:
        pairs.persist(StorageLevel.DISK_ONLY)
    try:
        found = answers(given, night.members, night.postings, pairs, key=terms.key, days=terms.days)
        return [*figures(given, night, found, terms), *spread_of_all(given, night, k=terms.cuts[0])]
    finally:
        if pairs is not None:
            pairs.unpersist()


def published(given: Context, terms: Terms) -> Published:
    """The night as readers see it, with a sample of its members.

    Raises:
        ArtifactError: there is none.
    """
    date = {c.RUN_DATE: given.night.run_date}
    if not given.tables.files(RECOMMENDATIONS, **date):
        raise ArtifactError(f"no published night of {given.night.run_date}; run jobs.run_nightly first")
    members = sample_members(given.tables.read(MEMBERS, **date), count=terms.members)
    return Published(members, given.tables.read(POSTINGS, **date), given.tables.read(RECOMMENDATIONS, **date))


def earlier_lists(given: Context, members: DataFrame, terms: Terms) -> dict[str, Lists]:
    """Name -> lists of the ranker that the night is compared with; nothing where there is none.

    Raises:
        ArtifactError: the run that was asked for has staged no recommendations, or its files are gone.
    """
    k = max(terms.cuts)
    if terms.against is not None:
        other = replace(given.tables, run_id=terms.against)
        return {f"run {terms.against}": lists_of(other.staged(RECOMMENDATIONS), members, k=k)}
    before = [date for date in given.tables.dates(RECOMMENDATIONS) if date < given.night.run_date]
    if not before:
        log.info("evaluation: no night was published before %s", given.night.run_date)
        return {}
    rows = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: before[-1]})
    return {"previous night": lists_of(rows, members, k=k)}


def figures(given: Context, night: Published, found: Answers, terms: Terms) -> list[NightFigure]:
    """The figures of all methods over the evaluated members.

    Raises:
        ConfigError: nothing is right for any member.
    """
    k, rows = max(terms.cuts), sorted(found.right.collect(), key=lambda row: str(row[c.MEMBER_ID]))
    relevant = {row[c.MEMBER_ID]: frozenset(row[RIGHT]) for row in rows}
    if not relevant:
        raise ConfigError(f"--key {terms.key}: nothing is right for any of the members of {given.night.run_date}")
    logged = logged_of(night, k=k)
    popular_with = None if found.known is None else liked_by(found.known, relevant if terms.key == VIEWS else {})
    ids = relevant.keys() | {one.member_id for one in logged}
    documents = {
        kind: documents_of(night, ids, titles_only=titles_only)
        for kind, titles_only in (("titles", True), ("texts", False))
    }
    popular = {} if popular_with is None else popularities(documents["titles"], popular_with)
    earlier = earlier_lists(given, night.members, terms)
    lists = {
        NIGHT: lists_of(night.recommendations, night.members, k=k),
        **earlier,
        **baseline_lists(documents, popular, k=k),
    }
    vectors = vectors_of(
        given, night, {posting for one in lists.values() for shown in one.values() for posting in shown}
    )
    before = next(iter(earlier.values()), None)
    methods = {
        name: member_metrics(
            one, relevant, terms.cuts, liked=popular_with, vectors=vectors, earlier=before if name == NIGHT else None
        )
        for name, one in lists.items()
    }
    methods |= tied_accuracy(documents["titles"], popular, relevant, terms.cuts)
    slices = member_rows(list(relevant), slices_of(given, night.members, found.known), minimum=terms.min_slice)
    open_postings = {posting.id for posting in documents["titles"].postings}
    told = member_figures(methods, slices)
    for name, one in lists.items():
        told += spread_figures(name, one, relevant, open_postings, k=terms.cuts[0])
        if logged and name != NIGHT:
            told += logged_figures(name, one, logged, relevant, clip=terms.clip)
    return told


def spread_of_all(given: Context, night: Published, *, k: int) -> list[NightFigure]:
    """Coverage and Gini over all members' lists: of the open postings, and of those that anyone's search found."""
    members = night.recommendations.select(c.MEMBER_ID).distinct().count()
    matches = given.tables.read(MATCHES, **{c.RUN_DATE: given.night.run_date})
    told = []
    for of, postings in (("", night.postings), (" of found", matches)):
        counts = exposure_counts(night.recommendations, postings, k=k).collect()
        exposures, numbers = (np.array([row[name] for row in counts]) for name in (EXPOSURES, POSTINGS_SHOWN))
        told += spread_of(EVERYONE, NIGHT, exposures, numbers, members=members, k=k, of=of)
    return told


def lists_of(recommendations: DataFrame, members: DataFrame, *, k: int) -> Lists:
    """The members' first `k` postings."""
    return {row[c.MEMBER_ID]: row["list"] for row in published_lists(recommendations, members, k=k).collect()}


def liked_by(pairs: DataFrame, own: Relevant) -> Liked:
    """How many members liked each posting."""
    counts = {row[c.POSTING_ID]: row[c.MEMBERS] for row in like_counts(pairs).collect()}
    return Liked(counts, pairs.select(c.MEMBER_ID).distinct().count(), own)


def logged_of(night: Published, *, k: int) -> list[Logged]:
    """The places of the evaluated members that were filled with a known probability."""
    rows = logged_places(night.recommendations, night.members, k=k).collect()
    return [Logged(row[c.MEMBER_ID], row[c.RANK], row[c.POSTING_ID], row[c.PROPENSITY]) for row in rows]


def documents_of(night: Published, ids: Collection[str], *, titles_only: bool) -> Documents:
    """These members and all open postings, as keyword matching sees them."""
    members = _documents(member_documents(night.members, titles_only=titles_only))
    postings = _documents(posting_documents(night.postings, titles_only=titles_only))
    return Documents([member for member in members if member.id in ids], postings)


def vectors_of(given: Context, night: Published, ids: Collection[str]) -> Vectors:
    """Vectors of those of these postings that are open, by the night's student."""
    [student] = night.recommendations.select(c.STUDENT_ID).limit(1).collect()
    embeddings = given.tables.read(POSTING_EMBEDDINGS, **{c.STUDENT_ID: student[c.STUDENT_ID]})
    listed = given.spark.createDataFrame([(one,) for one in sorted(ids)], f"{c.POSTING_ID} string")
    postings = night.postings.join(F.broadcast(listed), on=c.POSTING_ID, how="left_semi")
    table = posting_vectors(postings, embeddings).toArrow().combine_chunks()
    names = table[c.POSTING_ID].to_pylist()
    flat = table[c.VECTOR].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return Vectors({name: row for row, name in enumerate(names)}, flat.reshape(len(names), -1).astype(np.float32))


def slices_of(given: Context, members: DataFrame, known: DataFrame | None) -> Mapping[str, Sequence[str]]:
    """The slices that each member is in; sectors where the sample's truth names them."""
    found = {row[c.MEMBER_ID]: list(row[SLICES]) for row in history_slices(members, known).collect()}
    named = sectors(given) if given.config.sample is not None else {}
    return {
        member: [*parts, *([f"sector {named[member]}"] if member in named else [])] for member, parts in found.items()
    }


def _documents(rows: DataFrame) -> list[Document]:
    return [Document(row["id"], row[c.TEXT], frozenset(filter(None, row[PLACES] or []))) for row in rows.collect()]
