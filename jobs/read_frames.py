"""What each gate of a night measures: this run's staged tables, beside what they are held to."""

from collections.abc import Callable, Iterable
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.read_history import last_night
from jobs.start import Context
from pipelines.distillation.students import StudentArtifact, pinned_student
from pipelines.publishing.sources import read_source
from pipelines.quality.comparing import NotJudged
from pipelines.quality.pairs import hashed_pairs, known_keys, paired_rows, searched_rows
from pipelines.quality.stage import (
    embedded_rows,
    expecting,
    ingested_rows,
    interaction_days,
    kept_lists,
    listed_members,
    lists_of_each,
    served_members,
)
from pipelines.searches.stage import as_members, by_search
from schemas import columns as c
from schemas import comparisons, ingest_suites, interactions, search_suites, suites
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.fairness import FAIRNESS_AUDIT
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES, POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import POSTING_RECOMMENDATIONS, RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.searches import SAVED_SEARCHES, SAVED_SEARCHES_REJECTED, SEARCH_RECOMMENDATIONS, SEARCH_SHORTFALLS
from schemas.suite import Suite
from schemas.table import Table

Framed = tuple[Suite, DataFrame | NotJudged]


def frames(given: Context, gate: str) -> Iterable[Framed]:
    """The suites of a gate, each with the frame that it measures, or why there is none."""
    yield from _OF[gate](given)


def posting_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `postings`."""
    rows = ingested_rows(given.tables.staged(POSTINGS), given.tables.staged(POSTINGS_REJECTED), night=given.night)
    yield ingest_suites.INGESTED_POSTINGS, rows


def member_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `members`."""
    rows = ingested_rows(given.tables.staged(MEMBERS), given.tables.staged(MEMBERS_REJECTED), night=given.night)
    yield ingest_suites.INGESTED_MEMBERS, rows
    yield ingest_suites.POPULAR, given.tables.staged(POSTING_POPULARITY)
    if source := given.config.sources.interactions:
        done = read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project)
        yield comparisons.INTERACTED, interaction_days(done, night=given.night)


def search_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `saved_searches`."""
    staged = given.tables.staged
    rows = ingested_rows(staged(SAVED_SEARCHES), staged(SAVED_SEARCHES_REJECTED), night=given.night)
    yield search_suites.INGESTED_SEARCHES, rows


def matched_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `matches`."""
    night, staged = given.night, given.tables.staged
    yield suites.MATCHED, expecting(staged(MATCHES), night)
    yield suites.MATCHES_UNIQUE, hashed_pairs(staged(MATCHES))
    yield suites.MATCHED_POSTINGS, known_keys(staged(MATCHES), staged(POSTINGS), key=c.POSTING_ID)
    yield suites.MATCHED_MEMBERS, known_keys(staged(MATCHES), staged(MEMBERS), key=c.MEMBER_ID)
    yield suites.RECALLED, expecting(staged(MATCH_RECALL), night)
    yield suites.FUNNELLED, staged(ELIGIBILITY_FUNNEL)


def recruited_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `posting_matches`."""
    yield suites.POSTING_MATCHED, expecting(given.tables.staged(POSTING_MATCHES), given.night)
    yield suites.POSTING_MATCHES_UNIQUE, hashed_pairs(given.tables.staged(POSTING_MATCHES))
    yield suites.POSTING_MATCHES_ELIGIBLE, judged(given, POSTING_MATCHES)


def reordered_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `posting_lists`."""
    staged = given.tables.staged
    yield suites.POSTING_LISTED, listed_members(staged(POSTING_LISTS), staged(POSTING_MATCHES), night=given.night)


def recruiting_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `posting_recommendations`."""
    yield suites.POSTING_RECOMMENDED, expecting(given.tables.staged(POSTING_RECOMMENDATIONS), given.night)
    yield suites.POSTING_RECOMMENDATIONS_ELIGIBLE, judged(given, POSTING_RECOMMENDATIONS)
    recommended, recruiting = given.tables.staged(POSTING_RECOMMENDATIONS), given.config.ranking.recruiting
    for suite, owner, most in (
        (suites.POSTING_SERVED, c.POSTING_ID, recruiting.members_per_list),
        (suites.MEMBER_SHOWN, c.MEMBER_ID, recruiting.max_lists),
    ):
        yield suite, lists_of_each(recommended, owner, most=most)


def searched_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `search_recommendations`; a search stands in the place of a member."""
    staged, excludes = given.tables.staged, given.config.retrieval.unknown_excludes
    searchers = by_search(as_members(staged(SAVED_SEARCHES), staged(MEMBERS)))
    listed = by_search(staged(SEARCH_RECOMMENDATIONS))
    yield search_suites.SEARCHED, expecting(listed, given.night)
    judged_anew = searched_rows(listed, searchers, staged(POSTINGS), night=given.night, unknown_excludes=excludes)
    yield search_suites.SEARCHES_ELIGIBLE, judged_anew
    shortfalls, asked = by_search(staged(SEARCH_SHORTFALLS)), given.config.ranking.recommendations_per_member
    yield (
        search_suites.SEARCHES_SERVED,
        served_members(searchers, listed, shortfalls, recommendations_per_member=asked),
    )


