"""Kernel: inner products of many pairs in low precision, with a bound on how wrong they are.

Products come as *keys*: their bits read as signed integers, which order as positive floats do and put every negative
float below zero. Integers are compared 32 or 16 at a time. A bound is a limit on the key below which a pair cannot be
among the k best, whatever rounding did.
"""

import ctypes
from dataclasses import dataclass
from typing import Any, Literal, cast

import faiss
import numpy as np
import numpy.typing as npt
import torch
from threadpoolctl import threadpool_limits

Name = Literal["bfloat16", "float32"]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Keys = npt.NDArray[np.signedinteger[Any]]  # int16 of bfloat16, int32 of float32

DECIMALS = 6  # of a published similarity; scores that agree to here are equal, and the posting id decides
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 1 << 28  # of mallopt(3)
_SUM_UNIT = 2.0**-24  # float32's unit roundoff: products of both precisions are added in float32


@dataclass(frozen=True)
class Precision:
    """How the first pass rounds."""

    name: Name
    key: type[np.signedinteger[Any]]
    unit: float  # unit roundoff of inputs and results

    @property
    def lowest(self) -> int:
        """The key that every product reaches; only a negative zero has it."""
        return int(np.iinfo(self.key).min)

    def encode(self, vectors: Floats) -> Keys:
        """The vectors' components in this precision, to nearest, as keys; same shape."""
        if self.name == "float32":
            return np.ascontiguousarray(vectors, dtype=np.float32).view(np.int32)
        return cast(Keys, torch.from_numpy(np.array(vectors, np.float32)).bfloat16().view(torch.int16).numpy())

    def decode(self, keys: Keys) -> Doubles:
        """The numbers that the keys stand for, exactly."""
        floats = keys.view(np.float32) if self.name == "float32" else (keys.astype(np.int32) << 16).view(np.float32)
        return floats.astype(np.float64)

    def products(self, rows: Keys, queries: Keys, out: Keys) -> None:
        """`out` [n, m] holds the keys of the inner products of `rows` [n, d] and `queries` [m, d]."""
        if self.name == "float32":
            np.matmul(rows.view(np.float32), queries.view(np.float32).T, out=out.view(np.float32))
        else:
            left, right, into = (torch.from_numpy(keys).view(torch.bfloat16) for keys in (rows, queries, out))
            torch.mm(left, right.T, out=into)

    def loss(self, vectors: Floats) -> Doubles:
        """Length of what encoding takes from each vector; [n]."""
        exact = vectors.astype(np.float64)
        return cast(Doubles, np.linalg.norm(exact - self.decode(self.encode(vectors)).reshape(exact.shape), axis=1))

    def limits(self, kth: Keys, error: Doubles) -> Keys:
        """Keys under which no pair can be among the k best or equal the k-th; `lowest` where every pair can.

        The k-th product was rounded from no less than halfway to the key below it, and rounding keeps order.

        Args:
            kth: key of the k-th best product so far of each query.
            error: most by which a product is wrong before it is rounded to this precision, see `bounds`.
        """
        low = (self.decode(kth) + self.decode(np.maximum(kth, 1) - self.key(1))) / 2 - 2 * error - 10.0**-DECIMALS
        keys = self.encode(np.nextafter(low.astype(np.float32), np.float32(-1)))
        return np.where((low > 0) & (kth > 0), keys, self.lowest).astype(self.key)


FLOAT32 = Precision("float32", np.int32, _SUM_UNIT)
BFLOAT16 = Precision("bfloat16", np.int16, 2.0**-8)


def padded(count: int, least: int = 32) -> int:
    """The size at which a product of so many rows or queries is made: a power of two, or one and a half of one.

    There must be few sizes: torch compiles a kernel for each new pair of them, which takes 2 ms and most of a megabyte.

    >>> padded(1), padded(33), padded(50), padded(1025), padded(40, least=128)
    (32, 48, 64, 1536, 128)
    """
    size = least
    while size < count:
        size = size * 3 // 2 if size & (size - 1) == 0 else size // 3 * 4
    return size


def bounds(dimension: int, *, query: Doubles, query_loss: Doubles, row: float, row_loss: float) -> Doubles:
    """Most by which the exact inner product differs from its product before that is rounded to the precision; [m].

    |q.p - q'.p'| <= |q||p - p'| + |q - q'||p'| (Cauchy and Schwarz), and adding d products in float32 in any order
    costs at most d units of |q'||p'| (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).

    Args:
        dimension: d.
        query: lengths of the queries, [m].
        query_loss: see `Precision.loss`, [m].
        row: length of the longest row.
        row_loss: the greatest of the rows.
    """
    summed = 1.01 * dimension * _SUM_UNIT * (query + query_loss) * (row + row_loss)
    return query * row_loss + query_loss * (row + row_loss) + summed


def chosen(name: Literal["auto"] | Name) -> Precision:
    """The precision of this name; `auto` is bfloat16 where the processor multiplies it, float32 elsewhere."""
    if name == "auto":
        able = torch.cpu.get_capabilities()
        name = "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"
    return BFLOAT16 if name == "bfloat16" else FLOAT32


def prepare_worker() -> None:
    """This process multiplies on one thread, as the cores are Spark's to share, and keeps the memory that it frees.

    By default glibc gives arrays of a megabyte back to the system at once, and the page faults of the next ones take a
    fifth of the search.
    """
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    threadpool_limits(1)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for parameter in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            libc.mallopt(parameter, _KEPT_BYTES)


def exact_similarity(query: Doubles, rows: Floats) -> Doubles:
    """Inner products of a query with rows, rounded to `DECIMALS`; a pair's value depends on the pair alone.

    Products of two float32 are exact in float64, and numpy adds a row of fixed length in a fixed order.

    Args:
        query: [d], numbers that float32 can hold.
        rows: float32 [n, d].
    """
    return cast(Doubles, np.round(np.einsum("ij,j->i", rows.astype(np.float64), query), DECIMALS))
