"""Stage: staged tables of a night of any size, made without a search, that pass every gate."""

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.night import Night
from schemas import columns as c
from schemas.embeddings import MEMBER_EMBEDDINGS, POSTING_EMBEDDINGS
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import ELIGIBILITY_FUNNEL, MATCH_RECALL, MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.recommendations import RECOMMENDATIONS, SHORTFALLS
from schemas.rejected import MEMBERS_REJECTED, POSTINGS_REJECTED
from schemas.table import Table

STUDENT, INDEX = "student", "index"
_STRIDE = 104_729  # a prime: a member's postings differ
_POSTING = f"concat('P-', lpad(pmod(member * 7919 + place * {_STRIDE}, {{postings}}), 9, '0'))"
_SENTENCE = "'In a region that you named; asks for skills that you have: accounting, tax returns, spreadsheets.'"


def make_tables(spark: SparkSession, folder: Path, night: Night, *, members: int, postings: int) -> None:
    """Every table of the night lies in a folder of its name below `folder`; those that lie there stay.

    Args:
        spark: the session.
        folder: of this size alone.
        night: which the rows are of.
        members: how many; each has 100 matches, 10 recommendations and a text of its own.
        postings: how many, each with a text of its own.
    """
    sizes = {"members": members, "postings": postings}
    for table, (rows, columns) in _recipes(members, postings).items():
        if not (folder / table.name / "_SUCCESS").exists():
            expressions = {name: text.format(**sizes) for name, text in columns.items()}
            _rows(spark, table, rows, expressions, night).write.mode("overwrite").option("compression", "zstd").parquet(
                str(folder / table.name)
            )


def read_table(spark: SparkSession, folder: Path, table: Table) -> DataFrame:
    """The table's rows."""
    return spark.read.schema(table.schema).parquet(str(folder / table.name))


