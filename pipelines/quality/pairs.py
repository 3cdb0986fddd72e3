"""Stage: recommendations and matches beside their postings and members, with each hard rule judged anew."""

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.night import Night
from pipelines.quality.criteria import CRITERIA_SUIT
from pipelines.quality.eligibility import SUITS, place_suits_as_marked
from pipelines.quality.stage import expecting
from schemas import columns as c

_POSTING, _MEMBER = "posting", "member"
_POSTING_FIELDS = (
    *(c.STATUS, c.EXPIRES_ON, c.COMPANY_KEY, c.COUNTRY, c.REGION, c.WORK_MODE, c.EMPLOYMENT_TYPE),
    *(c.LANGUAGES, c.MIN_YEARS, c.SALARY_MAX, c.SALARY_CURRENCY),
)
_MEMBER_FIELDS = (
    *(c.PLACES, c.WORK_MODES, c.EMPLOYMENT_TYPES, c.LANGUAGES, c.YEARS_OF_EXPERIENCE),
    *(c.MIN_SALARY, c.SALARY_CURRENCY, c.EXCLUDED_COMPANY_KEYS, c.EXCLUDED_POSTING_IDS, c.OPEN_TO_RECRUITERS),
)


def hashed_pairs(pairs: DataFrame) -> DataFrame:
    """The pair of each row as two hashes of 64 bits each, for the rule that none is there twice.

    16 bytes a pair travel to where they are counted, not two strings. That any two of 1e10 pairs have the same 128 bits
    has a probability of 1e-19.
    """
    return pairs.select(
        F.xxhash64(c.MEMBER_ID, c.POSTING_ID).alias("hash"), F.xxhash64(c.POSTING_ID, c.MEMBER_ID).alias("other_hash")
    )


def known_keys(pairs: DataFrame, entities: DataFrame, *, key: str) -> DataFrame:
    """One row per `key` of the pairs: how many rows have it, and whether it is one of the entities.

    Pairs are counted before they are joined: a member has a hundred, and a posting more.
    """
    counted = pairs.groupBy(key).agg(F.count(F.lit(1)).alias("rows"))
    named = entities.select(F.col(key), F.lit(True).alias("named"))
    return counted.join(named, on=key, how="left").withColumn("known", F.coalesce("named", F.lit(False)))


def paired_rows(
    pairs: DataFrame,
    members: DataFrame,
    postings: DataFrame,
    *,
    night: Night,
    unknown_excludes: Collection[str],
    posting_fields: Collection[str] = (),
    member_fields: Collection[str] = (),
) -> DataFrame:
    """Recommendations or matches beside their postings and members, with each hard rule judged anew.

    A pair whose posting or member is unknown breaks the rule about that and no other. A pair that says which wish was
    relaxed for it (`relaxation`) keeps all other rules, and lies no further than that. Nothing else of the pairs is
    kept: rows are moved to their postings and members, and explanations are long.

    Args:
        pairs: member_id, posting_id and any others.
        members: MEMBERS columns.
        postings: POSTINGS columns.
        night: which the pairs should be of.
        unknown_excludes: rules that an unknown value of the posting fails.
        posting_fields: further ones, for rules of the caller.
        member_fields: likewise.
    """
    posting, member = F.col(_POSTING), F.col(_MEMBER)
    is_known = posting.isNotNull() & member.isNotNull()
    suits = {
        rule: F.coalesce(suits(posting, member), F.lit(rule not in unknown_excludes)) for rule, suits in SUITS.items()
    }
    if c.RELAXATION in pairs.columns:
        marked = F.col(c.RELAXATION)
        suits["place"] = place_suits_as_marked(posting, member, marked, "place" not in unknown_excludes)
    kept = {f"{rule}_rule_kept": ~is_known | one for rule, one in suits.items()}
    named = [name for name in (c.MEMBER_ID, c.POSTING_ID, c.RELAXATION) if name in pairs.columns]
    return (
        pairs.select(*named)
        .join(
            _nested(postings, c.POSTING_ID, _POSTING, (*_POSTING_FIELDS, *posting_fields)), on=c.POSTING_ID, how="left"
        )
        .join(_nested(members, c.MEMBER_ID, _MEMBER, (*_MEMBER_FIELDS, *member_fields)), on=c.MEMBER_ID, how="left")
        .withColumns(kept)
        .transform(expecting, night)
    )


def searched_rows(
    listed: DataFrame, searchers: DataFrame, postings: DataFrame, *, night: Night, unknown_excludes: Collection[str]
) -> DataFrame:
    """Recommendations of saved searches as `paired_rows`, with each criterion of the search judged anew as well.

    Args:
        listed: RECOMMENDATIONS columns and any others, the search's id in the place of the member's.
        searchers: MEMBERS columns and `criteria`, likewise.
        postings: POSTINGS columns.
        night: which they should be of.
        unknown_excludes: see `paired_rows`.
    """
    facts, asked = (c.TITLE, c.SENIORITY, c.POSTED_ON, c.CITY), (c.CRITERIA,)
    pairs = paired_rows(
        *(listed, searchers, postings),
        night=night,
        unknown_excludes=unknown_excludes,
        posting_fields=facts,
        member_fields=asked,
    )
    posting, criteria = F.col(_POSTING), F.col(_MEMBER)[c.CRITERIA]
    is_known = posting.isNotNull() & F.col(_MEMBER).isNotNull()
    suits = {rule: suits(posting, criteria, night.run_date) for rule, suits in CRITERIA_SUIT.items()}
    return pairs.withColumns({f"{rule}_criterion_kept": ~is_known | one for rule, one in suits.items()})


def _nested(rows: DataFrame, key: str, name: str, fields: Collection[str]) -> DataFrame:
    return rows.select(key, F.struct(key, *fields).alias(name))
