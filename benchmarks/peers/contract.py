"""Kernel: what an engine's script is asked, what it measures, and the line of JSON that it ends with.

Only numpy besides the standard library: it runs in the environments of other engines.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from benchmarks.peers.arrays import Queries, Workload, read
from benchmarks.peers.quality import Rows, recall_of, short_share_of, violations_of

Kind = Literal["unfiltered", "rules"]

IN_MEMORY = "one process, arrays in memory, nothing written"  # how engines without tables begin their notes

_WARM = 500  # members searched before the clock starts


@dataclass(frozen=True)
class Result:
    """What one engine did with one workload; None is unknown."""

    engine: str
    workload: Kind
    members: int | None = None
    postings: int | None = None
    k: int | None = None
    threads: int | None = None
    members_per_s: float | None = None
    pairs_per_s: float | None = None  # of a member and a posting that it may take
    recall: float | None = None
    short_share: float | None = None  # of members, those that got fewer than the truth has
    violations: int | None = None
    private_mib_per_worker: float | None = None
    build_s: float | None = None
    bytes_read: int | None = None
    share_of_peak: float | None = None  # of the matrix products that the machine reaches in that precision
    note: str = ""


Measure = Callable[[Workload], Result]


def run(doc: str | None, engines: Mapping[str, tuple[Measure, bool]], *, largest: tuple[int, int] | None = None) -> int:
    """Exit code of a script whose engines search arrays.

    Args:
        doc: what the script says of itself.
        engines: by name, what measures it and whether the rules hold.
        largest: the most members and postings that the engines survive.
    """

    def measured(measure: Measure, rules: bool, asked: argparse.Namespace) -> Result:
        return measure(read(asked, rules=rules, largest=largest))

    return report(doc, {name: partial(measured, *engine) for name, engine in engines.items()})


def report(doc: str | None, engines: Mapping[str, Callable[[argparse.Namespace], Result]]) -> int:
    """Exit code of a script; its last line of output is the results of the engines asked for."""
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--k", type=int, default=100)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--limit-members", type=int, help="all of them by default")
    arguments.add_argument("--recall", type=float, default=0.99, help="what engines that can be tuned are tuned to")
    arguments.add_argument("--engine", nargs="+", choices=list(engines), default=list(engines))
    asked = arguments.parse_args()
    results = []
    for name in asked.engine:
        try:
            result = replace(engines[name](asked), engine=name)
        except Exception as error:  # a foreign engine fails in ways of its own; the others' figures must survive it
            told = " ".join(str(error).split())[:300]
            result = Result(name, "unfiltered", note=f"failed: {type(error).__name__}: {told}")
        results.append(asdict(result))
    sys.stdout.write(f"\n{json.dumps(results)}\n")
    return 0


def timed(search: Callable[[Queries], Rows], workload: Workload, *, warm: int = _WARM) -> tuple[Rows, float]:
    """Posting rows of all members and the seconds that they took, after a smaller search to warm up."""
    search(workload.asked.first(warm))
    started = time.perf_counter()
    found = search(workload.asked)
    return found, time.perf_counter() - started


def judged(
    workload: Workload, found: Rows, seconds: float, *, build_s: float, note: str, private_mib: float | None = None
) -> Result:
    """The result of one engine."""
    asked, eligible = workload.asked, workload.eligible
    broken = 0 if asked.cohorts is None or eligible is None else violations_of(found, asked.cohorts, eligible)
    return Result(
        engine="",
        workload="rules" if workload.rules else "unfiltered",
        members=len(found),
        postings=len(workload.postings),
        k=workload.k,
        threads=workload.threads,
        members_per_s=len(found) / seconds,
        recall=recall_of(found, asked.truth),
        short_share=short_share_of(found, asked.truth),
        violations=broken,
        private_mib_per_worker=private_mib,
        build_s=build_s,
        note=note,
    )


def as_text(**settings: Any) -> str:  # noqa: ANN401
    """Settings in a note, `nprobe 8, k_factor 2`."""
    return ", ".join(f"{name} {value}" for name, value in settings.items())