def audited_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the audit's gate."""
    yield suites.AUDITED, expecting(given.tables.staged(FAIRNESS_AUDIT), given.night)


def recommended_frames(given: Context) -> Iterable[Framed]:
    """As `frames`, of the gate `recommendations`."""
    recommendations, members = given.tables.staged(RECOMMENDATIONS), given.tables.staged(MEMBERS)
    yield suites.RECOMMENDED, expecting(recommendations, given.night)
    yield suites.RECOMMENDATIONS_ELIGIBLE, judged(given, RECOMMENDATIONS)
    asked = given.config.ranking.recommendations_per_member
    shortfalls = given.tables.staged(SHORTFALLS)
    yield suites.SERVED, served_members(members, recommendations, shortfalls, recommendations_per_member=asked)
    yield comparisons.SCORED, recommendations
    date = last_night(given)
    if date is None:
        yield comparisons.KEPT, NotJudged("no earlier night")
    else:
        one_in = one_in_so_many(given, "ingest_members", given.config.quality.history.sampled_members)
        earlier = given.tables.read(RECOMMENDATIONS, **{c.RUN_DATE: date})
        yield comparisons.KEPT, kept_lists(recommendations, earlier, one_in=one_in)


def one_in_so_many(given: Context, stage: str, wanted: int) -> int:
    """Of how many rows of the stage one is drawn, for about as many as wanted."""
    return max(1, (given.progress.need(stage).counts.rows_out or 0) // wanted)


def judged(given: Context, pairs: Table) -> DataFrame:
    """The pairs of a staged table with each hard rule judged anew."""
    staged, excludes = given.tables.staged, given.config.retrieval.unknown_excludes
    return paired_rows(staged(pairs), staged(MEMBERS), staged(POSTINGS), night=given.night, unknown_excludes=excludes)


def embedded_frames(given: Context) -> Iterable[Framed]:
    """Every text of the night beside its vector by the run's student, published before or staged now."""
    student = pinned_student(given.store.models, given.store.student(given.night.run_id))
    for suite, embeddings in (
        (suites.EMBEDDED_POSTINGS, POSTING_EMBEDDINGS),
        (suites.EMBEDDED_MEMBERS, MEMBER_EMBEDDINGS),
    ):
        stage = "ingest_postings" if embeddings is POSTING_EMBEDDINGS else "ingest_members"
        one_in = one_in_so_many(given, stage, given.config.quality.history.sampled_texts)
        yield (
            suite,
            beside_vectors(
                given, student, embedded_texts(given, embeddings, given.tables.staged), embeddings, one_in=one_in
            ),
        )


def embedded_texts(given: Context, embeddings: Table, rows: Callable[[Table], DataFrame]) -> DataFrame:
    """The texts that the table is to have vectors of, and whether the teacher reads them too; of members, their wishes
    as well: `content_hash`, `text`, `by_teacher`.

    Args:
        given: whose configuration says whether there are any.
        embeddings: the table.
        rows: of the tables of a night.
    """
    entities = POSTINGS if embeddings is POSTING_EMBEDDINGS else MEMBERS
    texts = rows(entities).select(c.CONTENT_HASH, c.TEXT, F.lit(False).alias(c.BY_TEACHER))
    if entities is POSTINGS or given.config.sources.saved_searches is None:
        return texts
    by_teacher = given.config.searches.wish_encoder == "teacher"
    wishes = rows(SAVED_SEARCHES).select(
        c.CONTENT_HASH, F.col(c.WISH).alias(c.TEXT), F.lit(by_teacher).alias(c.BY_TEACHER)
    )
    return texts.unionByName(wishes)


def beside_vectors(
    given: Context, student: StudentArtifact, texts: DataFrame, embeddings: Table, *, one_in: int
) -> DataFrame:
    """Every one of the texts beside what its vector by this student is like, published before or staged now."""
    vectors = given.tables.read_or_staged(embeddings, **{c.STUDENT_ID: student.student_id})
    dimension = student.dimension
    return embedded_rows(texts, vectors, student_id=student.student_id, dimension=dimension, one_in=one_in)


_OF: Final[dict[str, Callable[[Context], Iterable[Framed]]]] = {
    "postings": posting_frames,
    "members": member_frames,
    SAVED_SEARCHES.name: search_frames,
    "embeddings": embedded_frames,
    "matches": matched_frames,
    "recommendations": recommended_frames,
    SEARCH_RECOMMENDATIONS.name: searched_frames,
    POSTING_MATCHES.name: recruited_frames,
    POSTING_LISTS.name: reordered_frames,
    POSTING_RECOMMENDATIONS.name: recruiting_frames,
    suites.AUDITED.gate: audited_frames,
}
GATES: Final = tuple(_OF)
