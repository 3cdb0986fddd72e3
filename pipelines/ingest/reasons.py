"""Columns: why a row is refused."""

import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.ingest.reading import UNREADABLE
from schemas import columns as c

DUPLICATE_ID = "duplicate_id"
DUPLICATE = "duplicate"
OPTED_OUT = "opted_out"


def posting_reasons(run_date: datetime.date, max_age_days: int) -> Column:
    """Every reason that a read posting gives by itself, unsorted; empty: none."""
    oldest = run_date - datetime.timedelta(days=max_age_days)
    expired = F.coalesce(F.col(c.EXPIRES_ON) < F.lit(run_date), F.col(c.POSTED_ON) < F.lit(oldest))
    return _reasons(
        missing_id=_is_missing(c.POSTING_ID),
        missing_title=_is_missing(c.TITLE),
        not_open=F.col(c.STATUS) == "closed",
        expired=expired,
        not_yet_posted=F.col(c.POSTED_ON) > F.lit(run_date),
        dates_contradict=F.col(c.EXPIRES_ON) < F.col(c.POSTED_ON),
        salary_contradicts=F.col(c.SALARY_MIN) > F.col(c.SALARY_MAX),
    )


def member_reasons() -> Column:
    """Every reason that a read member gives, unsorted; empty: none."""
    return _reasons(missing_id=_is_missing(c.MEMBER_ID), opted_out=F.col(c.OPTED_OUT))


def search_reasons(run_date: datetime.date, max_unseen_days: int, *, known: Column, gone: Column) -> Column:
    """Every reason that a read saved search gives, unsorted; empty: none.

    Args:
        run_date: of the night.
        max_unseen_days: since which nobody has looked at what it finds.
        known: true where its member may be served, null elsewhere.
        gone: true where its member has opted out, null elsewhere.
    """
    oldest = run_date - datetime.timedelta(days=max_unseen_days)
    return _reasons(
        missing_id=_is_missing(c.SEARCH_ID),
        missing_member_id=_is_missing(c.MEMBER_ID),
        missing_text=_is_missing(c.TEXT),
        not_active=~F.col(c.ACTIVE),
        not_yet_created=F.col(c.CREATED_ON) > F.lit(run_date),
        unseen=F.col(c.UNSEEN_SINCE) < F.lit(oldest),
        opted_out=gone,
        unknown_member=F.col(c.MEMBER_ID).isNotNull() & known.isNull() & gone.isNull(),
    )


def _is_missing(name: str) -> Column:
    return F.col(name).isNull() & ~F.array_contains(UNREADABLE, F.lit(name))


def _reasons(**conditions: Column) -> Column:
    named = [F.when(condition, F.lit(reason)) for reason, condition in conditions.items()]
    unreadable = F.transform(UNREADABLE, lambda name: F.concat(F.lit("unreadable_"), name))
    return F.concat(F.array_compact(F.array(*named)), unreadable)
