"""Stage: matches become ranked, explained recommendations, and members left short are named with the reason."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.night import Night
from pipelines.ranking.config import FatigueConfig, RankingConfig
from pipelines.ranking.explanation import MEMBER, PROFILE_NAME, Reader, profile_name, reasons, sentence
from pipelines.ranking.fatigue import with_standing
from pipelines.ranking.gathered import GOOD
from pipelines.ranking.pairs import SIGNALS, nested, with_signals
from pipelines.ranking.parts import FOLDED_SKILLS
from pipelines.ranking.requirements import requirements_met, requirements_unmet
from pipelines.ranking.scoring import Scoring
from pipelines.ranking.similar_titles import WORDS, compared_titles, similar_to, title_words
from pipelines.ranking.skills import distinct_skills, folded_skills, skills_beyond, skills_in
from schemas import columns as c
from schemas.recommendations import EXPLANATION, RECOMMENDATIONS, SHORTFALLS
from schemas.table import Table

_POSTING, _MEMBER = "posting", "member"
_MATCHED, _REASONS, _SIMILAR, _TITLES = "matched", "reasons", "similar", "titles"

_EXPLAINED_POSTING = (
    *(c.COUNTRY, c.REGION, c.CITY, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.MIN_YEARS, c.LANGUAGES),
    *(c.SALARY_MAX, c.SALARY_CURRENCY, c.POSTED_ON),
)
_EXPLAINED_MEMBER = (
    *(c.WORK_MODES, c.EMPLOYMENT_TYPES, c.YEARS_OF_EXPERIENCE, c.LANGUAGES),
    *(c.MIN_SALARY, c.SALARY_CURRENCY),
)


def score_matches(
    matches: DataFrame,
    members: DataFrame,
    postings: DataFrame,
    popularity: DataFrame,
    *,
    night: Night,
    scoring: Scoring,
    shown: DataFrame | None,
    fatigue: FatigueConfig,
) -> DataFrame:
    """The matches with their score, what it is made of, and their `standing`, which is less for what tires.

    A match of an unknown member or posting is left out.

    Args:
        matches: MATCHES columns, and any others, which stay.
        members: MEMBERS columns.
        postings: POSTINGS columns.
        popularity: POSTING_POPULARITY columns.
        night: what is known of age and popularity is known on its date.
        scoring: gives the scores.
        shown: see `fatigue.shown_in_vain`; None: nobody was shown anything yet.
        fatigue: how much of a score that leaves.
    """
    return (
        matches.drop(c.RUN_DATE, c.RUN_ID)
        .transform(with_signals, members, postings, popularity, night=night, scoring=scoring)
        .withColumn(c.SCORE, scoring.score(F.col(SIGNALS)))
        .transform(with_standing, shown, config=fatigue)
    )


def recommend(
    listed: DataFrame,
    members: DataFrame,
    postings: DataFrame,
    *,
    night: Night,
    config: RankingConfig,
    config_hash: str,
    scoring: Scoring,
    table: Table = RECOMMENDATIONS,
    reader: Reader = MEMBER,
    beside: Sequence[str] = (),
) -> DataFrame:
    """The lists as rows of a table of recommendations, with what their scores are made of and why they are there.

    Args:
        listed: see `listing.make_lists`, of scored matches.
        members: MEMBERS columns.
        postings: POSTINGS columns.
        night: for the rows.
        config: how explanations read.
        config_hash: for the rows.
        scoring: that gave the scores.
        table: whose rows.
        reader: to whom they are explained.
        beside: columns of `listed` that stay.
    """
    return (
        listed.withColumn(c.SCORE_PARTS, scoring.parts(F.col(SIGNALS)))
        .transform(_with_explanation, members, postings, night, config, reader)
        .withColumns(
            {
                c.RUN_DATE: F.lit(night.run_date),
                c.RUN_ID: F.lit(night.run_id),
                c.CONFIG_HASH: F.lit(config_hash),
                c.RANKER_ID: F.lit(scoring.ranker_id).cast("string"),
            }
        )
        .select(*table.columns, *beside)
    )


def find_shortfalls(
    members: DataFrame,
    matches: DataFrame,
    recommendations: DataFrame,
    *,
    good: DataFrame | None,
    night: Night,
    config: RankingConfig,
    matches_per_member: int,
) -> DataFrame:
    """One row per member with fewer recommendations than asked for, with the reason.

    The reason is null where none of the known ones holds, as when a found match was lost on the way: a defect, which
    the recommendations gate refuses.

    Args:
        members: MEMBERS columns.
        matches: MATCHES columns.
        recommendations: RECOMMENDATIONS columns.
        good: see `gathered.good_matches`; None: every match is good enough.
        night: for the rows.
        config: how many recommendations were asked for.
        matches_per_member: how many matches the search was asked for.
    """
    found, ranked = F.coalesce(F.col(c.MATCHES), F.lit(0)), F.coalesce(F.col(c.RECOMMENDATIONS), F.lit(0))
    search_was_exhausted = (found < matches_per_member) & (ranked == found)
    reason = (
        F.when(F.col(c.CONTENT_HASH).isNull(), "empty_profile")
        .when(found == 0, "no_eligible_posting")
        .when(search_was_exhausted, "few_eligible_postings")
        .when((F.coalesce(GOOD, F.lit(0)) < found) & (ranked == F.coalesce(GOOD, F.lit(0))), "few_good_postings")
    )
    columns = {
        c.RUN_DATE: F.lit(night.run_date),
        c.RUN_ID: F.lit(night.run_id),
        c.MEMBER_ID: F.col(c.MEMBER_ID),
        c.MATCHES: found,
        c.RECOMMENDATIONS: ranked,
        c.REASON: reason,
    }
    matched = _rows_per_member(matches, c.MATCHES)
    return (
        members.select(c.MEMBER_ID, c.CONTENT_HASH)
        .join(matched, on=c.MEMBER_ID, how="left")
        .join(matched.withColumnRenamed(c.MATCHES, GOOD) if good is None else good, on=c.MEMBER_ID, how="left")
        .join(_rows_per_member(recommendations, c.RECOMMENDATIONS), on=c.MEMBER_ID, how="left")
        .where(ranked < config.recommendations_per_member)
        .select(*[columns[name].alias(name) for name in SHORTFALLS.columns])
    )


def _with_explanation(
    ranked: DataFrame, members: DataFrame, postings: DataFrame, night: Night, config: RankingConfig, reader: Reader
) -> DataFrame:
    named = F.coalesce(c.NAMED_SKILLS, c.SKILLS)
    skills = distinct_skills(named).alias(c.NAMED_SKILLS)
    name = profile_name(F.col(c.EXPERIENCES), F.col(c.WANTED_TITLES), F.col(c.HEADLINE)).alias(PROFILE_NAME)
    titles = compared_titles(F.col(c.WANTED_TITLES), F.col(c.EXPERIENCES)).alias(_TITLES)
    posting, member = F.col(_POSTING), F.col(_MEMBER)
    fields = {
        "matched_skills": F.col(_MATCHED),
        "missing_skills": skills_beyond(posting[c.NAMED_SKILLS], member[c.NAMED_SKILLS], config.max_unmet_skills),
        "surplus_skills": skills_beyond(member[c.NAMED_SKILLS], posting[c.NAMED_SKILLS], config.max_unmet_skills),
        "requirements_met": requirements_met(posting, member),
        "requirements_unmet": requirements_unmet(posting, member, config.max_unmet_skills),
        "similar_to": F.col(_SIMILAR),
        "sentence": sentence(F.col(_REASONS)),
    }
    asked = nested(
        postings, c.POSTING_ID, _POSTING, [*_EXPLAINED_POSTING, skills, title_words(F.col(c.TITLE)).alias(WORDS)]
    )
    held = nested(
        members,
        c.MEMBER_ID,
        _MEMBER,
        [*_EXPLAINED_MEMBER, folded_skills(named).alias(FOLDED_SKILLS), skills, name, titles],
    )
    return (
        ranked.join(asked, on=c.POSTING_ID, how="inner")
        .join(held, on=c.MEMBER_ID, how="inner")
        .withColumn(_MATCHED, skills_in(posting[c.NAMED_SKILLS], member[FOLDED_SKILLS]))
        .withColumn(_SIMILAR, similar_to(posting[WORDS], member[_TITLES]))
        .withColumn(
            _REASONS,
            reasons(
                *(posting, member, F.col(_MATCHED), F.col(_SIMILAR)),
                run_date=night.run_date,
                config=config,
                reader=reader,
            ),
        )
        .withColumn(c.EXPLANATION, F.struct(*[fields[field].alias(field) for field in EXPLANATION.names]))
    )


def _rows_per_member(rows: DataFrame, name: str) -> DataFrame:
    return rows.groupBy(c.MEMBER_ID).agg(F.count(F.lit(1)).alias(name))
