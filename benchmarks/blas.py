"""Kernel: which routines OpenBLAS took for this processor.

It takes those that the variable OPENBLAS_CORETYPE names, or chooses as it is loaded; an old one does not know a new
processor.

python -m benchmarks.blas numpy faiss
"""

import importlib
import sys

from threadpoolctl import threadpool_info


def blas_of(package: str) -> str:
    """Version and core type of the OpenBLAS that a package brings along: `0.3.15 Haswell`."""
    importlib.import_module(package)
    told = [one for one in threadpool_info() if one["user_api"] == "blas" and package in one["filepath"]]
    return " ".join(f"{one['version']} {one.get('architecture', 'unknown')}" for one in told) or "unknown"


if __name__ == "__main__":
    sys.stdout.write("".join(f"{blas_of(package)}\n" for package in sys.argv[1:]))
