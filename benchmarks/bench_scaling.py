"""How our own search grows, and what it finds where little is eligible.

    python -m benchmarks.bench_scaling --members 50000 --postings 50000

Results go to var/bench/scaling.json, an object per figure; with `--publish` also to the page
docs/retrieval-benchmark.md.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from rich.table import Table as Grid

from benchmarks.bench_retrieval import BENCH, console, tell
from benchmarks.grids import FIGURE_COLUMNS, figure_cells
from benchmarks.growth import GROWN, growth
from benchmarks.machine import machine_facts
from benchmarks.page import publish
from benchmarks.race import PROJECT, Race
from benchmarks.shares import shares
from benchmarks.small_groups import small_groups
from benchmarks.stored import store
from benchmarks.truth import draw_rules, write_truth
from benchmarks.workload import make_workload

THREADS = 2


def prepared(members: int, postings: int, k: int) -> Race:
    """A race over a workload of this size."""
    folder = BENCH / f"{members}x{postings}"
    make_workload(folder, members=members, postings=postings, processes=THREADS)
    write_truth(folder, draw_rules(members, postings, seed=7), k=k)
    return Race(folder, k, THREADS)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--postings", type=int, default=50_000)
    parser.add_argument("--k", type=int, default=100, help="postings wanted for a member")
    parser.add_argument("--rounds", type=int, default=3, help="of which the middle one counts")
    parser.add_argument("--publish", action="store_true", help="write the page of the documentation")
    asked = parser.parse_args(argv)
    base, double, grown = (
        prepared(asked.members * more, asked.postings * many, asked.k) for more, many in ((1, 1), (2, 1), (1, GROWN))
    )
    vectors = [np.load(grown.folder / f"{name}.npy", mmap_mode="r") for name in ("members", "postings")]
    figures = [
        *growth(base, double, grown, asked.rounds, tell),
        *shares(base, tell),
        *small_groups(*vectors),  # from here on this process multiplies on one thread
    ]
    rows = [asdict(figure) for figure in figures]
    target = store(BENCH, "scaling", rows, machine_facts(os.environ, {}))
    grid = Grid(*FIGURE_COLUMNS, title="scaling")
    for row in rows:
        grid.add_row(*figure_cells(row))
    console.print(grid)
    console.print(f"results in {target.relative_to(PROJECT)}")
    if asked.publish:
        console.print(f"written {publish(BENCH, PROJECT / 'docs').relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
