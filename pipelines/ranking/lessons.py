"""Stage: the pairs that a ranker learns from: a night's matches, as that night saw them, and what came of them."""

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.ranking.config import LearnerConfig
from pipelines.ranking.pairs import SIGNALS
from schemas import columns as c

INTERESTED, WEIGHT, FOLD = "interested", "weight", "fold"
RIGHT: Final = "right"


def lessons(signalled: DataFrame, right: DataFrame, shown: DataFrame | None, config: LearnerConfig) -> DataFrame:
    """Rows (member_id, posting_id, a column per signal, interested, weight, fold).

    A pair of interest that was shown at place r counts log2(1 + r) times: where few look, one look says more
    (position bias as DCG has it; Joachims, Swaminathan and Schnabel 2017).

    Args:
        signalled: the matches of the members of `right`, `pairs.with_signals` of `FeatureScoring`.
        right: columns member_id and `right`, the ids that were of interest.
        shown: RECOMMENDATIONS columns of the night, where interest came after them; None: it came before.
        config: how it learns.
    """
    interested = F.array_contains(F.col(RIGHT), F.col(c.POSTING_ID))
    pairs = signalled.join(right, on=c.MEMBER_ID, how="inner")
    place = F.lit(1)
    if shown is not None:
        pairs = pairs.join(shown.select(c.MEMBER_ID, c.POSTING_ID, c.RANK), on=[c.MEMBER_ID, c.POSTING_ID], how="left")
        place = F.coalesce(F.col(c.RANK), F.lit(1))
    weight = F.least(F.log2(F.lit(1.0) + place), F.lit(config.max_exposure_weight))
    return pairs.select(
        c.MEMBER_ID,
        c.POSTING_ID,
        f"{SIGNALS}.*",
        interested.alias(INTERESTED),
        F.when(interested, weight).otherwise(F.lit(1.0)).alias(WEIGHT),
        F.pmod(F.xxhash64(c.MEMBER_ID, F.lit(config.seed)), F.lit(config.folds)).alias(FOLD),
    )
