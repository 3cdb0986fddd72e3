"""Kernel: exact top k among eligible rows of one shard, independent of how postings lie in shards and blocks.

FAISS finds the nearest rows in float32, whose rounding depends on the shape of the product; each row found is scored
again in float64 and rounded, and a member is finished only when no row left out could still enter its k, equal scores
included. Otherwise more is fetched for that member, up to all rows.
"""

from collections.abc import Collection
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from pipelines.retrieval.eligibility import MemberTerms, PostingTerms, allowed_pairs

DECIMALS = 6  # of a published similarity; scores that agree to here are equal, and the posting id decides
_FETCH_GROWTH = 4
_SCORE_BLOCK = 1 << 22  # float64 numbers held at once while scoring again: 32 MiB

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass
class Best:
    """Running top k per member, best first; -inf and b"" where fewer were found."""

    similarity: npt.NDArray[np.float64]  # [n_members, k]
    posting_id: npt.NDArray[np.bytes_]  # [n_members, k]

    @classmethod
    def none(cls, members: int, k: int) -> "Best":
        """Nothing found yet."""
        return cls(np.full((members, k), -np.inf), np.zeros((members, k), dtype="S1"))

    def merged(self, members: Rows, similarity: npt.NDArray[np.float64], ids: npt.NDArray[np.bytes_]) -> "Best":
        """The top k of what these members had and what is new, by similarity, then posting id."""
        all_similarity = np.concatenate([self.similarity[members], similarity], axis=1)
        all_ids = np.concatenate([self.posting_id[members], ids], axis=1)
        k = self.similarity.shape[1]
        order = np.lexsort((all_ids, -all_similarity), axis=1)[:, :k]
        return Best(np.take_along_axis(all_similarity, order, 1), np.take_along_axis(all_ids, order, 1))

    def put(self, members: Rows, found: "Best") -> None:
        """Replace the rows of these members."""
        if found.posting_id.dtype.itemsize > self.posting_id.dtype.itemsize:
            self.posting_id = self.posting_id.astype(found.posting_id.dtype)
        self.similarity[members] = found.similarity
        self.posting_id[members] = found.posting_id


def one_thread() -> None:
    """FAISS uses one thread, and BLAS for small batches too (since 1.14.2 it does not, at a fifth of the speed)."""
    faiss.omp_set_num_threads(1)
    faiss.cvar.distance_compute_blas_threshold = 2560


def search_rows(
    best: Best,
    members: Rows,
    *,
    queries: Floats,
    terms: MemberTerms,
    vectors: Floats,
    postings: PostingTerms,
    margin: int,
    unknown_excludes: Collection[str] = (),
) -> None:
    """`best` of `members` holds the top k of what it held and of all allowed rows of `vectors`.

    Args:
        best: of a whole block of members; only the rows `members` change.
        members: int64 [n], rows of the block.
        queries: float32 [n_block, d], unit vectors.
        terms: of the whole block.
        vectors: float32 [n_rows, d], unit vectors, contiguous.
        postings: of the same rows as `vectors`.
        margin: rows fetched beyond k at first.
    """
    left, fetch = members, min(len(vectors), best.similarity.shape[1] + margin)
    error = rounding_error(vectors.shape[1])
    while len(left):
        approximate, rows = faiss.knn(queries[left], vectors, fetch, metric=faiss.METRIC_INNER_PRODUCT)
        similarity = exact_similarity(queries[left], vectors, rows)
        allowed = allowed_pairs(terms.take(left), postings, rows, unknown_excludes)
        similarity[~allowed] = -np.inf
        found = best.merged(left, similarity, postings.posting_id[rows])
        finished = np.full(len(left), fetch == len(vectors)) | (found.similarity[:, -1] > approximate[:, -1] + error)
        best.put(left[finished], Best(found.similarity[finished], found.posting_id[finished]))
        left, fetch = left[~finished], min(len(vectors), fetch * _FETCH_GROWTH)


def exact_similarity(queries: Floats, vectors: Floats, rows: Rows) -> npt.NDArray[np.float64]:
    """Inner products of each query with its rows, rounded to `DECIMALS`; a pair's value depends on the pair alone.

    Products of two float32 are exact in float64, and numpy adds a row of fixed length in a fixed order.

    Args:
        queries: float32 [n, d].
        vectors: float32 [n_rows, d].
        rows: int64 [n, n_found].
    """
    out = np.empty(rows.shape, dtype=np.float64)
    step = max(1, _SCORE_BLOCK // (rows.shape[1] * vectors.shape[1]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        products = vectors[rows[part]].astype(np.float64) * queries[part, None, :]
        out[part] = products.sum(axis=-1)
    return np.round(out, DECIMALS)


def rounding_error(dimension: int) -> float:
    """Most by which a float32 inner product of unit vectors, in any order of summation, differs from the rounded one.

    d * u for the sum (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1), with a twofold allowance
    for vectors that are unit only to float32, plus half a unit of the last decimal kept.
    """
    return 2 * dimension * float(np.finfo(np.float32).eps) / 2 + 0.5 * 10.0**-DECIMALS
