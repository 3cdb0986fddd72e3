"""Constants of the capacity planner from whole nights of the generated sample, and how far it predicts others.

    python -m benchmarks.bench_capacity --sizes 5000 20000 80000

Every night runs in a storage root of its own, with saved searches and with postings that search for members. Nights of
as many members as postings at each size; at the middle size also one on one core, one with few members and one with few
postings, with more saved searches; at each size but the largest a second night, for which some texts have changed.
The constants are fitted to all of them. The check of a size predicts its night by constants fitted to the nights that
have neither so many members nor so many postings. Results go to var/bench/capacity.json; with `--publish` the
constants also to the planner, and tables to docs/scale.md.
"""

import argparse
import datetime
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

from benchmarks.costs import MEMBERS
from benchmarks.finished import Ran, costs, measured_night, memory, row_bytes
from benchmarks.machine import machine_facts
from benchmarks.nights import FIRST, PROJECT, SECOND, Shape, change_sample, make_sample, run_night
from benchmarks.scale_page import check_grid, publish
from benchmarks.workload import make_workload
from pipelines.planning.constants import Constants, Memory, RowBytes, as_toml
from pipelines.planning.fit import Check, MeasuredNight, check_size, fit
from pipelines.retrieval import groups

FEW, MANY = 0.1, 0.5  # saved searches for each member
EVERYTHING = "searches_per_member = {searches}\n\n[retrieval]\nmembers_per_posting = 100\n"
FAST_SHARE = 0.08  # provisional, until the fast search is measured on a night of millions of postings
BENCH = PROJECT / "var" / "bench"
TARGET = BENCH / "capacity.json"
CONSTANTS = PROJECT / "pipelines" / "planning" / "constants.toml"

console = Console(width=160)


@dataclass(frozen=True)
class Measured:
    """What was measured; enough to fit again without another night."""

    machine: dict[str, str]
    sizes: list[int]
    nights: list[MeasuredNight]
    known: Mapping[str, Mapping[str, float]]
    row_bytes: RowBytes
    memory: Memory

    @property
    def constants(self) -> Constants:
        """Fitted to all nights."""
        facts = self.machine
        return Constants(
            machine=f"{facts['processor']}, {facts['cores']} cores, {facts['memory']}, {facts['instructions']}",
            measured_on=datetime.date.fromisoformat(facts["date"]),
            nights=tuple(night.name for night in self.nights),
            copied_per_product=groups._COPY / groups._PRODUCT,
            fast_share=FAST_SHARE,
            stages=fit(self.nights, self.known),
            row_bytes=self.row_bytes,
            memory=self.memory,
        )

    @property
    def checks(self) -> list[Check]:
        """A check of each size."""
        return [check for size in self.sizes for check in check_size(size, self.nights, self.known)]


def measure(asked: argparse.Namespace) -> Measured:
    """Nights of these sizes, one after the other, and what finished ones tell."""
    sizes, folder = asked.sizes, BENCH / "capacity"
    shutil.rmtree(folder, ignore_errors=True)
    small, middle = min(sizes), sorted(sizes)[len(sizes) // 2]
    square = [Shape(size, size) for size in sizes]
    shapes = [*square, Shape(middle, middle, cores=1), Shape(small, middle), Shape(middle, small)]
    rans = []
    for shape in shapes:
        place = folder / f"{shape.members}x{shape.postings}-{shape.cores}"
        make_sample(place, shape, EVERYTHING.format(searches=FEW if shape in square else MANY))
        rans.append(ran(place, FIRST, shape))
        if shape in square and shape.members < max(sizes):
            change_sample(place, asked.changed_share)
            rans.append(ran(place, SECOND, shape))
    vectors = make_workload(
        BENCH / f"{MEMBERS}x{asked.search_postings}", members=MEMBERS, postings=asked.search_postings, processes=2
    )
    nights = [measured_night(one) for one in rans]
    largest = max(range(len(sizes)), key=lambda place: sizes[place])
    first = [place for place, one in enumerate(rans) if one.run_date == FIRST and one.shape.cores > 1]
    biggest = next(one for one in rans if one.shape == square[largest])
    return Measured(
        machine_facts(os.environ, {}),
        list(sizes),
        nights,
        costs(biggest, vectors, folder / "scratch"),
        row_bytes(biggest, nights[rans.index(biggest)]),
        memory([rans[place] for place in first], [nights[place] for place in first]),
    )


def ran(folder: Path, run_date: str, shape: Shape) -> Ran:
    """A night, run now."""
    one = Ran(folder, run_date, shape, run_night(folder, run_date))
    console.print(f"{one.name}: {sum(one.took.seconds.values()):,.0f} s")
    return one


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 80_000])
    arguments.add_argument("--changed-share", type=float, default=0.05, help="of the texts, in a second night")
    arguments.add_argument("--search-postings", type=int, default=200_000, help="that the bare search is measured on")
    arguments.add_argument("--again", action="store_true", help="fit and check what was measured before")
    arguments.add_argument("--publish", action="store_true", help="write the planner's constants and its page")
    asked = arguments.parse_args(argv)
    stored = TypeAdapter(Measured)
    if not asked.again:
        measured = measure(asked)
        TARGET.write_bytes(stored.dump_json(measured, indent=2))
    measured = stored.validate_json(TARGET.read_bytes())
    constants, checks = measured.constants, measured.checks
    console.print(check_grid(checks))
    if asked.publish:
        CONSTANTS.write_text(as_toml(constants), encoding="utf-8")
        publish(PROJECT / "docs" / "scale.md", constants, checks)
    return 0


if __name__ == "__main__":
    sys.exit(main())
