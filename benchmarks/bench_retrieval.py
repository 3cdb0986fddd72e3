"""Our search and its peers on the same arrays, each in a process of its own, in one run.

    python -m benchmarks.bench_retrieval --members 50000 --postings 100000

Results go to var/bench/retrieval.json, an object per engine and workload; with `--publish` also to the page
docs/retrieval-benchmark.md.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.grids import ENGINE_COLUMNS, engine_cells, fastest_first
from benchmarks.lineup import lineup
from benchmarks.machine import cpu_flags, machine_facts, read_cpuinfo
from benchmarks.page import publish
from benchmarks.peak import peak_of
from benchmarks.peers.contract import Result
from benchmarks.race import PROJECT, Race, eligible_postings, raced, with_rates
from benchmarks.stored import store
from benchmarks.truth import draw_rules, write_truth
from benchmarks.workload import make_workload
from pipelines.retrieval.precision import chosen

BENCH = PROJECT / "var" / "bench"

console = Console(width=200)


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default, told in (
        ("members", 50_000, "that our engines search for"),
        ("postings", 100_000, "that all engines search"),
        ("peer-members", 20_000, "that peers search for"),
        ("slow-members", 500, "that slow peers search for"),
        ("threads", 2, "tasks at once, or threads of a process"),
        ("k", 100, "postings wanted for a member"),
        ("rounds", 3, "in which ours and the exact scans of FAISS take turns"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=told)
    parser.add_argument("--recall", type=float, default=0.99, help="what engines with settings are tuned to")
    parser.add_argument("--timeout-s", type=float, default=1200, help="after which an engine has failed")
    parser.add_argument("--only", nargs="*", default=[], help="words of the engines to measure; all by default")
    parser.add_argument("--coretype", help="OPENBLAS_CORETYPE of all engines; the environment's by default")
    parser.add_argument("--publish", action="store_true", help="write the page of the documentation")
    return parser


def tell(result: Result) -> None:
    """A line on what has just ended."""
    rate = f"{result.members_per_s:,.0f} members/s" if result.members_per_s else ""
    console.print(f"{result.engine}, {result.workload}: {rate} {result.note}", highlight=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    asked = arguments().parse_args(argv)
    folder = BENCH / f"{asked.members}x{asked.postings}"
    make_workload(folder, members=asked.members, postings=asked.postings, processes=asked.threads)
    write_truth(folder, draw_rules(asked.members, asked.postings, seed=7), k=asked.k)
    avx512 = "avx512f" in cpu_flags(read_cpuinfo())
    everybody = lineup(members=asked.peer_members, slow_members=asked.slow_members, avx512=avx512)
    entrants = [one for one in everybody if not asked.only or any(word in one.label for word in asked.only)]
    environment = {"OPENBLAS_CORETYPE": asked.coretype} if asked.coretype else {}
    race = Race(folder, asked.k, asked.threads, asked.recall, asked.timeout_s, environment)
    results = raced(entrants, race, asked.rounds, tell)
    peaks: dict[str, float] = {name: peak_of(name, asked.threads) for name in ("float32", chosen("auto").name)}
    eligible, dimension = eligible_postings(folder), np.load(folder / "postings.npy", mmap_mode="r").shape[1]
    rows = [
        asdict(with_rates(result, entrant, eligible, dimension, peaks))
        for result, entrant in zip(results, entrants, strict=True)
    ]
    target = store(BENCH, "retrieval", rows, machine_facts(race.environ, peaks))
    for workload in ("unfiltered", "rules"):
        grid = Grid(*ENGINE_COLUMNS, title=workload)
        for row in fastest_first(rows, workload):
            grid.add_row(*engine_cells(row))
        console.print(grid)
    console.print(f"results in {target.relative_to(PROJECT)}")
    if asked.publish:
        console.print(f"written {publish(BENCH, PROJECT / 'docs').relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
