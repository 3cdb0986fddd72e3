"""Stage: what members did with postings, folded into rows of members and of postings."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.ingest.interactions import read_interactions, standing_for
from pipelines.night import Night
from schemas import columns as c
from schemas.interactions import EXCLUDING_KINDS, INTERESTED_KINDS, POSTING_POPULARITY

_IDS = T.ArrayType(T.StringType())


def with_postings_seen(members: DataFrame, decided: DataFrame | None, interested: DataFrame | None) -> DataFrame:
    """Members with the ids of the postings that they decided about, and of those that they were interested in, sorted.

    Args:
        members: any columns, member_id among them.
        decided: see `decisions`; None: nobody has done anything.
        interested: see `interest`.
    """
    for name, pairs in ((c.EXCLUDED_POSTING_IDS, decided), (c.VIEWED_POSTING_IDS, interested)):
        none = F.array().cast(_IDS)
        if pairs is None:
            members = members.withColumn(name, none)
        else:
            ids = pairs.groupBy(c.MEMBER_ID).agg(F.array_sort(F.collect_set(c.POSTING_ID)).alias(name))
            members = members.join(ids, on=c.MEMBER_ID, how="left").withColumn(name, F.coalesce(name, none))
    return members


def decisions(done: DataFrame, refused_postings: DataFrame, *, night: Night) -> DataFrame:
    """Pairs (member_id, posting_id) applied to or dismissed by the night's date; of an unknown date, too.

    What was done to a duplicate was done to it and to the posting that stands for it.

    Args:
        done: the columns of `schemas.interactions.SOURCE`, of any type.
        refused_postings: POSTINGS_REJECTED columns.
    """
    by_now = F.coalesce(F.col(c.OCCURRED_AT) <= F.lit(night.run_date), F.lit(True))
    pairs = _read(done, EXCLUDING_KINDS).where(by_now).select(c.MEMBER_ID, c.POSTING_ID)
    return pairs.unionByName(standing_for(pairs, refused_postings)).distinct()


def interest(done: DataFrame, refused_postings: DataFrame, *, night: Night, days: int) -> DataFrame:
    """Pairs (member_id, posting_id) viewed or applied to within so many days up to the night's date.

    A duplicate counts as the posting that stands for it. Arguments as of `decisions`.
    """
    age = F.datediff(F.lit(night.run_date), F.col(c.OCCURRED_AT))
    pairs = _read(done, INTERESTED_KINDS).where((age >= 0) & (age < days)).select(c.MEMBER_ID, c.POSTING_ID)
    return standing_for(pairs, refused_postings).distinct()


def popularity(interested: DataFrame, *, night: Night) -> DataFrame:
    """Rows of the popularity table, one per posting that anybody was interested in."""
    return (
        interested.groupBy(c.POSTING_ID)
        .agg(F.count(F.lit(1)).alias(c.POPULARITY))
        .withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})
        .select(*POSTING_POPULARITY.columns)
    )


def _read(done: DataFrame, kinds: Sequence[str]) -> DataFrame:
    known = F.col(c.MEMBER_ID).isNotNull() & F.col(c.POSTING_ID).isNotNull()
    return read_interactions(done).where(F.col(c.KIND).isin(*kinds) & known)
