"""Kernel: what a benchmark ran on."""

import datetime
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
_PACKAGES = ("numpy", "torch", "faiss-cpu", "pyspark", "pyarrow")


def cpu_flags(cpuinfo: str) -> list[str]:
    r"""Those instruction sets of Linux's description of a processor that decide how fast it multiplies.

    >>> cpu_flags("model name : x\nflags : fpu avx512f avx2 avx512_bf16")
    ['avx2', 'avx512f', 'avx512_bf16']
    """
    told = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "").split()
    return [flag for flag in _FLAGS if flag in told]


def read_cpuinfo() -> str:
    """Linux's description of the processor; empty elsewhere."""
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def machine_facts(environ: Mapping[str, str], peaks: Mapping[str, float]) -> dict[str, str]:
    """Processor, libraries and date, in words.

    Args:
        environ: what engines run in.
        peaks: operations a second by precision.
    """
    cpuinfo = read_cpuinfo()
    model = next((line.split(":")[1].strip() for line in cpuinfo.splitlines() if line.startswith("model name")), "?")
    command = [sys.executable, "-m", "benchmarks.blas", "numpy", "faiss"]
    kernels = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=True).stdout.splitlines()
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "instructions": " ".join(cpu_flags(cpuinfo)),
        "OPENBLAS_CORETYPE": environ.get("OPENBLAS_CORETYPE", "not set"),
        "OpenBLAS": f"numpy {kernels[0]}, faiss {kernels[1]}",
        "peak": ", ".join(f"{name} {rate / 1e9:,.0f} GFLOP/s" for name, rate in peaks.items()) or "not measured",
        "versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }
