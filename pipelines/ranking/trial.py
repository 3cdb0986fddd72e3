"""Kernel: a ranker on trial: the orders that it is held against, the groups that it is looked at in, and what it lacks.

`rows` are those of `lessons`: a row per pair, with a column per feature.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipelines.evaluation.night_figures import NightFigure
from pipelines.ranking.calibration import Bools, Doubles, Reliability
from schemas import columns as c

LEARNED, WEIGHTS, SIMILAR, BLEND = "ranker", "configured weights", "similarity", "blend by hand"


def lists_by(rows: pd.DataFrame, score: Doubles, k: int) -> dict[str, list[str]]:
    """Each member's first `k` postings by falling score, equal ones by id."""
    best = rows[[c.MEMBER_ID, c.POSTING_ID]].assign(score=-score).sort_values(["score", c.POSTING_ID])
    return {str(member): ids.head(k).tolist() for member, ids in best.groupby(c.MEMBER_ID)[c.POSTING_ID]}


def by_hand(rows: pd.DataFrame) -> Doubles:
    """Similarity, place and popularity, added up as one would by hand; an unknown place is an average one."""
    near = rows["nearness"].fillna(2.0) if "nearness" in rows else 0.0
    return np.asarray(rows.get("popularity", 0.0) + 2 * rows["similarity"] + near / 2)


def slices_of(rows: pd.DataFrame) -> Mapping[str, Bools]:
    """Groups of pairs whose calibration is looked at apart."""
    near = rows["similarity"].to_numpy()
    groups = {"nearest tenth": near >= np.quantile(near, 0.9), "farthest tenth": near <= np.quantile(near, 0.1)}
    if "popularity" in rows:
        popular = rows["popularity"].to_numpy()
        groups |= {"of interest to nobody else": popular == 0, "of interest to others": popular > 0}
    if "nearness" in rows:
        groups |= {"no place named": rows["nearness"].isna().to_numpy()}
        groups |= {f"nearness {level:.0f}": (rows["nearness"] == level).to_numpy() for level in range(5)}
    if "wanted_title" in rows:
        groups |= {"no wish named": rows["wanted_title"].isna().to_numpy()}
    return groups


def shortcomings(
    figures: Sequence[NightFigure], reliable: Sequence[Reliability], *, metric: str, most: float
) -> list[str]:
    """Why the ranker may not serve, in words: its score is no probability, or it orders not surely better; else none.

    Args:
        figures: of the trial, the ranker's lead over the configured weights among them.
        reliable: of all pairs and of slices.
        metric: by which it must lead.
        most: expected calibration error that is allowed.
    """
    wrong = [
        f"calibration error {one.error:.4f} of {one.pairs:,} pairs, {one.slice}: above {most}"
        for one in reliable
        if one.error > most
    ]
    lead = next(one for one in figures if one.against == WEIGHTS and one.name == metric)
    if lead.low is None or lead.low <= 0:
        wrong.append(f"{metric} is not surely above that of the configured weights: {lead.value:+.4f}, from {lead.low}")
    return wrong
