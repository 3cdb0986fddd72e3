"""Stage: matches become ranked, explained recommendations, and members left short are named with the reason."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipelines.night import Night
from pipelines.ranking.config import RankingConfig, Weights
from pipelines.ranking.explanation import PROFILE_NAME, profile_name, reasons, sentence
from pipelines.ranking.parts import FOLDED_SKILLS, score_parts
from pipelines.ranking.places import NEARNESS, nearness
from pipelines.ranking.requirements import requirements_met, requirements_unmet
from pipelines.ranking.similar_titles import WORDS, compared_titles, similar_to, title_words
from pipelines.ranking.skills import distinct_skills, folded_skills, skills_beyond, skills_in
from schemas import columns as c
from schemas.recommendations import EXPLANATION, RECOMMENDATIONS, SHORTFALLS

_POSTING, _MEMBER, _PARTS, _CAPPED = "posting", "member", "parts", "capped"
_MATCHED, _REASONS, _SIMILAR, _TITLES = "matched", "reasons", "similar", "titles"
_SO_FAR = (Window.unboundedPreceding, Window.currentRow)

_SCORED_POSTING = (c.COMPANY_KEY, c.COUNTRY, c.REGION, c.CITY, c.WORK_MODE, c.SENIORITY, c.POSTED_ON)
_SCORED_MEMBER = (c.PLACES, c.SENIORITY)
_EXPLAINED_POSTING = (
    *(c.COUNTRY, c.REGION, c.CITY, c.WORK_MODE, c.EMPLOYMENT_TYPE, c.MIN_YEARS, c.LANGUAGES),
    *(c.SALARY_MAX, c.SALARY_CURRENCY, c.POSTED_ON),
)
_EXPLAINED_MEMBER = (
    *(c.WORK_MODES, c.EMPLOYMENT_TYPES, c.YEARS_OF_EXPERIENCE, c.LANGUAGES),
    *(c.MIN_SALARY, c.SALARY_CURRENCY),
)


def rank_matches(
    matches: DataFrame,
    members: DataFrame,
    postings: DataFrame,
    *,
    night: Night,
    config: RankingConfig,
    config_hash: str,
) -> DataFrame:
    """At most `recommendations_per_member` recommendations per member, ranked from 1 without gaps.

    Postings of one company beyond `per_company` rank after all others, so the score may rise again where they begin;
    they are not dropped, so the cap leaves nobody short. A match of an unknown member or posting is not ranked.
    """
    return (
        matches.select(c.MEMBER_ID, c.POSTING_ID, c.SIMILARITY, c.STUDENT_ID, c.INDEX_ID)
        .transform(_with_scores, members, postings, night, config)
        .transform(_best_ranked, config)
        .transform(_with_explanation, members, postings, night, config)
        .withColumns(
            {c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id), c.CONFIG_HASH: F.lit(config_hash)}
        )
        .select(*RECOMMENDATIONS.columns)
    )


def find_shortfalls(
    members: DataFrame,
    matches: DataFrame,
    recommendations: DataFrame,
    *,
    night: Night,
    config: RankingConfig,
    matches_per_member: int,
) -> DataFrame:
    """One row per member with fewer recommendations than asked for, with the reason.

    The reason is null where none of the known ones holds, as when a found match was lost on the way: a defect, which
    the recommendations gate refuses.
    """
    found, ranked = F.coalesce(F.col(c.MATCHES), F.lit(0)), F.coalesce(F.col(c.RECOMMENDATIONS), F.lit(0))
    search_was_exhausted = (found < matches_per_member) & (ranked == found)
    reason = (
        F.when(F.col(c.CONTENT_HASH).isNull(), "empty_profile")
        .when(found == 0, "no_eligible_posting")
        .when(search_was_exhausted, "few_eligible_postings")
    )
    columns = {
        c.RUN_DATE: F.lit(night.run_date),
        c.RUN_ID: F.lit(night.run_id),
        c.MEMBER_ID: F.col(c.MEMBER_ID),
        c.MATCHES: found,
        c.RECOMMENDATIONS: ranked,
        c.REASON: reason,
    }
    return (
        members.select(c.MEMBER_ID, c.CONTENT_HASH)
        .join(_rows_per_member(matches, c.MATCHES), on=c.MEMBER_ID, how="left")
        .join(_rows_per_member(recommendations, c.RECOMMENDATIONS), on=c.MEMBER_ID, how="left")
        .where(ranked < config.recommendations_per_member)
        .select(*[columns[name].alias(name) for name in SHORTFALLS.columns])
    )


def _with_scores(
    matches: DataFrame, members: DataFrame, postings: DataFrame, night: Night, config: RankingConfig
) -> DataFrame:
    folded = folded_skills(F.col(c.SKILLS)).alias(FOLDED_SKILLS)
    parts = score_parts(F.col(_POSTING), F.col(_MEMBER), night.run_date, config)
    total = sum((F.col(_PARTS)[name] for name in parts), F.lit(0.0))
    asked = _nested(postings, c.POSTING_ID, _POSTING, [*_SCORED_POSTING, folded])
    held = _nested(members, c.MEMBER_ID, _MEMBER, [*_SCORED_MEMBER, folded])
    return (
        matches.join(asked, on=c.POSTING_ID, how="inner")
        .join(held, on=c.MEMBER_ID, how="inner")
        .withColumn(NEARNESS, nearness(F.col(_POSTING), F.col(_MEMBER)))
        .withColumn(_PARTS, F.struct(*[part.alias(name) for name, part in parts.items()]))
        .withColumn(c.SCORE, F.least(F.lit(1.0), total))  # weights sum to 1 only as far as floats do
        .withColumn(c.COMPANY_KEY, F.col(_POSTING)[c.COMPANY_KEY])
        .drop(_POSTING, _MEMBER)
    )


def _best_ranked(scored: DataFrame, config: RankingConfig) -> DataFrame:
    best_first = [F.col(c.SCORE).desc(), F.col(c.POSTING_ID).asc()]
    of_company = Window.partitionBy(c.MEMBER_ID, c.COMPANY_KEY).orderBy(*best_first)
    of_member = Window.partitionBy(c.MEMBER_ID).orderBy(F.col(_CAPPED).asc(), *best_first)
    beyond_cap = F.row_number().over(of_company.rowsBetween(*_SO_FAR)) > config.per_company
    return (
        scored.repartition(c.MEMBER_ID)  # both windows then need no other shuffle: 5.5 s for 7.8 s per million matches
        .withColumn(_CAPPED, F.col(c.COMPANY_KEY).isNotNull() & beyond_cap)
        .withColumn(c.RANK, F.row_number().over(of_member.rowsBetween(*_SO_FAR)))
        .where(F.col(c.RANK) <= config.recommendations_per_member)
        .drop(_CAPPED, c.COMPANY_KEY)
    )


def _with_explanation(
    ranked: DataFrame, members: DataFrame, postings: DataFrame, night: Night, config: RankingConfig
) -> DataFrame:
    named = F.coalesce(c.NAMED_SKILLS, c.SKILLS)
    skills = distinct_skills(named).alias(c.NAMED_SKILLS)
    name = profile_name(F.col(c.EXPERIENCES), F.col(c.WANTED_TITLES), F.col(c.HEADLINE)).alias(PROFILE_NAME)
    titles = compared_titles(F.col(c.WANTED_TITLES), F.col(c.EXPERIENCES)).alias(_TITLES)
    parts = [field for part in Weights.model_fields for field in (F.lit(part), F.col(_PARTS)[part])]
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
    asked = _nested(
        postings, c.POSTING_ID, _POSTING, [*_EXPLAINED_POSTING, skills, title_words(F.col(c.TITLE)).alias(WORDS)]
    )
    held = _nested(
        members,
        c.MEMBER_ID,
        _MEMBER,
        [*_EXPLAINED_MEMBER, folded_skills(named).alias(FOLDED_SKILLS), skills, name, titles],
    )
    return (
        ranked.join(asked, on=c.POSTING_ID, how="inner")
        .join(held, on=c.MEMBER_ID, how="inner")
        .withColumn(c.SCORE_PARTS, F.create_map(*parts))
        .withColumn(_MATCHED, skills_in(posting[c.NAMED_SKILLS], member[FOLDED_SKILLS]))
        .withColumn(_SIMILAR, similar_to(posting[WORDS], member[_TITLES]))
        .withColumn(
            _REASONS, reasons(posting, member, F.col(_MATCHED), F.col(_SIMILAR), run_date=night.run_date, config=config)
        )
        .withColumn(c.EXPLANATION, F.struct(*[fields[field].alias(field) for field in EXPLANATION.names]))
    )


def _nested(rows: DataFrame, key: str, name: str, fields: list[Column | str]) -> DataFrame:
    return rows.select(key, F.struct(*fields).alias(name))


def _rows_per_member(rows: DataFrame, name: str) -> DataFrame:
    return rows.groupBy(c.MEMBER_ID).agg(F.count(F.lit(1)).alias(name))
