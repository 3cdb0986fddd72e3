"""Kernel: saved searches among queries: what they wish for and who wishes it, blended into one vector and told apart.

The product of a posting with the blend is the blend of its products with both, so the search stays exact.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.retrieval.criteria import Criteria
from pipelines.retrieval.precision import Doubles, Floats, exact_similarity
from pipelines.retrieval.search import Found
from pipelines.retrieval.vectors import AnyIndex

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Wishes:
    """What queries are as saved searches; a row of a member who searches nothing says nothing."""

    is_search: Bools  # [n_queries]
    criteria: Criteria
    wish: Floats  # [n_queries, d], unit
    profile: Floats  # [n_queries, d], unit
    profile_weight: Doubles  # [n_queries]; at 1 there is no wish, at 0 no profile that counts


def blended(wish: Floats, profile: Floats, profile_weight: Doubles) -> Floats:
    """Wish and profile of each row, the profile as heavy as it says, the wish the rest; float32 [n, d].

    >>> rows = np.eye(2, dtype=np.float32)
    >>> blended(rows[:1], rows[1:], np.array([0.25])).tolist()
    [[0.75, 0.25]]
    """
    weight = profile_weight[:, None].astype(np.float32)
    return (1 - weight) * wish + weight * profile


def similarities(found: Found, vectors: Floats, index: AnyIndex) -> Doubles:
    """Similarity of each row found to a vector of its query, rounded as published; [n_pairs].

    Args:
        found: pairs, those of a query one after the other.
        vectors: [n_queries, d].
        index: where the rows are.
    """
    out = np.empty(len(found.query))
    starts = np.flatnonzero(np.diff(found.query, prepend=-1))
    stops = np.append(starts, len(out))[1:]
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        query = vectors[found.query[start]].astype(np.float64)
        out[start:stop] = exact_similarity(query, index.vectors(found.row[start:stop]))
    return out
