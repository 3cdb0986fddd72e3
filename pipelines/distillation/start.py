"""Kernel: what the student's tokens mean before any training."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipelines.teaching.teacher import Encoder

Matrix = npt.NDArray[np.float32]

_RIDGE = 1e-4  # of the mean squared feature; 1e-3 and 1e-5 give the same held-out fidelity


def rotation(vectors: Matrix, dimension: int) -> Matrix:
    """float32 [d, dimension], orthonormal columns: the directions that hold most of `vectors`, first one first.

    The vectors are not centred, so that products with the rotation keep dot products as well as any `dimension`
    directions can (Eckart and Young).

    Args:
        vectors: float32 [n, d].
        dimension: at most d.

    >>> rotation(np.array([[0, 2, 0], [1, 0, 0], [0, 3, 0]], dtype=np.float32), 2).tolist() == [[0, 1], [1, 0], [0, 0]]
    True
    """
    _, directions = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    leading = directions[:, ::-1][:, :dimension]
    largest = np.take_along_axis(leading, np.abs(leading).argmax(axis=0)[None], axis=0)
    return np.asarray(leading * np.sign(largest), dtype=np.float32)


def token_features(teacher: Encoder, progress: Callable[[str], None]) -> Matrix:
    """float32 [n_tokens, width + d], of each token id the teacher's input vector and the teacher's vector of its word.

    Both parts are centred and have a standard deviation of 1. Together they map to text vectors better than either:
    held-out cosine 0.89 against 0.82 and 0.87 (20,000 job titles and tasks).
    """
    tokenizer = teacher.tokenizer
    spellings = {i: token.removeprefix("##") for token, i in tokenizer.get_vocab(with_added_tokens=True).items()}
    n_tokens = max(spellings) + 1
    words, inverse = np.unique([spellings.get(i, "") for i in range(n_tokens)], return_inverse=True)
    encoded = teacher.encode(words.tolist(), progress)[inverse]
    return np.concatenate([_standardised(teacher.token_table), _standardised(encoded)], axis=1)


def least_squares(features: Matrix, targets: Matrix) -> Matrix:
    """float32 [width, dimension], the map from mean token features to the teacher's text vectors, slightly damped.

    Args:
        features: float32 [n_texts, width], the mean features of each text's tokens.
        targets: float32 [n_texts, dimension].
    """
    wide = features.astype(np.float64)
    squares = wide.T @ wide
    squares += _RIDGE * np.trace(squares) / len(squares) * np.eye(len(squares))
    return np.linalg.solve(squares, wide.T @ targets).astype(np.float32)


def unit(vectors: Matrix) -> Matrix:
    """The vectors at length 1; a zero vector stays zero.

    >>> unit(np.array([[0, 4], [0, 0]], dtype=np.float32)).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _standardised(table: Matrix) -> Matrix:
    if table.shape[1] == 0:
        return table
    centred = table - table.mean(axis=0)
    return np.asarray(centred / max(float(centred.std()), 1e-12), dtype=np.float32)
