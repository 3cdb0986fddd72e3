"""Members: people with a profile, as a source gives them and as the night uses them."""

from pyspark.sql import types as T

from schemas import columns as c
from schemas.table import Table, columns_of

EXPERIENCE = columns_of(
    title=T.StringType(),
    company=T.StringType(),
    description=T.StringType(),
    started_on=T.DateType(),
    ended_on=T.DateType(),  # null with a `started_on`: the current position
)
PLACE = columns_of(
    country=T.StringType(),
    region=T.StringType(),  # null: the whole country
    city=T.StringType(),  # ranks, and never excludes; null: the whole region
)

SOURCE = columns_of(
    **{
        c.MEMBER_ID: T.StringType(),
        c.HEADLINE: T.StringType(),
        c.ABOUT: T.StringType(),
        c.EXPERIENCES: T.ArrayType(EXPERIENCE),
        c.WANTED_TITLES: T.ArrayType(T.StringType()),
        c.SKILLS: T.ArrayType(T.StringType()),
        c.YEARS_OF_EXPERIENCE: T.DoubleType(),
        c.SENIORITY: T.StringType(),
        c.PLACES: T.ArrayType(PLACE),
        c.WORK_MODES: T.ArrayType(T.StringType()),
        c.EMPLOYMENT_TYPES: T.ArrayType(T.StringType()),
        c.LANGUAGES: T.ArrayType(T.StringType()),
        c.MIN_SALARY: T.DoubleType(),  # per year, in `salary_currency`
        c.SALARY_CURRENCY: T.StringType(),
        c.BLOCKED_COMPANIES: T.ArrayType(T.StringType()),
        c.OPEN_TO_RECRUITERS: T.BooleanType(),  # consent to be found by postings; only true is
        c.OPTED_OUT: T.BooleanType(),
    }
)

MEMBERS = Table(
    name="members",
    key=(c.MEMBER_ID,),
    partition=c.RUN_DATE,
    schema=columns_of(
        **{c.RUN_DATE: T.DateType(), c.RUN_ID: T.StringType()},
        **{field.name: field.dataType for field in SOURCE if field.name != c.OPTED_OUT},
        **{
            c.EXCLUDED_COMPANY_KEYS: T.ArrayType(T.StringType()),  # blocked companies and current employers
            c.EXCLUDED_POSTING_IDS: T.ArrayType(T.StringType()),  # applied to or dismissed
            c.VIEWED_POSTING_IDS: T.ArrayType(T.StringType()),  # viewed or applied to of late; one who did counts there
            c.TEXT: T.StringType(),  # what is embedded, without identity words; null: nothing is known about the work
            c.NAMED_SKILLS: T.ArrayType(
                T.StringType()
            ),  # of `skills` and of what the member says, as the gazetteer calls them
            c.CONTENT_HASH: T.StringType(),
        },
    ),
)
