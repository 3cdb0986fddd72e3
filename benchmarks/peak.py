"""Kernel: the most multiplications and additions a second that matrix products reach on this machine.

python -m benchmarks.peak float32 2
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

_SIZE = 2048  # of the square matrices
_WINDOW_S = 1.0
_WINDOWS = 3  # of which the best counts
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def peak_of(precision: str, threads: int) -> float:
    """Operations a second of `threads` products at once, each on a thread, whatever kernel the environment names.

    Args:
        precision: `float32` by numpy, `bfloat16` by torch.
        threads: how many cores there are.
    """
    free = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    command = [sys.executable, "-m", "benchmarks.peak", precision, str(threads)]
    return float(subprocess.run(command, env=free | _ONE_THREAD, capture_output=True, text=True, check=True).stdout)


def main(argv: Sequence[str]) -> int:
    """Exit code, the peak having been printed; the environment holds products to one thread each."""
    precision, threads = argv[0], int(argv[1])
    product = {"float32": _numpy, "bfloat16": _torch}[precision]()
    product()
    with ThreadPoolExecutor(threads) as pool:
        rates = [sum(pool.map(_rate, [product] * threads)) for _ in range(_WINDOWS)]
    sys.stdout.write(f"{max(rates)}\n")
    return 0


def _rate(product: Callable[[], object]) -> float:
    started, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - started) < _WINDOW_S or not done:
        product()
        done += 1
    return 2 * _SIZE**3 * done / passed


def _numpy() -> Callable[[], object]:
    import numpy as np

    matrix = np.ones((_SIZE, _SIZE), np.float32)
    return lambda: matrix @ matrix


def _torch() -> Callable[[], object]:
    import torch

    matrix = torch.ones((_SIZE, _SIZE), dtype=torch.bfloat16)
    return lambda: torch.mm(matrix, matrix)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
