"""Postings: advertised vacancies, as a source gives them and as the night uses them."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

SOURCE = columns_of(
    **{
        c.POSTING_ID: T.StringType(),
        c.TITLE: T.StringType(),
        c.COMPANY: T.StringType(),
        c.DESCRIPTION: T.StringType(),
        c.SKILLS: T.ArrayType(T.StringType()),
        c.COUNTRY: T.StringType(),  # ISO 3166-1 alpha-2
        c.REGION: T.StringType(),
        c.CITY: T.StringType(),
        c.WORK_MODE: T.StringType(),  # WORK_MODES
        c.EMPLOYMENT_TYPE: T.StringType(),  # EMPLOYMENT_TYPES
        c.SENIORITY: T.StringType(),  # SENIORITIES
        c.MIN_YEARS: T.DoubleType(),  # years of experience asked for
        c.LANGUAGES: T.ArrayType(T.StringType()),  # ISO 639-1, all of them required
        c.SALARY_MIN: T.DoubleType(),  # per year
        c.SALARY_MAX: T.DoubleType(),  # per year
        c.SALARY_CURRENCY: T.StringType(),  # ISO 4217
        c.POSTED_ON: T.DateType(),
        c.EXPIRES_ON: T.DateType(),  # last day on which one can apply
        c.STATUS: T.StringType(),  # STATUSES
    }
)

POSTINGS = Table(
    name="postings",
    key=(c.POSTING_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{c.RUN_DATE: T.DateType(), c.RUN_ID: T.StringType()},
        **{field.name: field.dataType for field in SOURCE},
        **{
            c.COMPANY_KEY: T.StringType(),  # company name, folded; equal keys are one company
            c.CLUSTER_ID: T.StringType(),  # posting_id of the posting that stands for its duplicates
            c.TEXT: T.StringType(),  # what is embedded
            c.NAMED_SKILLS: T.ArrayType(
                T.StringType()
            ),  # of `skills`, title and description, as the gazetteer calls them
            c.CONTENT_HASH: T.StringType(),  # sha256 of `text`, hex
        },
    ),
)
