"""Stage: the frames that the quality suites measure, and one row of measures per frame."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.night import Night
from schemas import columns as c
from schemas.suite import Suite


def measure(frame: DataFrame, suite: Suite) -> DataFrame:
    """One row from one pass over `frame`.

    It has the measure of every rule of `suite` under the rule's name, and of every profile `rows_of_<name>` and
    `values_of_<name>`.
    """
    rules = [F.expr(rule.measure).cast("double").alias(rule.name) for rule in suite.rules]
    profiles = [
        column
        for one in suite.profiles
        for column in (
            F.expr(one.rows).cast("bigint").alias(f"rows_of_{one.name}"),
            F.expr(one.values).cast("array<double>").alias(f"values_of_{one.name}"),
        )
    ]
    return frame.agg(*rules, *profiles)


def ingested_rows(accepted: DataFrame, rejected: DataFrame, *, night: Night) -> DataFrame:
    """The accepted rows of a table and its rejected ones, for the gates `postings` and `members`."""
    return (
        accepted.withColumn("accepted", F.lit(True))
        .unionByName(rejected.withColumn("accepted", F.lit(False)), allowMissingColumns=True)
        .transform(expecting, night)
    )


def interaction_days(interactions: DataFrame, *, night: Night) -> DataFrame:
    """The day of each interaction, null where it has none that can be read, for its freshness.

    Args:
        interactions: the columns of `schemas.interactions.SOURCE`, of any type.
        night: which it should be fresh for.
    """
    day = F.col(c.OCCURRED_AT).cast("string").substr(1, len("2026-11-02")).try_cast("date")
    return interactions.select(day.alias("occurred_on")).transform(expecting, night)


def embedded_rows(
    texts: DataFrame, embeddings: DataFrame, *, student_id: str, dimension: int, one_in: int
) -> DataFrame:
    """Each distinct `content_hash` of `texts` with what its vector is like, for the gates of the embeddings.

    A vector is a kilobyte and what is asked of it a few bytes: only those that are drawn travel to their texts.

    Args:
        texts: any frame with a `content_hash`; rows without one are left out.
        embeddings: the vectors that those texts are to be searched by.
        student_id: whose vectors they must be.
        dimension: how long they must be.
        one_in: one text in so many, by its hash, has its vector as `drawn`, if that is as it must be.
    """
    hashes = texts.select(c.CONTENT_HASH).where(F.col(c.CONTENT_HASH).isNotNull()).distinct()
    length, has = F.vector_norm(c.VECTOR), F.size(c.VECTOR)
    is_drawn = (F.pmod(F.xxhash64(c.CONTENT_HASH), F.lit(one_in)) == 0) & (has == dimension)
    vectors = embeddings.select(
        c.CONTENT_HASH,
        c.STUDENT_ID,
        has.alias("dimension"),
        length.alias("length"),
        F.when(is_drawn & (length < float("inf")), F.col(c.VECTOR)).alias("drawn"),
    )
    return hashes.join(vectors, on=c.CONTENT_HASH, how="left").withColumns(
        {"expected_student_id": F.lit(student_id), "expected_dimension": F.lit(dimension)}
    )


def served_members(
    members: DataFrame, recommendations: DataFrame, shortfalls: DataFrame, *, recommendations_per_member: int
) -> DataFrame:
    """One row per member: how many recommendations, at which ranks, and the reason where they are too few."""
    lists = recommendations.groupBy(c.MEMBER_ID).agg(
        F.count(F.lit(1)).alias("recommended"),
        F.min(c.RANK).alias("lowest"),
        F.max(c.RANK).alias("highest"),
        F.size(F.collect_set(c.RANK)).alias("ranks"),
        F.size(F.collect_set(c.POSTING_ID)).alias("postings"),
        F.max(F.when(F.col(c.RELAXATION).isNull(), F.col(c.RANK))).alias("last_asked_for"),
        F.min(F.when(F.col(c.RELAXATION).isNotNull(), F.col(c.RANK))).alias("first_relaxed"),
    )
    reasons = shortfalls.select(c.MEMBER_ID, c.REASON, F.col(c.RECOMMENDATIONS).alias("counted"))
    return (
        members.select(c.MEMBER_ID)
        .join(lists, on=c.MEMBER_ID, how="left")
        .join(reasons, on=c.MEMBER_ID, how="left")
        .fillna(0, subset=["recommended", "ranks", "postings"])
        .withColumn("asked_for", F.lit(recommendations_per_member))
    )


def kept_lists(recommendations: DataFrame, earlier: DataFrame, *, one_in: int) -> DataFrame:
    """One row per member who has a list in both nights: postings of the earlier one, and how many of them are kept.

    Args:
        recommendations: RECOMMENDATIONS columns, of tonight.
        earlier: of the earlier night.
        one_in: one member in so many is looked at, by the hash of the id.
    """
    is_drawn = F.pmod(F.xxhash64(c.MEMBER_ID), F.lit(one_in)) == 0
    lists = [
        rows.where(is_drawn).groupBy(c.MEMBER_ID).agg(F.collect_set(c.POSTING_ID).alias(name))
        for rows, name in ((recommendations, "now"), (earlier, "before"))
    ]
    return (
        lists[0]
        .join(lists[1], on=c.MEMBER_ID, how="inner")
        .select(
            c.MEMBER_ID,
            F.size("before").alias("listed"),
            F.size(F.array_intersect("now", "before")).alias("kept"),
        )
    )


def listed_members(lists: DataFrame, found: DataFrame, *, night: Night) -> DataFrame:
    """One row per posting that has found or lists members: how many, at which ranks, and how many rows of another run.

    Args:
        lists: POSTING_LISTS columns.
        found: POSTING_MATCHES columns.
        night: which the lists should be of.
    """
    keys, run_date, run_id = [c.POSTING_ID, c.MEMBER_ID], F.lit(night.run_date), F.lit(night.run_id)
    is_strange = F.col(c.RANK).isNotNull() & ~(
        F.col(c.RUN_DATE).eqNullSafe(run_date) & F.col(c.RUN_ID).eqNullSafe(run_id)
    )
    return (
        lists.join(found.select(*keys, F.lit(True).alias("found")), on=keys, how="full")
        .groupBy(c.POSTING_ID)
        .agg(
            F.count(F.lit(1)).alias("pairs"),
            F.count("found").alias("found"),
            F.count(c.RANK).alias("listed"),
            F.min(c.RANK).alias("lowest"),
            F.max(c.RANK).alias("highest"),
            F.size(F.collect_set(c.RANK)).alias("ranks"),
            F.size(F.collect_set(c.MEMBER_ID)).alias("members"),
            F.count_if(is_strange).alias("strange"),
        )
    )


def lists_of_each(ranked: DataFrame, key: str, *, most: int) -> DataFrame:
    """One row per posting, or member: on how many rows it is, at which ranks, and how many rows it may be on."""
    counted = ranked.groupBy(key).agg(
        F.count(F.lit(1)).alias("rows"),
        F.min(c.RANK).alias("lowest"),
        F.max(c.RANK).alias("highest"),
        F.size(F.collect_set(c.RANK)).alias("ranks"),
        F.size(F.collect_set(c.MEMBER_ID)).alias("members"),
    )
    return counted.withColumn("most", F.lit(most))


def expecting(rows: DataFrame, night: Night) -> DataFrame:
    """The rows beside what night they should be of."""
    return rows.withColumns({"expected_run_date": F.lit(night.run_date), "expected_run_id": F.lit(night.run_id)})