def _recipes(members: int, postings: int) -> dict[Table, tuple[str, Mapping[str, str]]]:
    """Of each table, a query that gives `id` or `member` and `place`, and a Spark SQL expression per column."""
    texts = {
        c.TITLE: "concat('Accountant ', id)",
        c.TEXT: "repeat(concat('a text of some length ', id, ' '), 20)",
        c.CONTENT_HASH: "sha2(concat('{kind}', id), 256)",
    }
    posting = {name: text.replace("{kind}", "p") for name, text in texts.items()} | {
        c.POSTING_ID: "concat('P-', lpad(id, 9, '0'))",
        c.STATUS: "'open'",
        c.COMPANY_KEY: "concat('company ', id % 5000)",
        c.COUNTRY: "'DE'",
        c.REGION: "element_at(array('Hesse', 'Berlin', 'Bavaria'), CAST(id % 3 + 1 AS INT))",
        c.WORK_MODE: "'onsite'",
        c.EMPLOYMENT_TYPE: "'full_time'",
        c.LANGUAGES: "array('de')",
        c.MIN_YEARS: "CAST(id % 3 AS DOUBLE)",
        c.SALARY_MAX: "CAST(50000 AS DOUBLE)",
        c.SALARY_CURRENCY: "'EUR'",
        c.POSTED_ON: "date_sub(run_date, CAST(id % 30 AS INT))",
        c.EXPIRES_ON: "date_add(run_date, CAST(id % 30 AS INT))",
    }
    member = {c.TEXT: texts[c.TEXT], c.CONTENT_HASH: texts[c.CONTENT_HASH].replace("{kind}", "m")} | {
        c.MEMBER_ID: "concat('M-', lpad(id, 9, '0'))",
        c.PLACES: "array(named_struct('country', 'DE', 'region', CAST(NULL AS STRING), 'city', CAST(NULL AS STRING)))",
        c.WORK_MODES: "array('onsite', 'hybrid')",
        c.EMPLOYMENT_TYPES: "array('full_time')",
        c.LANGUAGES: "array('de', 'en')",
        c.YEARS_OF_EXPERIENCE: "CAST(5 AS DOUBLE)",
        c.MIN_SALARY: "CAST(40000 AS DOUBLE)",
        c.SALARY_CURRENCY: "'EUR'",
        c.EXCLUDED_COMPANY_KEYS: "array('another')",
        c.EXCLUDED_POSTING_IDS: "array('P-none')",
    }
    vector = "vector_normalize(transform(sequence(1, 256), at -> CAST(hash(id, at) / 2147483648D + 0.3 AS FLOAT)))"
    embedding = {c.STUDENT_ID: f"'{STUDENT}'", c.VECTOR: vector}
    pair = {
        c.MEMBER_ID: "concat('M-', lpad(member, 9, '0'))",
        c.POSTING_ID: _POSTING,
        c.SIMILARITY: "1 - place / 200D",
        c.STUDENT_ID: f"'{STUDENT}'",
        c.INDEX_ID: f"'{INDEX}'",
    }
    listed = pair | {
        c.RANK: "place",
        c.SCORE: "0.9 - place / 20D - pmod(member, 100) / 400D",
        c.SCORE_PARTS: "map('similarity', 0.5D, 'skills', 0.4D - place / 20D - pmod(member, 100) / 400D)",
        c.BY_LOT: "false",
        c.EXPLANATION: f"named_struct('sentence', {_SENTENCE})",
    }
    refused = {c.SOURCE_ROW: "concat('R-', id)", c.REASONS: "array('expired')"}
    return {
        POSTINGS: (_range(postings), posting),
        POSTINGS_REJECTED: (_range(postings // 5), refused),
        MEMBERS: (_range(members), member),
        MEMBERS_REJECTED: (_range(members // 50), refused),
        POSTING_POPULARITY: (_range(postings // 2), {c.POSTING_ID: posting[c.POSTING_ID], c.POPULARITY: "id + 1"}),
        POSTING_EMBEDDINGS: (_range(postings), embedding | {c.CONTENT_HASH: posting[c.CONTENT_HASH]}),
        MEMBER_EMBEDDINGS: (_range(members), embedding | {c.CONTENT_HASH: member[c.CONTENT_HASH]}),
        MATCHES: (_pairs(members, 100), pair),
        MATCH_RECALL: (_range(3), {c.COHORT: "CAST(id AS STRING)"}),
        ELIGIBILITY_FUNNEL: (_range(8), {c.RULE: "concat('rule ', id)", c.PAIRS_BEFORE: "10L", c.REMOVED: "1L"}),
        SHORTFALLS: (_range(0), {}),
        RECOMMENDATIONS: (_pairs(members, 10), listed),
    }


def _range(rows: int) -> str:
    return f"SELECT id FROM range(0, {rows}, 1, {max(1, rows // 250_000)})"


def _pairs(members: int, places: int) -> str:
    return (
        f"SELECT id AS member, explode(sequence(1, {places})) AS place"
        f" FROM range(0, {members}, 1, {max(1, members * places // 4_000_000)})"
    )


def _rows(spark: SparkSession, table: Table, query: str, columns: Mapping[str, str], night: Night) -> DataFrame:
    stamped = spark.sql(query).withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
    return stamped.select(*(_column(field, columns) for field in table.schema))


def _column(field: T.StructField, columns: Mapping[str, str]) -> Column:
    if field.name in (c.RUN_DATE, c.RUN_ID):
        return F.col(field.name)
    if field.name == c.EXPLANATION and field.name in columns:
        empty = {one.name: F.lit(None).cast(one.dataType) for one in field.dataType}  # type: ignore[attr-defined]
        empty["sentence"] = F.expr(_SENTENCE)
        return F.struct(*(value.alias(name) for name, value in empty.items())).alias(field.name)
    return F.expr(columns.get(field.name, "NULL")).cast(field.dataType).alias(field.name)
