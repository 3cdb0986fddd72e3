"""Kernel: what ranks documents for queries: vectors of any model, and keyword matching.

A ranker is called with the queries' texts, the documents' texts and k; it returns positions of documents, best first,
int64 [n_queries, min(k, n_documents)]. Scores are compared at six decimals and equal ones go by position: equal texts
tie, whatever the order of the additions. Keyword matching finds no document without a shared word; -1 fills its places.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

Matrix = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
Encode = Callable[[Sequence[str]], Matrix]
Ranker = Callable[[Sequence[str], Sequence[str], int], Positions]

_DECIMALS = 6
_BLOCK_SCORES = 2**23  # of one block of queries against all documents: 32 MiB
_WORD = r"(?u)\b\w+\b"
_K1, _B = 1.2, 0.75


def vectors(encode: Encode, dimension: int | None = None, *, asking: Encode | None = None) -> Ranker:
    """Nearest by inner product of the model's unit vectors.

    Args:
        encode: texts -> float32 [n, d], unit length.
        asking: the same for queries, where another model reads them.
        dimension: when given, vectors are cut to so many leading dimensions and brought back to unit length.
    """

    def rank(queries: Sequence[str], documents: Sequence[str], k: int) -> Positions:
        left, right = shortened((asking or encode)(queries), dimension), shortened(encode(documents), dimension)
        return _ranked(lambda rows: left[rows] @ right.T, (len(queries), len(documents)), k)

    return rank


def shortened(full: Matrix, dimension: int | None) -> Matrix:
    """The vectors cut to `dimension` leading dimensions, at length 1; as they are for None or all their dimensions.

    >>> shortened(np.array([[3, 0, 4], [0, 0, 1]], dtype=np.float32), 2).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    if dimension is None or dimension >= full.shape[1]:
        return full
    cut = full[:, :dimension]
    lengths = np.linalg.norm(cut, axis=1, keepdims=True)
    return np.asarray(cut / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def bm25(queries: Sequence[str], documents: Sequence[str], k: int) -> Positions:
    """BM25 over lower-cased words as Lucene has it, k1 = 1.2 and b = 0.75; no stemming, no stop words.

    A word's weight is ln(1 + (n - df + 0.5) / (df + 0.5)) (Robertson and Zaragoza 2009, with Lucene's 1 +).
    """
    counter = CountVectorizer(token_pattern=_WORD, dtype=np.float32)
    counts = csr_matrix(counter.fit_transform(documents))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    holding = counts.getnnz(axis=0)
    weights = np.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
    damping = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()), 1.0))
    rows = np.repeat(np.arange(len(documents)), counts.getnnz(axis=1))
    counts.data = counts.data * (_K1 + 1) / (counts.data + damping[rows])
    return _keywords(csr_matrix(counter.transform(queries)) @ diags(weights), counts, k)


def tfidf(queries: Sequence[str], documents: Sequence[str], k: int) -> Positions:
    """Cosine of TF-IDF over lower-cased words, sublinear counts, fitted on the documents."""
    return _tfidf(TfidfVectorizer(token_pattern=_WORD, sublinear_tf=True, dtype=np.float32), queries, documents, k)


def tfidf_chars(queries: Sequence[str], documents: Sequence[str], k: int) -> Positions:
    """Cosine of TF-IDF over runs of three and four characters within words, fitted on the documents."""
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32)
    return _tfidf(runs, queries, documents, k)


def _tfidf(vectorizer: TfidfVectorizer, queries: Sequence[str], documents: Sequence[str], k: int) -> Positions:
    right = csr_matrix(vectorizer.fit_transform(documents))
    return _keywords(csr_matrix(vectorizer.transform(queries)), right, k)


def _keywords(left: csr_matrix, right: csr_matrix, k: int) -> Positions:
    columns = right.T.tocsr()
    shape = (left.shape[0], right.shape[0])
    return _ranked(lambda rows: (left[rows] @ columns).toarray(), shape, k, above=0.0)


def _ranked(scores: Callable[[slice], Matrix], shape: tuple[int, int], k: int, above: float | None = None) -> Positions:
    """The best `k` of each row; -1 where the score is not more than `above`."""
    n_queries, n_documents = shape
    block = max(1, _BLOCK_SCORES // max(1, n_documents))
    best = np.empty((n_queries, min(k, n_documents)), dtype=np.int64)
    for start in range(0, n_queries, block):
        rows = slice(start, start + block)
        for row, given in enumerate(np.round(scores(rows), _DECIMALS), start=start):
            best[row] = _top(given, k)
            if above is not None:
                best[row, given[best[row]] <= above] = -1
    return best


def _top(scores: Matrix, k: int) -> Positions:
    """Positions of the `k` highest scores, equal ones by position."""
    k = min(k, len(scores))
    last = np.partition(scores, len(scores) - k)[len(scores) - k]
    reached = np.flatnonzero(scores >= last)
    return reached[np.argsort(-scores[reached], kind="stable")[:k]]
