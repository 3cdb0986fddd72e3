"""Stage: answer keys and the texts that keyword matching sees."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.night import Night
from schemas import columns as c
from schemas.operations import EVALUATION, STUDENT_EVALUATION

RIGHT = "right"  # posting ids that are right for a member
PLACES = "in_places"  # "country/region" of a document
GAIN = "gain"  # how right a posting is for a member
SLICES = "slices"  # names of the groups that a member is in
_LIKED_KINDS = ("viewed", "applied")


def sample_members(members: DataFrame, *, count: int) -> DataFrame:
    """At most `count` members with something to embed, chosen by the hash of their id."""
    return _sample(members, c.MEMBER_ID, count)


def sample_postings(postings: DataFrame, *, count: int) -> DataFrame:
    """At most `count` postings with something to embed, chosen by the hash of their id."""
    return _sample(postings, c.POSTING_ID, count)


def views_key(
    members: DataFrame, interactions: DataFrame, postings: DataFrame, rejected_postings: DataFrame
) -> DataFrame:
    """The open postings that each member has viewed; members without any are left out."""
    viewed = liked_pairs(interactions, postings, rejected_postings).where(F.col(c.KIND) == "viewed")
    return pairs_key(members, viewed)


def pairs_key(members: DataFrame, pairs: DataFrame) -> DataFrame:
    """The postings that each of the members is paired with; members without any are left out."""
    return _key(pairs.join(members.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner"))


def liked_pairs(interactions: DataFrame, postings: DataFrame, rejected_postings: DataFrame) -> DataFrame:
    """Rows (member_id, posting_id, kind, occurred_at) of members who viewed an open posting or applied to it.

    A duplicate counts as the posting that stands for it.
    """
    stands_for = rejected_postings.select(F.col(c.SOURCE_ROW).alias(c.POSTING_ID), c.DUPLICATE_OF)
    return (
        interactions.where(F.col(c.KIND).isin(*_LIKED_KINDS) & F.col(c.MEMBER_ID).isNotNull())
        .join(stands_for, on=c.POSTING_ID, how="left")
        .withColumn(c.POSTING_ID, F.coalesce(c.DUPLICATE_OF, c.POSTING_ID))
        .join(postings.select(c.POSTING_ID), on=c.POSTING_ID, how="inner")
        .select(c.MEMBER_ID, c.POSTING_ID, c.KIND, c.OCCURRED_AT)
    )


def occupation_key(
    members: DataFrame, member_truth: DataFrame, postings: DataFrame, posting_truth: DataFrame
) -> DataFrame:
    """The open postings of the member's own or a related occupation."""
    return _key(occupation_gains(members, member_truth, postings, posting_truth))


def occupation_gains(
    members: DataFrame, member_truth: DataFrame, postings: DataFrame, posting_truth: DataFrame
) -> DataFrame:
    """A row (member_id, posting_id, gain) for each open posting of the member's own (2) or a related occupation (1)."""
    named = member_truth.groupBy(c.MEMBER_ID).agg(  # an id that the feed repeats has one occupation
        F.min("occupation").alias("own"), F.min("related").alias("related")
    )
    known = named.join(members.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner")
    wanted = known.withColumn("occupation", F.explode(F.array_union(F.array("own"), F.col("related"))))
    given = posting_truth.select(c.POSTING_ID, "occupation").join(
        postings.select(c.POSTING_ID), on=c.POSTING_ID, how="inner"
    )
    gain = F.when(F.col("occupation") == F.col("own"), 2.0).otherwise(1.0)
    return wanted.join(given, on="occupation", how="inner").select(c.MEMBER_ID, c.POSTING_ID, gain.alias(GAIN))


def truth_queries(members: DataFrame) -> DataFrame:
    """The embedded text of each member, and the slices (names) that the member is in."""
    seniority = F.concat(F.lit("seniority "), F.coalesce(c.SENIORITY, F.lit("unknown")))
    cold = F.when(F.coalesce(F.size(c.EXPERIENCES), F.lit(0)) <= 0, "no experience")
    return members.select(c.MEMBER_ID, c.TEXT, F.array_compact(F.array(seniority, cold)).alias(SLICES))


def member_documents(members: DataFrame, *, titles_only: bool) -> DataFrame:
    """A text and the places of each member; the whole embedding text, or wanted and past titles alone."""
    titles = F.concat_ws(". ", c.WANTED_TITLES, c.HEADLINE, F.transform(c.EXPERIENCES, lambda one: one["title"]))
    return members.select(
        F.col(c.MEMBER_ID).alias("id"),
        F.coalesce(titles if titles_only else F.col(c.TEXT), F.lit("")).alias(c.TEXT),
        F.transform(c.PLACES, lambda place: _place(place["country"], place["region"])).alias(PLACES),
    )


def posting_documents(postings: DataFrame, *, titles_only: bool) -> DataFrame:
    """A text and the place of each posting; the whole embedding text, or the title alone."""
    return postings.select(
        F.col(c.POSTING_ID).alias("id"),
        F.col(c.TITLE if titles_only else c.TEXT).alias(c.TEXT),
        F.array(_place(F.col(c.COUNTRY), F.col(c.REGION))).alias(PLACES),
    )


def published_lists(recommendations: DataFrame, members: DataFrame, *, k: int) -> DataFrame:
    """Each member's first `k` posting ids, in order, as `list`."""
    chosen = recommendations.where(F.col(c.RANK) <= k).join(members.select(c.MEMBER_ID), on=c.MEMBER_ID, how="inner")
    ranked = F.array_sort(F.collect_list(F.struct(c.RANK, c.POSTING_ID)))
    return chosen.groupBy(c.MEMBER_ID).agg(F.transform(ranked, lambda one: one[c.POSTING_ID]).alias("list"))


def evaluation_rows(figures: DataFrame, *, night: Night) -> DataFrame:
    """Figures (dataset, slice, method, against, name, value, low, high, members) as rows of the evaluation table."""
    return _of_night(figures, night).select(*EVALUATION.columns)


def student_evaluation_rows(figures: DataFrame, *, night: Night) -> DataFrame:
    """Figures (dataset, slice, method, metric, value, low, high, queries) as rows of the student evaluation's table."""
    return _of_night(figures, night).select(*STUDENT_EVALUATION.columns)


def _of_night(figures: DataFrame, night: Night) -> DataFrame:
    return figures.withColumns({c.RUN_DATE: F.lit(night.run_date), c.RUN_ID: F.lit(night.run_id)})


def _sample(entities: DataFrame, key: str, count: int) -> DataFrame:
    return entities.where(F.col(c.CONTENT_HASH).isNotNull()).orderBy(F.xxhash64(key), key).limit(count)


def _key(pairs: DataFrame) -> DataFrame:
    return pairs.groupBy(c.MEMBER_ID).agg(F.collect_set(c.POSTING_ID).alias(RIGHT))


def _place(country: Column, region: Column) -> Column:
    return F.concat_ws("/", country, region)
